using System.Buffers.Binary;
using System.Text;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>IPv6 frames for the bench, their checksums computed word by word.</summary>
internal static class Ipv6Frames
{
    private const int Packet = EthernetHeader.Length;
    private const int Behind = EthernetHeader.Length + Ipv6Header.MinimumLength;

    public static byte[] Tcp(
        MacAddress to, MacAddress from, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort, TcpFlags flags,
        string payload = "", byte hopLimit = 64, uint acknowledgment = 0)
    {
        byte[] segment = new byte[TcpHeader.MinimumLength + payload.Length];
        TcpHeader.Write(segment, sourcePort, destinationPort, 1000, acknowledgment, flags, 65535);
        Encoding.ASCII.GetBytes(payload, segment.AsSpan(TcpHeader.MinimumLength));
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), ChecksumOf(source, destination, IpProtocol.Tcp, segment));
        return Ip(to, from, IpProtocol.Tcp, source, destination, segment, hopLimit);
    }

    public static byte[] Udp(
        MacAddress to, MacAddress from, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort, int length = 10,
        byte hopLimit = 64, bool checksum = true)
    {
        byte[] segment = new byte[UdpHeader.HeaderLength + length];
        UdpHeader.Write(segment, sourcePort, destinationPort, (ushort)segment.Length);
        for (int i = 0; i < length; i++)
            segment[UdpHeader.HeaderLength + i] = (byte)i;
        if (checksum)
            BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(6), Checksum.UdpWire(ChecksumOf(source, destination, IpProtocol.Udp, segment)));
        return Ip(to, from, IpProtocol.Udp, source, destination, segment, hopLimit);
    }

    /// <param name="rest">The second word, where it is not an echo's identifier and sequence.</param>
    public static byte[] Icmp(
        MacAddress to, MacAddress from, IpAddress source, IpAddress destination, byte type, byte code, ReadOnlySpan<byte> body,
        uint rest = 0, byte hopLimit = 64)
    {
        byte[] message = [type, code, 0, 0, (byte)(rest >> 24), (byte)(rest >> 16), (byte)(rest >> 8), (byte)rest, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), ChecksumOf(source, destination, IpProtocol.Icmpv6, message));
        return Ip(to, from, IpProtocol.Icmpv6, source, destination, message, hopLimit);
    }

    public static byte[] Ip(
        MacAddress to, MacAddress from, byte nextHeader, IpAddress source, IpAddress destination, ReadOnlySpan<byte> payload, byte hopLimit = 64)
    {
        byte[] frame = new byte[Behind + payload.Length];
        EthernetHeader.Write(frame, to, from, EtherType.Ipv6);
        Ipv6Header.Write(frame.AsSpan(Packet), Ipv6Header.MinimumLength + payload.Length, nextHeader, source, destination, hopLimit);
        payload.CopyTo(frame.AsSpan(Behind));
        return frame;
    }

    /// <summary>The frame with these headers behind the IPv6 header; the last of them names what was there before.</summary>
    public static byte[] Extended(byte[] frame, byte firstHeader, params byte[] headers)
    {
        byte[] extended = [.. frame[..Behind], .. headers, .. frame[Behind..]];
        extended[Packet + 6] = firstHeader;
        SetPayloadLength(extended);
        return extended;
    }

    /// <summary>The datagram in fragments of which all but the last carry so many bytes, a multiple of 8.</summary>
    public static byte[][] Fragments(byte[] frame, int size, uint identification = 0xCAFE0001)
    {
        int whole = frame.Length - Behind;
        return [.. Enumerable.Range(0, (whole + size - 1) / size).Select(i =>
            Piece(frame, i * size, Math.Min(size, whole - (i * size)), last: (i + 1) * size >= whole, identification))];
    }

    /// <summary>A fragment of a datagram that has no headers which are repeated.</summary>
    public static byte[] Piece(byte[] frame, int at, int length, bool last, uint identification = 0xCAFE0001)
    {
        byte[] fragment =
        [
            .. frame[..Behind], .. Ipv6Bytes.Fragment(frame[Packet + 6], at, !last, identification), .. frame[(Behind + at)..(Behind + at + length)],
        ];
        fragment[Packet + 6] = IpProtocol.Fragment;
        SetPayloadLength(fragment);
        return fragment;
    }

    public static void SetPayloadLength(byte[] frame) =>
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Packet + 4), (ushort)(frame.Length - Behind));

    /// <summary>Whether the checksum of TCP, UDP or ICMPv6 in a whole packet is right.</summary>
    public static bool ChecksumIsValid(Ipv6Header packet) =>
        NaiveChecksum.Sum([.. PseudoHeader(packet.Source, packet.Destination, packet.Protocol, packet.Payload.Length), .. packet.Payload]) == 0xFFFF;

    /// <summary>The sum of RFC 8200 section 8.1's pseudo-header: what stands in a field that is left to the sender's card.</summary>
    public static ushort PartialChecksum(IpAddress source, IpAddress destination, byte protocol, int length) =>
        NaiveChecksum.Sum(PseudoHeader(source, destination, protocol, length));

    private static ushort ChecksumOf(IpAddress source, IpAddress destination, byte protocol, byte[] segment) =>
        NaiveChecksum.Of([.. PseudoHeader(source, destination, protocol, segment.Length), .. segment]);

    private static byte[] PseudoHeader(IpAddress source, IpAddress destination, byte protocol, int length) =>
        Ipv6Bytes.PseudoHeader(source.ToString(), destination.ToString(), protocol, length);
}
