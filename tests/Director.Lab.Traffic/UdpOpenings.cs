using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace Director.Lab.Traffic;

/// <summary>
/// Opens connections at a rate: UDP datagrams, each from a source address and port that no other one has, so that each is a connection
/// of its own to whatever keeps connections. Nobody needs to answer.
/// </summary>
internal sealed class UdpOpenings
{
    private const int Ethernet = 14;
    private const int Ip = 20;
    private const int FrameLength = 60; // the shortest on Ethernet
    private const int MostAtOnce = 256;
    private const int FirstPort = 1024;
    private const int AddressBits = 14;

    // 172.16.0.0: clients behind a router, as most are. A neighbour table would have no room for them.
    private const uint Network = 0xAC10_0000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    /// <param name="device">Where they leave.</param>
    /// <param name="target">Service.</param>
    /// <param name="mac">Whom the frames are for.</param>
    /// <param name="rate">Datagrams a second.</param>
    /// <param name="first">Number of the first connection: each number has its own source.</param>
    /// <param name="count">How many.</param>
    /// <param name="stop">Ends it earlier.</param>
    public static void Run(string device, IPEndPoint target, PhysicalAddress mac, int rate, long first, long count, CancellationToken stop)
    {
        using PacketSocket socket = new(device);
        socket.BypassQueue();
        using PacketBurst burst = new(MostAtOnce, FrameLength);
        byte[] own = PhysicalAddress.Parse(File.ReadAllText($"/sys/class/net/{device}/address").Trim()).GetAddressBytes();
        for (int i = 0; i < MostAtOnce; i++)
            Fill(burst[i], own, mac.GetAddressBytes(), target);
        Console.WriteLine("opening");
        long started = Stopwatch.GetTimestamp();
        long sent = 0;
        while (sent < count && !stop.IsCancellationRequested)
        {
            long due = Math.Min(count, (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * rate));
            while (sent < due)
            {
                int now = (int)Math.Min(due - sent, MostAtOnce);
                for (int i = 0; i < now; i++)
                    SetSource(burst[i], first + sent + i);
                socket.Send(burst, now);
                sent += now;
            }
            Thread.Sleep(Interval);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{{\"sent\":{sent},\"seconds\":{Stopwatch.GetElapsedTime(started).TotalSeconds:F3}}}"));
    }

    private static void Fill(Span<byte> frame, byte[] from, byte[] to, IPEndPoint target)
    {
        to.CopyTo(frame);
        from.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x0800);
        Span<byte> ip = frame[Ethernet..];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], FrameLength - Ethernet);
        ip[6] = 0x40; // don't fragment
        ip[8] = 64; // TTL
        ip[9] = 17; // UDP
        target.Address.TryWriteBytes(ip[16..], out _);
        // No checksum: over IPv4 there need not be one (RFC 768).
        Span<byte> udp = ip[Ip..];
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], (ushort)target.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], FrameLength - Ethernet - Ip);
    }

    private static void SetSource(Span<byte> frame, long number)
    {
        Span<byte> ip = frame[Ethernet..];
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], Network | (uint)(number & ((1 << AddressBits) - 1)));
        BinaryPrimitives.WriteUInt16BigEndian(ip[Ip..], (ushort)(FirstPort + ((number >> AddressBits) % (ushort.MaxValue - FirstPort))));
        ip[10] = ip[11] = 0;
        uint sum = 0;
        for (int i = 0; i < Ip; i += sizeof(ushort))
            sum += BinaryPrimitives.ReadUInt16BigEndian(ip[i..]);
        sum = (sum & 0xFFFF) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~(sum + (sum >> 16)));
    }
}
