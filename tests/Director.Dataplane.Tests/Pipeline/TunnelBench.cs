using System.Buffers.Binary;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>A bench with one server behind a tunnel, what a client sends to it, and how to look into what leaves.</summary>
internal static class TunnelBench
{
    public const ushort GuePort = 6080;

    public static Bench Start(
        TunnelType type = TunnelType.IpIp, TunnelFlags flags = TunnelFlags.None, int server = 1, bool virtualMac = true, bool gateway = true)
    {
        Bench bench = new(virtualMac, gateway: gateway);
        RealServer real = Bench.Server(server, method: ForwardingMethod.Tunnel) with { TunnelType = type, TunnelPort = GuePort, TunnelFlags = flags };
        bench.Apply(
            Bench.Service("tcp 10.1.0.100:80", "rr", real with { Port = 80 }),
            Bench.Service("udp 10.1.0.100:53", "rr", real with { Port = 53 }));
        return bench;
    }

    public static byte[] Tcp(Bench bench, TcpFlags flags, string payload = "", bool dontFragment = true) => Frames.Tcp(
        bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress, 40001, Bench.Vip, 80, flags, payload, dontFragment: dontFragment);

    public static byte[] Udp(Bench bench, int length, bool dontFragment = true) => Frames.Udp(
        bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress, 41000, Bench.Vip, 53, length, dontFragment: dontFragment);

    /// <summary>
    /// The offload header that leaves the frame's transport checksum to a card, and, with a segment size, its cutting. The frame gets
    /// the pseudo-header's sum in the checksum's place.
    /// </summary>
    public static byte[] Offload(byte[] frame, VirtioNetGso gso = VirtioNetGso.None, int segmentSize = 0)
    {
        bool udp = frame[23] == IpProtocol.Udp;
        ushort checksumAt = udp ? (ushort)6 : (ushort)16;
        int length = frame.Length - 34;
        ushort pseudo = NaiveChecksum.Sum([.. frame[26..34], 0, frame[23], (byte)(length >> 8), (byte)length]);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(34 + checksumAt), pseudo);
        byte[] offload = new byte[VirtioNetHeader.Length];
        _ = new VirtioNetHeader(offload)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = gso,
            GsoSize = (ushort)segmentSize,
            HeaderLength = udp ? (ushort)42 : (ushort)54,
            ChecksumStart = 34,
            ChecksumOffset = checksumAt,
        };
        return offload;
    }

    /// <summary>The packet in a tunnel, which must be whole and sound.</summary>
    public static Ipv4Header Inner(Sent sent, int overhead)
    {
        Span<byte> packet = sent.Ip.Packet[overhead..];
        Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header inner, out DropReason reason), reason.ToString());
        Assert.Equal(packet.Length, inner.TotalLength);
        return inner;
    }
}
