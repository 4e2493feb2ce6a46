using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>The engine's own state. Whether it is connected, and by which protocol, the other side knows itself.</summary>
public static class StatusFormat
{
    public static void Write(FrameWriter writer, EngineStatus status)
    {
        writer.UInt32((uint)status.ProcessId);
        writer.Text(status.Version);
        writer.UInt64(status.Revision);
        writer.UInt64((ulong)status.UptimeSeconds);
        writer.UInt32(status.Connections);
        writer.UInt32(status.ConnectionLimit);
        writer.Count(status.Interfaces.Length);
        foreach (InterfaceStatus each in status.Interfaces)
            WriteInterface(writer, each);
        WriteCounters(writer, status.Drops);
        WriteCounters(writer, status.Counters);
        WriteTexts(writer, status.OwnedAddresses);
        WriteTexts(writer, status.Warnings);
    }

    public static EngineStatus Read(ref FrameReader reader) => new(
        Connected: true, reader.Int31(), reader.Text(), reader.Version, reader.UInt64(), (long)reader.UInt64(),
        reader.UInt32(), reader.UInt32(),
        reader.Array(35, ReadInterface), ReadCounters(ref reader), ReadCounters(ref reader), ReadTexts(ref reader), ReadTexts(ref reader));

    private static void WriteInterface(FrameWriter writer, InterfaceStatus each)
    {
        writer.Text(each.Name);
        writer.Bool(each.Carrier);
        writer.Text(each.Mac);
        writer.UInt32((uint)each.Mtu);
        writer.Text(each.FastPath);
        writer.UInt64(each.ReceivedPackets);
        writer.UInt64(each.SentPackets);
        writer.UInt64(each.KernelDrops);
    }

    private static InterfaceStatus ReadInterface(ref FrameReader reader) => new(
        reader.Text(), reader.Bool(), reader.Text(), reader.Int31(), reader.Text(), reader.UInt64(), reader.UInt64(), reader.UInt64());

    private static void WriteCounters(FrameWriter writer, Dictionary<string, ulong> counters)
    {
        writer.Count(counters.Count);
        foreach ((string name, ulong value) in counters)
        {
            writer.Text(name);
            writer.UInt64(value);
        }
    }

    private static Dictionary<string, ulong> ReadCounters(ref FrameReader reader)
    {
        int count = reader.Count(10);
        Dictionary<string, ulong> counters = new(count);
        for (int i = 0; i < count && reader.Fault is null; i++)
        {
            string name = reader.Text();
            ulong value = reader.UInt64();
            if (!counters.TryAdd(name, value))
                reader.Break($"counter {name} appears twice");
        }
        return counters;
    }

    private static void WriteTexts(FrameWriter writer, string[] texts)
    {
        writer.Count(texts.Length);
        foreach (string text in texts)
            writer.Text(text);
    }

    private static string[] ReadTexts(ref FrameReader reader) => reader.Array(2, static (ref FrameReader each) => each.Text());
}
