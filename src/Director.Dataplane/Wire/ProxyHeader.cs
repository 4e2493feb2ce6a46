using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// The header of the PROXY protocol, version 2 (HAProxy's proxy-protocol.txt, section 2.2), by which a stream to a server begins:
/// who the client is and whom it called. Command PROXY, TCP over IPv4 or IPv6, no extensions.
/// <code>
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +---------------------------------------------------------------+
///   |            signature: CR LF CR LF NUL CR LF QUIT LF           |
///   |                           (12 bytes)                          |
///   +-------+-------+-------+-------+-------------------------------+
///   |   2   |   1   | 1 / 2 |   1   |       length: 12 or 36        |
///   +-------+-------+-------+-------+-------------------------------+
///   |                source address (4 or 16 bytes)                 |
///   |              destination address (4 or 16 bytes)              |
///   +-------------------------------+-------------------------------+
///   |          source port          |       destination port        |
///   +-------------------------------+-------------------------------+
/// </code>
/// </summary>
public static class ProxyHeader
{
    public const int Ipv4Length = 28;
    public const int Ipv6Length = 52;

    private const int FixedLength = 16;
    private const byte VersionAndCommand = 0x21;
    private const byte TcpOverIpv4 = 0x11;
    private const byte TcpOverIpv6 = 0x21;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>In bytes, for a client of this family.</summary>
    public static int LengthFor(IpAddress client) => client.IsIpv4 ? Ipv4Length : Ipv6Length;

    /// <summary>Writes 28 or 52 bytes and returns how many. Both addresses are of one family.</summary>
    public static int Write(Span<byte> header, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort)
    {
        int length = LengthFor(source);
        header = header[..length];
        Signature.CopyTo(header);
        header[12] = VersionAndCommand;
        header[13] = source.IsIpv4 ? TcpOverIpv4 : TcpOverIpv6;
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], (ushort)(length - FixedLength));
        int at = FixedLength;
        at += source.Write(header[at..]);
        at += destination.Write(header[at..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[at..], sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(header[(at + 2)..], destinationPort);
        return length;
    }
}
