using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// A header of Generic UDP Encapsulation (draft-ietf-intarea-gue, variant 0), behind a UDP header, and the packet in it.
/// <code>
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +---+-+---------+---------------+-----------------------------+-+
///   |Var|C|  Hlen   |  proto/ctype  |            flags            |P|
///   +---+-+---------+---------------+-----------------------------+-+
///   |R|                  private flags (if P)                       |
///   +-+-----------------------------+-------------------------------+
///   |    checksum start (if R)      |    checksum field (if R)      |
///   +-------------------------------+-------------------------------+
/// </code>
/// Hlen counts the 32-bit words after the first. R is Linux's remote checksum offload (draft-herbert-remotecsumoffload).
/// </summary>
public readonly ref struct GueHeader
{
    public const int MinimumLength = 4;

    /// <summary>What remote checksum offload adds: the private flags and its two offsets.</summary>
    public const int RemoteChecksumLength = 8;

    private const byte VariantAndControl = 0xE0;
    private const byte LengthMask = 0x1F;
    private const ushort PrivateBit = 0x0001;
    private const uint RemoteChecksumBit = 0x8000_0000;

    private readonly Span<byte> _packet;

    private GueHeader(Span<byte> packet) => _packet = packet;

    /// <summary>In bytes: 4..128.</summary>
    public int HeaderLength => LengthIn(_packet);

    /// <summary>Of the payload: an <see cref="IpProtocol"/>.</summary>
    public byte Protocol => _packet[1];

    /// <summary>Null: the payload's checksum is its own.</summary>
    public RemoteChecksum? RemoteChecksum =>
        HeaderLength >= MinimumLength + RemoteChecksumLength
        && (BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]) & PrivateBit) != 0
        && (BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]) & RemoteChecksumBit) != 0
            ? new RemoteChecksum(BinaryPrimitives.ReadUInt16BigEndian(_packet[8..]), BinaryPrimitives.ReadUInt16BigEndian(_packet[10..]))
            : null;

    public Span<byte> Payload => _packet[HeaderLength..];

    /// <summary>Data of variant 0; control messages are no packets, and variant 1 has no header.</summary>
    public static bool TryParse(Span<byte> packet, out GueHeader header, out DropReason reason)
    {
        bool sound = packet.Length >= MinimumLength && (packet[0] & VariantAndControl) == 0 && packet.Length >= LengthIn(packet);
        header = sound ? new GueHeader(packet) : default;
        reason = sound ? DropReason.None : DropReason.IcmpQuoteInvalid;
        return sound;
    }

    /// <summary>In bytes.</summary>
    public static int LengthOf(bool withRemoteChecksum) => withRemoteChecksum ? MinimumLength + RemoteChecksumLength : MinimumLength;

    public static void Write(Span<byte> buffer, byte protocol, RemoteChecksum? remote)
    {
        buffer[0] = (byte)((LengthOf(remote is not null) - MinimumLength) / sizeof(uint));
        buffer[1] = protocol;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], remote is null ? (ushort)0 : PrivateBit);
        if (remote is not { } offsets)
            return;
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], RemoteChecksumBit);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[8..], offsets.Start);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[10..], offsets.Field);
    }

    private static int LengthIn(ReadOnlySpan<byte> packet) => MinimumLength + ((packet[0] & LengthMask) * sizeof(uint));
}

/// <summary>
/// A transport checksum that the tunnel's end completes: both offsets are bytes from the start of the inner packet. The field holds the
/// pseudo-header's sum, as for a network card.
/// </summary>
public readonly record struct RemoteChecksum(ushort Start, ushort Field);
