using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// What the kernel's director (Linux 6.1) was seen to receive and send in one scenario, at both of its interfaces. The
/// archive holds one capture for each scenario and interface; times in them say nothing but the order within a capture.
/// </summary>
internal static class Recording
{
    private static readonly Dictionary<string, byte[][]> Plain = Load("packets.tar.gz");
    private static readonly Dictionary<string, byte[][]> Tunnelled = Load("packets-tunnels.tar.gz");

    public static IEnumerable<string> Names => NamesIn(Plain);

    /// <summary>Of those with tunnelling.</summary>
    public static IEnumerable<string> TunnelNames => NamesIn(Tunnelled);

    /// <summary>Ethernet frames in order; by interface: <see cref="Bench.Client"/>, <see cref="Bench.ServerSide"/>.</summary>
    public static byte[][][] Of(string scenario) =>
        [[.. Capture($"{scenario}__director-c0").Select(AsItCame)], Capture($"{scenario}__director-r0")];

    private static byte[][] Capture(string name) => Plain.TryGetValue(name, out byte[][]? frames) ? frames : Tunnelled[name];

    private static IEnumerable<string> NamesIn(Dictionary<string, byte[][]> captures) => captures.Keys.Select(name => name.Split("__")[0]).Distinct();

    // A capture shares the packet's memory, and the director rewrote the second of two fragments before it was looked at: the
    // client's side shows it as it left. It came with one hop more, for the VIP.
    private static byte[] AsItCame(byte[] frame)
    {
        if (!EthernetHeader.TryParse(frame, out EthernetHeader ethernet, out _) || ethernet.Source != Bench.ServerSideMac)
            return frame;
        byte[] came = [.. frame];
        _ = EthernetHeader.TryParse(came, out ethernet, out _);
        Assert.True(Ipv4Header.TryParse(ethernet.Payload, out Ipv4Header ip, out _));
        Assert.NotEqual(0, ip.FragmentOffset);
        ethernet.Destination = Bench.ClientSideMac;
        ethernet.Source = Bench.ClientMac;
        ip.ReplaceDestination(Bench.Vip);
        ip.ReplaceTimeToLive((byte)(ip.TimeToLive + 1));
        return came;
    }

    private static Dictionary<string, byte[][]> Load(string archiveName)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", archiveName));
        using GZipStream archive = new(file, CompressionMode.Decompress);
        using TarReader entries = new(archive);
        Dictionary<string, byte[][]> captures = [];
        while (entries.GetNextEntry(copyData: true) is { } entry)
        {
            using MemoryStream content = new();
            entry.DataStream?.CopyTo(content);
            captures.Add(Path.GetFileNameWithoutExtension(entry.Name), [.. Frames(content.ToArray())]);
        }
        return captures;
    }

    // pcap: a header of 24 bytes, then for each frame 16 bytes (seconds, microseconds, bytes captured, bytes sent) and the frame.
    private static IEnumerable<byte[]> Frames(byte[] pcap)
    {
        Assert.Equal(0xA1B2C3D4, BinaryPrimitives.ReadUInt32LittleEndian(pcap));
        for (int at = 24; at < pcap.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(pcap.AsSpan(at + 8));
            Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(pcap.AsSpan(at + 12)));
            yield return pcap[(at + 16)..(at + 16 + length)];
            at += 16 + length;
        }
    }
}
