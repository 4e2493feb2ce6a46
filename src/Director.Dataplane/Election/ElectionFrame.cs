using System.Buffers.Binary;
using System.Security.Cryptography;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>What a frame of the election says. Numbers are on the wire.</summary>
public enum ElectionFrameKind : byte
{
    None = 0,

    /// <summary>I own. The ARP around it is a gratuitous one.</summary>
    Announcement = 1,

    /// <summary>Does anybody own? The ARP around it is a probe (RFC 5227 section 1.1).</summary>
    Probe = 2,

    /// <summary>I owned until now; <see cref="ElectionFrame.Subject"/> may take over at once, or (0) anybody.</summary>
    Resignation = 3,

    /// <summary>I am there and do not own.</summary>
    Hello = 4,

    /// <summary>I do not own, and hear <see cref="ElectionFrame.Subject"/> own the epoch on the segment.</summary>
    Relay = 5,
}

/// <summary>
/// One director's word to the others, signed. On the service segment it follows the 28 bytes of an ARP packet, where hosts and
/// switches look for padding; over the cluster link it travels as it is. Big-endian.
/// <code>
///    0        4       5       6      7          8              16
///   +--------+-------+-------+------+----------+--------------+
///   | magic  |version| group | kind | priority |   director   |
///   +--------+-------+-------+------+----------+--------------+
///   16              24               32                40     48
///   +---------------+----------------+-----------------+------+
///   |     epoch     |    subject     |   incarnation   | seq. |
///   +---------------+----------------+-----------------+------+
///   48              56               64         72            104
///   +---------------+----------------+----------+-------------+
///   |  own nonce    |  echoed nonce  |  flags   | HMAC-SHA256 |
///   +---------------+----------------+----------+-------------+
/// </code>
/// The HMAC is over the 72 bytes before it. Epoch: of <see cref="ElectionFrameKind.Announcement"/> and resignation the sender's own,
/// of a relay the subject's, else the highest that the sender knows. Sequence: the sender's boot-time clock in microseconds, and more
/// than in its frame before. Flags: bit 0, its tables are in sync; bit 1, it may own.
/// </summary>
public readonly record struct ElectionFrame
{
    public const int Length = 104;

    /// <summary>What this version writes. A later one may append to the flags' word, not change what is here.</summary>
    public const byte Version = 1;

    private const uint Magic = 0x4C56_5345; // "LVSE"
    private const int Signed = 72;

    public ElectionFrameKind Kind { get; init; }

    public byte Group { get; init; }

    public byte Priority { get; init; }

    public ulong Director { get; init; }

    public ulong Epoch { get; init; }

    public ulong Subject { get; init; }

    /// <summary>Random, another one after each start of the sender's engine.</summary>
    public ulong Incarnation { get; init; }

    public ulong Sequence { get; init; }

    /// <summary>To be echoed by the receiver, which proves that it speaks now.</summary>
    public ulong Nonce { get; init; }

    /// <summary>The receiver's, as the sender heard it last; 0: none.</summary>
    public ulong Echo { get; init; }

    public bool Synced { get; init; }

    public bool Eligible { get; init; }

    /// <summary>Whether these bytes mean to be a frame of this group's election, well signed or not.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes, byte group) =>
        bytes.Length >= Length && BinaryPrimitives.ReadUInt32BigEndian(bytes) == Magic && bytes[5] == group;

    /// <summary>Reads what <see cref="IsOne"/> said yes to. False: another key, or forged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, out ElectionFrame frame)
    {
        frame = default;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes[..Signed], expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes[Signed..Length]))
            return false;
        frame = new ElectionFrame
        {
            Kind = (ElectionFrameKind)bytes[6],
            Group = bytes[5],
            Priority = bytes[7],
            Director = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            Epoch = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            Subject = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
            Incarnation = BinaryPrimitives.ReadUInt64BigEndian(bytes[32..]),
            Sequence = BinaryPrimitives.ReadUInt64BigEndian(bytes[40..]),
            Nonce = BinaryPrimitives.ReadUInt64BigEndian(bytes[48..]),
            Echo = BinaryPrimitives.ReadUInt64BigEndian(bytes[56..]),
            Synced = (bytes[71] & 1) != 0,
            Eligible = (bytes[71] & 2) != 0,
        };
        return true;
    }

    /// <param name="bytes">At least <see cref="Length"/>.</param>
    /// <param name="key">Signs it.</param>
    public void Write(Span<byte> bytes, ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        bytes[4] = Version;
        bytes[5] = Group;
        bytes[6] = (byte)Kind;
        bytes[7] = Priority;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Director);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], Subject);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[32..], Incarnation);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[40..], Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[48..], Nonce);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[56..], Echo);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[64..], (Synced ? 1ul : 0) | (Eligible ? 2ul : 0));
        HMACSHA256.HashData(key, bytes[..Signed], bytes[Signed..Length]);
    }

    /// <summary>As it goes on the segment: an ARP packet's 28 bytes and the signed ones.</summary>
    /// <param name="bytes">The Ethernet payload, at least <see cref="ArpPacket.Length"/> and <see cref="Length"/>.</param>
    /// <param name="sender">What the sender answers with.</param>
    /// <param name="address">The election's.</param>
    /// <param name="key">Signs it.</param>
    public void WriteArp(Span<byte> bytes, MacAddress sender, uint address, ReadOnlySpan<byte> key)
    {
        ArpPacket.Write(bytes, ArpPacket.Request, sender, Kind == ElectionFrameKind.Announcement ? address : 0, default, address);
        Write(bytes[ArpPacket.Length..], key);
    }
}
