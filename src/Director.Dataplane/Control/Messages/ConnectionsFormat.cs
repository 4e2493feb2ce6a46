using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>One chunk of the connection listing, and where the next one begins (0: there is none).</summary>
public static class ConnectionsFormat
{
    /// <summary>Most entries in a chunk: some 70 KB, well within the socket's buffer.</summary>
    public const int ChunkSize = 1024;

    private const int Smallest = 30;

    public static void Write(FrameWriter writer, uint next, ReadOnlySpan<ConnectionEntry> entries)
    {
        writer.UInt32(next);
        writer.Count(entries.Length);
        foreach (ConnectionEntry entry in entries)
            WriteEntry(writer, entry);
    }

    public static (uint Next, ConnectionEntry[] Entries) Read(ref FrameReader reader) =>
        (reader.UInt32(), reader.Array(Smallest, ReadEntry));

    private static void WriteEntry(FrameWriter writer, ConnectionEntry entry)
    {
        writer.Byte((byte)entry.Protocol);
        writer.UInt32(entry.Expires);
        writer.Text(entry.State);
        writer.Address(entry.Client);
        writer.UInt16(entry.ClientPort);
        writer.Address(entry.Virtual);
        writer.UInt16(entry.VirtualPort);
        writer.Address(entry.Server);
        writer.UInt16(entry.ServerPort);
        writer.OptionalText(entry.PersistenceEngine);
        writer.OptionalText(entry.PersistenceData);
    }

    private static ConnectionEntry ReadEntry(ref FrameReader reader) => new(
        ServiceFormat.ReadProtocol(ref reader), reader.UInt32(), reader.Text(),
        reader.Address(), reader.UInt16(), reader.Address(), reader.UInt16(), reader.Address(), reader.UInt16(),
        reader.OptionalText(), reader.OptionalText());
}
