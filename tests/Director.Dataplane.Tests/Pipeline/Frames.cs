using System.Text;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Frames for the bench, with right checksums.</summary>
internal static class Frames
{
    public static byte[] Tcp(
        MacAddress to, MacAddress from, uint source, ushort sourcePort, uint destination, ushort destinationPort, TcpFlags flags,
        string payload = "", byte ttl = 64, uint sequence = 1000, uint acknowledgment = 0, bool dontFragment = true)
    {
        byte[] segment = new byte[TcpHeader.MinimumLength + payload.Length];
        TcpHeader.Write(segment, sourcePort, destinationPort, sequence, acknowledgment, flags, 65535);
        Encoding.ASCII.GetBytes(payload, segment.AsSpan(TcpHeader.MinimumLength));
        _ = TcpHeader.TryParse(segment, out TcpHeader header, out _);
        header.Checksum = Checksum.Transport(source, destination, IpProtocol.Tcp, segment);
        return Ip(to, from, IpProtocol.Tcp, source, destination, segment, ttl, dontFragment);
    }

    public static byte[] Udp(
        MacAddress to, MacAddress from, uint source, ushort sourcePort, uint destination, ushort destinationPort, int length = 10,
        byte ttl = 64, bool dontFragment = false, bool checksum = true)
    {
        byte[] segment = new byte[UdpHeader.HeaderLength + length];
        UdpHeader.Write(segment, sourcePort, destinationPort, (ushort)segment.Length);
        for (int i = 0; i < length; i++)
            segment[UdpHeader.HeaderLength + i] = (byte)i;
        if (checksum)
        {
            _ = UdpHeader.TryParse(segment, out UdpHeader header, out _);
            header.Checksum = Checksum.UdpWire(Checksum.Transport(source, destination, IpProtocol.Udp, segment));
        }
        return Ip(to, from, IpProtocol.Udp, source, destination, segment, ttl, dontFragment);
    }

    public static byte[] Icmp(MacAddress to, MacAddress from, uint source, uint destination, byte type, byte code, ReadOnlySpan<byte> body)
    {
        byte[] message = new byte[IcmpHeader.HeaderLength + body.Length];
        IcmpHeader.Write(message, type, code);
        body.CopyTo(message.AsSpan(IcmpHeader.HeaderLength));
        _ = IcmpHeader.TryParse(message, out IcmpHeader header, out _);
        header.RecomputeChecksum();
        return Ip(to, from, IpProtocol.Icmp, source, destination, message, 64, dontFragment: false);
    }

    public static byte[] Ip(
        MacAddress to, MacAddress from, byte protocol, uint source, uint destination, ReadOnlySpan<byte> payload, byte ttl = 64, bool dontFragment = false)
    {
        byte[] frame = new byte[EthernetHeader.Length + Ipv4Header.MinimumLength + payload.Length];
        EthernetHeader.Write(frame, to, from, EtherType.Ipv4);
        Ipv4Header.Write(
            frame.AsSpan(EthernetHeader.Length), Ipv4Header.MinimumLength + payload.Length, protocol, source, destination, ttl, id: 4660, dontFragment: dontFragment);
        payload.CopyTo(frame.AsSpan(EthernetHeader.Length + Ipv4Header.MinimumLength));
        return frame;
    }

    public static byte[] Arp(MacAddress to, ushort operation, MacAddress senderMac, uint sender, MacAddress targetMac, uint target)
    {
        byte[] frame = new byte[EthernetHeader.Length + ArpPacket.Length];
        EthernetHeader.Write(frame, to, senderMac, EtherType.Arp);
        ArpPacket.Write(frame.AsSpan(EthernetHeader.Length), operation, senderMac, sender, targetMac, target);
        return frame;
    }

    /// <summary>Whether the transport checksum of a whole packet is right.</summary>
    public static bool TransportChecksumIsValid(Ipv4Header ip)
    {
        uint pseudo = Checksum.PseudoHeader(ip.Source, ip.Destination, ip.Protocol, ip.Payload.Length);
        return Checksum.Compute(ip.Payload, pseudo) == 0;
    }
}
