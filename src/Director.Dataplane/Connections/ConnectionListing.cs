using System.Net;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>Connections as <c>ipvsadm -Lc</c> shows them, read from the shared memory by another thread than the packets'.</summary>
public static class ConnectionListing
{
    /// <summary>
    /// Fills <paramref name="entries"/> from record <paramref name="cursor"/> on (0 at the start) and returns how many there were;
    /// the cursor is 0 again after the last.
    /// </summary>
    public static int Read(ConnectionTable table, ref uint cursor, Span<ConnectionEntry> entries, uint now)
    {
        int count = 0;
        uint number = Math.Max(cursor, 1);
        for (; number <= table.Capacity && count < entries.Length; number++)
        {
            if (table.TryRead(number, out ConnectionRecord connection))
                entries[count++] = Entry(table, connection, now);
        }
        cursor = number <= table.Capacity ? number : 0;
        return count;
    }

    private static ConnectionEntry Entry(ConnectionTable table, in ConnectionRecord connection, uint now) => new(
        (TransportProtocol)connection.Protocol,
        table.RemainingSeconds(connection, now),
        ConnectionStates.Name(connection.State),
        Dotted(connection.ClientAddress),
        connection.ClientPort,
        Dotted(connection.VirtualAddress),
        connection.VirtualPort,
        Dotted(table.Servers[connection.ServerSlot].Address),
        connection.ServerPort);

    private static IPAddress Dotted(uint address) => new([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
}
