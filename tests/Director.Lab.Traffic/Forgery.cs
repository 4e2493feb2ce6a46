using System.Buffers.Binary;
using System.Net;

namespace Director.Lab.Traffic;

/// <summary>A host that means harm: claims an address that is another's, or says again what it heard.</summary>
internal static class Forgery
{
    private const int PcapHeader = 24;
    private const int PcapRecordHeader = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    // Locally administered; nobody's in the lab.
    private static readonly byte[] Mac = [0x02, 0xBA, 0xD0, 0xBA, 0xD0, 0x01];

    /// <summary>Gratuitous ARP (RFC 5227 section 3) for <paramref name="address"/>, request and reply in turn.</summary>
    public static async Task ClaimAsync(string device, IPAddress address, int frames)
    {
        using PacketSocket socket = new(device);
        byte[] ip = address.GetAddressBytes();
        for (int i = 0; i < frames; i++)
        {
            byte operation = (byte)(1 + (i % 2));
            socket.Send([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. Mac, 0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, operation, .. Mac, .. ip, 0, 0, 0, 0, 0, 0, .. ip]);
            await Task.Delay(Interval);
        }
    }

    /// <summary>The frames of a capture (pcap of a little-endian machine), over and over until stopped.</summary>
    public static async Task ReplayAsync(string device, string file, CancellationToken stop)
    {
        using PacketSocket socket = new(device);
        List<byte[]> frames = [.. Frames(await File.ReadAllBytesAsync(file, stop))];
        Console.WriteLine($"replaying {frames.Count} frames");
        long sent = 0;
        while (!stop.IsCancellationRequested)
        {
            socket.Send(frames[(int)(sent++ % frames.Count)]);
            await Task.Delay(Interval, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        Console.WriteLine($"{{\"sent\":{sent}}}");
    }

    private static IEnumerable<byte[]> Frames(byte[] pcap)
    {
        for (int at = PcapHeader; at + PcapRecordHeader <= pcap.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(pcap.AsSpan(at + 8));
            at += PcapRecordHeader;
            if (at + length <= pcap.Length)
                yield return pcap[at..(at + length)];
            at += length;
        }
    }
}
