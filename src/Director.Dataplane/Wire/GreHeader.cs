using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// A GRE header (RFC 2784) without the key and the sequence number of RFC 2890, and the packet in it.
/// <code>
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +-+-----------------------+-----+-------------------------------+
///   |C|       reserved        | ver |         protocol type         |
///   +-+-----------------------+-----+-------------------------------+
///   |      checksum (if C)          |       reserved (if C)         |
///   +-------------------------------+-------------------------------+
/// </code>
/// </summary>
public readonly ref struct GreHeader
{
    public const int MinimumLength = 4;

    /// <summary>What the checksum adds, with the reserved half-word behind it.</summary>
    public const int ChecksumLength = 4;

    private const ushort ChecksumBit = 0x8000;

    private readonly Span<byte> _packet;

    private GreHeader(Span<byte> packet) => _packet = packet;

    public bool HasChecksum => (BinaryPrimitives.ReadUInt16BigEndian(_packet) & ChecksumBit) != 0;

    /// <summary>In bytes: 4 or 8.</summary>
    public int HeaderLength => LengthOf(HasChecksum);

    /// <summary>An <see cref="EtherType"/>.</summary>
    public ushort ProtocolType => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>Over header and payload; 0 where there is none. (Of a quoted packet it says nothing: the rest is not there.)</summary>
    public ushort Checksum => HasChecksum ? BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]) : (ushort)0;

    public Span<byte> Payload => _packet[HeaderLength..];

    /// <summary>
    /// Only what we write ourselves is read, in the quotes of ICMP errors: version 0 with a checksum or without; anything else in the
    /// first half-word is another tunnel's.
    /// </summary>
    public static bool TryParse(Span<byte> packet, out GreHeader header, out DropReason reason)
    {
        bool sound = packet.Length >= MinimumLength
            && (BinaryPrimitives.ReadUInt16BigEndian(packet) & ~ChecksumBit) == 0
            && packet.Length >= LengthOf((packet[0] & 0x80) != 0);
        header = sound ? new GreHeader(packet) : default;
        reason = sound ? DropReason.None : DropReason.IcmpQuoteInvalid;
        return sound;
    }

    /// <summary>In bytes.</summary>
    public static int LengthOf(bool withChecksum) => withChecksum ? MinimumLength + ChecksumLength : MinimumLength;

    /// <summary>Writes the header of the payload that stands behind it, its checksum over both included if it is to have one.</summary>
    public static void Write(Span<byte> packet, ushort protocolType, bool withChecksum)
    {
        BinaryPrimitives.WriteUInt16BigEndian(packet, withChecksum ? ChecksumBit : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], protocolType);
        if (!withChecksum)
            return;
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], Wire.Checksum.Compute(packet));
    }
}
