using System.Buffers.Binary;
using System.Net;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

/// <summary>IPv6 packets put together byte by byte, by nothing of what is tested.</summary>
internal static class Ipv6Bytes
{
    public const string Client = "fd00:1::2";
    public const string Vip = "fd00:1::100";

    public static IpAddress Address(string text) => IpAddress.Of(IPAddress.Parse(text));

    /// <summary>Of a frame that a kernel sent: its packet.</summary>
    public static byte[] Recorded(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Wire", "corpus", $"recorded-ipv6-{name}.bin"))[EthernetHeader.Length..];

    public static byte[] Packet(
        byte nextHeader, byte[] payload, byte hopLimit = 64, string source = Client, string destination = Vip,
        int lengthField = -1, uint firstWord = 0x6000_0000)
    {
        byte[] packet = new byte[40 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(packet, firstWord);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(lengthField >= 0 ? lengthField : payload.Length));
        packet[6] = nextHeader;
        packet[7] = hopLimit;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(packet, 8);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(packet, 24);
        payload.CopyTo(packet, 40);
        return packet;
    }

    /// <summary>An extension header of that many bytes, a multiple of 8, with options that say nothing.</summary>
    public static byte[] Options(byte nextHeader, int length = 8)
    {
        byte[] header = new byte[length];
        header[0] = nextHeader;
        header[1] = (byte)(length / 8 - 1);
        return header;
    }

    public static byte[] RoutingHeader(byte nextHeader, byte type, byte segmentsLeft) =>
        [nextHeader, 2, type, segmentsLeft, .. new byte[20]];

    public static byte[] Fragment(byte nextHeader, int offset, bool more, uint identification = 0xCAFE0001) =>
    [
        nextHeader, 0, (byte)(offset >> 8), (byte)(offset | (more ? 1 : 0)),
        (byte)(identification >> 24), (byte)(identification >> 16), (byte)(identification >> 8), (byte)identification,
    ];

    /// <summary>12 bytes of AH and an integrity check value.</summary>
    public static byte[] Authentication(byte nextHeader, int length = 24) => [nextHeader, (byte)(length / 4 - 2), .. new byte[length - 2]];

    /// <summary>With the right checksum between these two.</summary>
    public static byte[] Icmp(byte type, byte code, byte[] body, string source = Client, string destination = Vip)
    {
        byte[] message = [type, code, 0, 0, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(
            message.AsSpan(2), NaiveChecksum.Of([.. PseudoHeader(source, destination, 58, message.Length), .. message]));
        return message;
    }

    /// <summary>RFC 8200 section 8.1, or, for IPv4 addresses, RFC 9293 section 3.1.</summary>
    public static byte[] PseudoHeader(string source, string destination, byte protocol, int length) =>
    [
        .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(),
        (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, 0, 0, 0, protocol,
    ];
}
