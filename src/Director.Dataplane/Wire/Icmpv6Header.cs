using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// An ICMPv6 message (RFC 4443).
/// <code>
///    0               8               16                             31
///   +---------------+---------------+-------------------------------+
///   |      type     |      code     |            checksum           |
///   +---------------+---------------+-------------------------------+
///   |     identifier (echo)         |        sequence (echo)        |
///   |                 MTU (2/0), pointer (4), else 0                |
///   +-------------------------------+-------------------------------+
///   |  echo data, or the quoted packet of an error                  |
/// </code>
/// The checksum covers the whole message and, unlike ICMP's, a pseudo-header. Every setter owes <see cref="RecomputeChecksum"/>.
/// Neighbour discovery and multicast listeners' messages have the same first 8 bytes.
/// </summary>
public readonly ref struct Icmpv6Header
{
    public const int HeaderLength = 8;

    // Errors: types below 128 (section 2.1).
    public const byte DestinationUnreachable = 1;
    public const byte PacketTooBig = 2;
    public const byte TimeExceeded = 3;
    public const byte ParameterProblem = 4;

    public const byte Echo = 128;
    public const byte EchoReply = 129;

    // Multicast listener discovery (RFC 2710, RFC 3810).
    public const byte ListenerQuery = 130;
    public const byte ListenerReport = 131;
    public const byte ListenerDone = 132;
    public const byte ListenerReportVersion2 = 143;

    // Neighbour discovery (RFC 4861).
    public const byte RouterSolicitation = 133;
    public const byte RouterAdvertisement = 134;
    public const byte NeighborSolicitation = 135;
    public const byte NeighborAdvertisement = 136;
    public const byte Redirect = 137;

    /// <summary>Codes of <see cref="DestinationUnreachable"/> (section 3.1).</summary>
    public const byte NoRoute = 0;
    public const byte AdministrativelyProhibited = 1;
    public const byte BeyondScope = 2;
    public const byte AddressUnreachable = 3;
    public const byte PortUnreachable = 4;
    public const byte SourcePolicyFailed = 5;
    public const byte RouteRejected = 6;

    /// <summary>Codes of <see cref="TimeExceeded"/> (section 3.3).</summary>
    public const byte HopLimitExceeded = 0;
    public const byte ReassemblyTimeExceeded = 1;

    /// <summary>Codes of <see cref="ParameterProblem"/> (section 3.4), with <see cref="Pointer"/>.</summary>
    public const byte FieldErroneous = 0;
    public const byte NextHeaderUnrecognized = 1;
    public const byte OptionUnrecognized = 2;

    private readonly Span<byte> _message;

    private Icmpv6Header(Span<byte> message) => _message = message;

    public byte Type
    {
        get => _message[0];
        set => _message[0] = value;
    }

    public byte Code
    {
        get => _message[1];
        set => _message[1] = value;
    }

    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_message[2..]);

    public ushort Identifier
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_message[4..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_message[4..], value);
    }

    public ushort Sequence
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_message[6..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_message[6..], value);
    }

    /// <summary>Of <see cref="PacketTooBig"/>: the longest packet that fits, in bytes.</summary>
    public uint Mtu
    {
        get => BinaryPrimitives.ReadUInt32BigEndian(_message[4..]);
        set => BinaryPrimitives.WriteUInt32BigEndian(_message[4..], value);
    }

    /// <summary>Of <see cref="ParameterProblem"/>: where in the quoted packet the fault is, in bytes; perhaps beyond the quote.</summary>
    public uint Pointer
    {
        get => Mtu;
        set => Mtu = value;
    }

    /// <summary>
    /// Whether it reports on a packet that it quotes. No error is ever sent about an error, nor about <see cref="Redirect"/>
    /// (section 2.4).
    /// </summary>
    public bool IsError => Type < 128;

    /// <summary>Messages between neighbours on a link (RFC 4861): types 133..137. Never to be forwarded.</summary>
    public bool IsNeighborDiscovery => Type is >= RouterSolicitation and <= Redirect;

    /// <summary>Messages between multicast listeners and routers on a link (RFC 3810).</summary>
    public bool IsMulticastListener => Type is ListenerQuery or ListenerReport or ListenerDone or ListenerReportVersion2;

    public Span<byte> Payload => _message[HeaderLength..];

    /// <summary>The quoted packet of an error: for <see cref="Ipv6Header.TryParseQuote"/>.</summary>
    public Span<byte> Quote => Payload;

    public static bool TryParse(Span<byte> message, out Icmpv6Header header, out DropReason reason)
    {
        bool whole = message.Length >= HeaderLength;
        header = whole ? new Icmpv6Header(message) : default;
        reason = whole ? DropReason.None : DropReason.IcmpTruncated;
        return whole;
    }

    /// <summary>
    /// Writes the first 8 bytes, the second four of them 0; the payload is the caller's. Owes <see cref="RecomputeChecksum"/>.
    /// </summary>
    public static void Write(Span<byte> buffer, byte type, byte code)
    {
        buffer[..HeaderLength].Clear();
        buffer[0] = type;
        buffer[1] = code;
    }

    /// <summary>Reads the whole message. Of a fragment, nothing can be said.</summary>
    public bool ChecksumIsValid(IpAddress source, IpAddress destination) =>
        Wire.Checksum.Transport(source, destination, IpProtocol.Icmpv6, _message) == 0;

    /// <summary>For a message between these two.</summary>
    public void RecomputeChecksum(IpAddress source, IpAddress destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_message[2..], 0);
        ushort checksum = Wire.Checksum.Transport(source, destination, IpProtocol.Icmpv6, _message);
        BinaryPrimitives.WriteUInt16BigEndian(_message[2..], checksum);
    }
}
