using System.Text;
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
            if (table.TryRead(number, out ConnectionRecord record, out RecordExtension extension))
                entries[count++] = Entry(table, new Connection(number, ref record, ref extension), now);
        }
        cursor = number <= table.Capacity ? number : 0;
        return count;
    }

    private static ConnectionEntry Entry(ConnectionTable table, in Connection connection, uint now) => new(
        (TransportProtocol)connection.Record.Protocol,
        table.RemainingSeconds(connection.Record, now),
        ConnectionStates.Name(connection.Record.State),
        connection.Client.ToIPAddress(),
        connection.Record.ClientPort,
        connection.Virtual.ToIPAddress(),
        connection.Record.VirtualPort,
        table.Servers[connection.Record.ServerSlot].Address.ToIPAddress(),
        connection.Record.ServerPort,
        (connection.Record.Flags & ConnectionFlags.PersistenceData) != 0 ? "sip" : null,
        (connection.Record.Flags & ConnectionFlags.PersistenceData) != 0 ? Encoding.ASCII.GetString(table.Templates.DataOf(connection.Number)) : null);
}
