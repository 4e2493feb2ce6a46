using System.Buffers.Binary;
using System.Security.Cryptography;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>
/// One director's word to the others, signed. On the service segment it follows the 28 bytes of an ARP packet, where hosts and
/// switches look for padding; over the cluster link it travels as it is. Big-endian.
/// <code>
///    0        4       5       6      7          8              16
///   +--------+-------+-------+------+----------+--------------+
///   | magic  |version| group | kind | priority |   director   |
///   +--------+-------+-------+------+----------+--------------+
///   16              24               32               40        48
///   +---------------+----------------+----------------+---------+
///   |     epoch     | other director | other's epoch  |  flags  |
///   +---------------+----------------+----------------+---------+
///   48              56               64               72       80             112
///   +---------------+----------------+----------------+---------+--------------+
///   |  incarnation  |    sequence    |   own nonce    |  echo   | HMAC-SHA256  |
///   +---------------+----------------+----------------+---------+--------------+
/// </code>
/// The HMAC is over the 80 bytes before it; kind, priority, epochs and flags are those of <see cref="ElectionMessage"/>. Sequence: the
/// sender's boot-time clock in microseconds, and more than in its frame before.
/// </summary>
public readonly record struct ElectionFrame
{
    public const int Length = 112;

    /// <summary>What this version writes. A later one may append to the flags' word, not change what is here.</summary>
    public const byte Version = 1;

    private const uint Magic = 0x4C56_5345; // "LVSE"
    private const int Signed = 80;

    public ElectionMessage Message { get; init; }

    public byte Group { get; init; }

    /// <summary>Random, another one after each start of the sender's engine.</summary>
    public ulong Incarnation { get; init; }

    public ulong Sequence { get; init; }

    /// <summary>To be echoed by the receiver, which proves that it speaks now.</summary>
    public ulong Nonce { get; init; }

    /// <summary>The receiver's, as the sender heard it last; 0: none.</summary>
    public ulong Echo { get; init; }

    /// <summary>Whether these bytes mean to be a frame of this group's election, well signed or not.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes, byte group) =>
        bytes.Length >= Length && BinaryPrimitives.ReadUInt32BigEndian(bytes) == Magic && bytes[5] == group;

    /// <summary>Reads what <see cref="IsOne"/> said yes to. False: another key, or forged; then anybody may have written what it says.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, out ElectionFrame frame)
    {
        frame = new ElectionFrame
        {
            Message = new ElectionMessage(
                (ElectionMessageKind)bytes[6],
                BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
                bytes[7],
                BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
                (StandbyFlags)bytes[47],
                BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[32..])),
            Group = bytes[5],
            Incarnation = BinaryPrimitives.ReadUInt64BigEndian(bytes[48..]),
            Sequence = BinaryPrimitives.ReadUInt64BigEndian(bytes[56..]),
            Nonce = BinaryPrimitives.ReadUInt64BigEndian(bytes[64..]),
            Echo = BinaryPrimitives.ReadUInt64BigEndian(bytes[72..]),
        };
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes[..Signed], expected);
        return CryptographicOperations.FixedTimeEquals(expected, bytes[Signed..Length]);
    }

    /// <param name="bytes">At least <see cref="Length"/>.</param>
    /// <param name="key">Signs it.</param>
    public void Write(Span<byte> bytes, ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        bytes[4] = Version;
        bytes[5] = Group;
        bytes[6] = (byte)Message.Kind;
        bytes[7] = Message.Priority;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Message.Id);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], Message.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], Message.OtherId);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[32..], Message.OtherEpoch);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[40..], (ulong)Message.Flags);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[48..], Incarnation);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[56..], Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[64..], Nonce);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[72..], Echo);
        HMACSHA256.HashData(key, bytes[..Signed], bytes[Signed..Length]);
    }

    /// <summary>As it goes on the segment: an ARP packet's 28 bytes, of an announcement a gratuitous one, else a probe (RFC 5227 section 1.1), and the signed ones.</summary>
    /// <param name="bytes">The Ethernet payload, at least <see cref="ArpPacket.Length"/> and <see cref="Length"/>.</param>
    /// <param name="sender">What the sender answers with.</param>
    /// <param name="address">The election's.</param>
    /// <param name="key">Signs it.</param>
    public void WriteArp(Span<byte> bytes, MacAddress sender, uint address, ReadOnlySpan<byte> key)
    {
        ArpPacket.Write(bytes, ArpPacket.Request, sender, Message.Kind == ElectionMessageKind.Announcement ? address : 0, default, address);
        Write(bytes[ArpPacket.Length..], key);
    }
}
