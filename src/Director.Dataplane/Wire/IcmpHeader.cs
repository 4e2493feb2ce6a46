using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// An ICMP message (RFC 792; MTU: RFC 1191).
/// <code>
///    0               8               16                             31
///   +---------------+---------------+-------------------------------+
///   |      type     |      code     |            checksum           |
///   +---------------+---------------+-------------------------------+
///   |     identifier (echo)         |  sequence (echo) / MTU (3/4)  |
///   +-------------------------------+-------------------------------+
///   |  echo data, or the quoted packet of an error                  |
/// </code>
/// The checksum covers the whole message. Every setter owes <see cref="RecomputeChecksum"/>.
/// </summary>
public readonly ref struct IcmpHeader
{
    public const int HeaderLength = 8;

    public const byte EchoReply = 0;
    public const byte DestinationUnreachable = 3;
    public const byte Redirect = 5;
    public const byte Echo = 8;
    public const byte TimeExceeded = 11;
    public const byte ParameterProblem = 12;

    /// <summary>Codes of <see cref="DestinationUnreachable"/>.</summary>
    public const byte HostUnreachable = 1;
    public const byte ProtocolUnreachable = 2;
    public const byte PortUnreachable = 3;

    /// <summary>Code of <see cref="DestinationUnreachable"/>: with <see cref="Mtu"/> (RFC 1191).</summary>
    public const byte FragmentationNeeded = 4;

    // Deprecated (RFC 6633), but an error all the same: no error may answer it.
    private const byte SourceQuench = 4;

    private readonly Span<byte> _message;

    private IcmpHeader(Span<byte> message) => _message = message;

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

    public ushort Mtu
    {
        get => Sequence;
        set => Sequence = value;
    }

    /// <summary>Whether it reports on a packet that it quotes. No error is ever sent about an error (RFC 1122 section 3.2.2).</summary>
    public bool IsError => Type is DestinationUnreachable or SourceQuench or Redirect or TimeExceeded or ParameterProblem;

    public Span<byte> Payload => _message[HeaderLength..];

    /// <summary>The quoted packet of an error: for <see cref="Ipv4Header.TryParseQuote"/>.</summary>
    public Span<byte> Quote => Payload;

    public static bool TryParse(Span<byte> message, out IcmpHeader header, out DropReason reason)
    {
        bool whole = message.Length >= HeaderLength;
        header = whole ? new IcmpHeader(message) : default;
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
    public bool ChecksumIsValid() => Wire.Checksum.Compute(_message) == 0;

    public void RecomputeChecksum()
    {
        BinaryPrimitives.WriteUInt16BigEndian(_message[2..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(_message[2..], Wire.Checksum.Compute(_message));
    }
}
