using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>A client's socket and what it speaks to.</summary>
internal sealed record Peer(string Address, ushort Port, string Virtual = "10.1.0.100", ushort VirtualPort = 80)
{
    public byte[] ToVirtual(Bench bench, TcpFlags? flags, ReadOnlySpan<byte> payload) =>
        Frame(bench, Bench.Client, Bench.ClientMac, Address, Port, Virtual, VirtualPort, flags, payload);

    public byte[] FromServer(Bench bench, string server, ushort serverPort, TcpFlags? flags, ReadOnlySpan<byte> payload) =>
        Frame(bench, Bench.ServerSide, Bench.ServerMac(1), server, serverPort, Address, Port, flags, payload);

    // No flags: a datagram. Options of TCP are as good as payload to a director: it looks at neither.
    private static byte[] Frame(
        Bench bench, int side, MacAddress from, string source, ushort sourcePort, string destination, ushort destinationPort, TcpFlags? flags, ReadOnlySpan<byte> payload)
    {
        byte protocol = flags is null ? IpProtocol.Udp : IpProtocol.Tcp;
        byte[] segment = new byte[(flags is null ? UdpHeader.HeaderLength : TcpHeader.MinimumLength) + payload.Length];
        payload.CopyTo(segment.AsSpan(segment.Length - payload.Length));
        if (flags is { } tcp)
            TcpHeader.Write(segment, sourcePort, destinationPort, 1000, 0, tcp, 65535);
        else
            UdpHeader.Write(segment, sourcePort, destinationPort, (ushort)segment.Length);
        ushort checksum = Checksum.Transport(Ipv6Bytes.Address(source), Ipv6Bytes.Address(destination), protocol, segment);
        segment[flags is null ? 6 : 16] = (byte)(checksum >> 8);
        segment[flags is null ? 7 : 17] = (byte)checksum;

        MacAddress to = bench.Interfaces[side].AnswerMac;
        if (Ipv6Bytes.Address(source).IsIpv4)
            return Frames.Ip(to, from, protocol, Bench.Ip(source), Bench.Ip(destination), segment, dontFragment: true);
        byte[] packet = Ipv6Bytes.Packet(protocol, segment, source: source, destination: destination);
        byte[] frame = [.. new byte[EthernetHeader.Length], .. packet];
        EthernetHeader.Write(frame, to, from, EtherType.Ipv6);
        return frame;
    }
}
