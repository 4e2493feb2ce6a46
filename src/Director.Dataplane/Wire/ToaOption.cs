using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// The TCP option TOA ("TCP option address"): the address and port of the client, for the kernel module of that name on real
/// servers behind FULLNAT, which looks for it in the segment that completes the handshake.
/// <code>
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +---------------+---------------+-------------------------------+
///   |  254 or 253   |   8 or 20     |          client port          |
///   +---------------+---------------+-------------------------------+
///   |                 client address (4 or 16 bytes)                |
/// </code>
/// </summary>
public static class ToaOption
{
    public const int Ipv4Length = 8;
    public const int Ipv6Length = 20;

    /// <summary>Writes 8 or 20 bytes and returns how many.</summary>
    public static int Write(Span<byte> option, IpAddress client, ushort port)
    {
        option[0] = client.IsIpv4 ? TcpOptionKind.ToaIpv4 : TcpOptionKind.ToaIpv6;
        option[1] = client.IsIpv4 ? (byte)Ipv4Length : (byte)Ipv6Length;
        BinaryPrimitives.WriteUInt16BigEndian(option[2..], port);
        return sizeof(uint) + client.Write(option[4..]);
    }
}
