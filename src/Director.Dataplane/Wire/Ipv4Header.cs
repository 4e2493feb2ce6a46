using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// An IPv4 packet (RFC 791) within a buffer that may be longer (Ethernet pads short frames).
/// <code>
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +-------+-------+---------------+-------------------------------+
///   |Version|  IHL  |Type of service|          total length         |
///   +-------+-------+---------------+-----+-------------------------+
///   |         identification        |0 D M|     fragment offset     |
///   +---------------+---------------+-----+-------------------------+
///   |  time to live |    protocol   |        header checksum        |
///   +---------------+---------------+-------------------------------+
///   |                         source address                        |
///   +---------------------------------------------------------------+
///   |                      destination address                      |
///   +---------------------------------------------------------------+
///   |                    options (IHL - 5 words)                    |
/// </code>
/// Setters called Replace, Set or Decrement keep the header checksum right; what they change for TCP and UDP (whose checksums
/// cover the addresses) remains the caller's to mend.
/// </summary>
public readonly ref struct Ipv4Header
{
    public const int MinimumLength = 20;

    private const int DontFragmentBit = 0x4000;
    private const int MoreFragmentsBit = 0x2000;
    private const int OffsetMask = 0x1FFF;

    private readonly Span<byte> _packet;
    private readonly int _headerLength;

    private Ipv4Header(Span<byte> packet, int headerLength)
    {
        _packet = packet;
        _headerLength = headerLength;
    }

    /// <summary>In bytes: 20..60.</summary>
    public int HeaderLength => _headerLength;

    /// <summary>Header and payload, in bytes, as the field says. (A quoted packet is longer than what is there of it.)</summary>
    public ushort TotalLength => Word(2);

    public byte TypeOfService => _packet[1];

    public ushort Identification => Word(4);

    public bool DontFragment => (Word(6) & DontFragmentBit) != 0;

    public bool MoreFragments => (Word(6) & MoreFragmentsBit) != 0;

    /// <summary>In bytes, a multiple of 8.</summary>
    public int FragmentOffset => (Word(6) & OffsetMask) * 8;

    public bool IsFragment => (Word(6) & (MoreFragmentsBit | OffsetMask)) != 0;

    public byte TimeToLive => _packet[8];

    public byte Protocol => _packet[9];

    public ushort Checksum => Word(10);

    public uint Source => BinaryPrimitives.ReadUInt32BigEndian(_packet[12..]);

    public uint Destination => BinaryPrimitives.ReadUInt32BigEndian(_packet[16..]);

    public Span<byte> Header => _packet[.._headerLength];

    /// <summary>Exactly what the total length promises, without Ethernet padding.</summary>
    public Span<byte> Payload => _packet[_headerLength..];

    /// <summary>Header and payload.</summary>
    public Span<byte> Packet => _packet;

    public static bool TryParse(Span<byte> packet, out Ipv4Header header, out DropReason reason)
    {
        header = default;
        if (!TryMeasure(packet, out int headerLength, out int totalLength, out reason))
            return false;
        // A total length of 0 (BIG TCP super-frames above 64 KB) fails here too: it promises less than its header.
        if (totalLength > packet.Length)
            reason = DropReason.Ipv4TotalLengthInvalid;
        else if (Wire.Checksum.Compute(packet[..headerLength]) != 0)
            reason = DropReason.Ipv4ChecksumInvalid;
        else
            header = new Ipv4Header(packet[..totalLength], headerLength);
        return reason == DropReason.None;
    }

    /// <summary>
    /// The packet that an ICMP error quotes: cut off after at least 8 bytes of payload (RFC 792), and with a header checksum
    /// that nobody promised to keep right (TTL decremented, addresses translated on the way), so neither is asked for.
    /// </summary>
    public static bool TryParseQuote(Span<byte> quote, out Ipv4Header header, out DropReason reason)
    {
        header = default;
        if (!TryMeasure(quote, out int headerLength, out int totalLength, out _)
            || Math.Min(quote.Length, totalLength) < headerLength + 8)
        {
            reason = DropReason.IcmpQuoteInvalid;
            return false;
        }
        header = new Ipv4Header(quote[..Math.Min(quote.Length, totalLength)], headerLength);
        reason = DropReason.None;
        return true;
    }

    /// <summary>Writes a header without options and with its checksum, for packets that the engine makes itself.</summary>
    public static void Write(
        Span<byte> buffer, int totalLength, byte protocol, uint source, uint destination,
        byte ttl = 64, byte tos = 0, ushort id = 0, bool dontFragment = true)
    {
        Span<byte> header = buffer[..MinimumLength];
        header[0] = 0x45;
        header[1] = tos;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], checked((ushort)totalLength));
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], id);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], dontFragment ? (ushort)DontFragmentBit : (ushort)0);
        header[8] = ttl;
        header[9] = protocol;
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], source);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], destination);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], Wire.Checksum.Compute(header));
    }

    public void ReplaceSource(uint address) => ReplaceAddress(12, address);

    public void ReplaceDestination(uint address) => ReplaceAddress(16, address);

    /// <summary>One hop less; at 0 it stays (a forwarder has refused such a packet before: RFC 1812 section 5.3.1).</summary>
    public void DecrementTimeToLive()
    {
        if (TimeToLive == 0)
            return;
        ushort before = Word(8);
        _packet[8]--;
        SetChecksum(Wire.Checksum.Replace(Checksum, before, Word(8)));
    }

    /// <summary>A fresh life, for a packet that we turn around.</summary>
    public void ReplaceTimeToLive(byte timeToLive)
    {
        ushort before = Word(8);
        _packet[8] = timeToLive;
        SetChecksum(Wire.Checksum.Replace(Checksum, before, Word(8)));
    }

    /// <summary>Changes the field alone: this view keeps the size it was parsed with.</summary>
    public void SetTotalLength(ushort totalLength)
    {
        ushort before = TotalLength;
        BinaryPrimitives.WriteUInt16BigEndian(_packet[2..], totalLength);
        SetChecksum(Wire.Checksum.Replace(Checksum, before, totalLength));
    }

    // What whole and quoted packets have in common: a header that is there and does not contradict itself.
    private static bool TryMeasure(ReadOnlySpan<byte> packet, out int headerLength, out int totalLength, out DropReason reason)
    {
        headerLength = totalLength = 0;
        if (packet.Length < MinimumLength)
        {
            reason = DropReason.Ipv4Truncated;
            return false;
        }
        headerLength = (packet[0] & 0x0F) * 4;
        totalLength = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        int fragmentOffset = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & OffsetMask) * 8;
        if (packet[0] >> 4 != 4)
            reason = DropReason.Ipv4VersionInvalid;
        else if (headerLength < MinimumLength || headerLength > packet.Length)
            reason = DropReason.Ipv4HeaderLengthInvalid;
        // The last: a fragment that would end beyond the largest datagram ("ping of death").
        else if (totalLength < headerLength || fragmentOffset + totalLength > ushort.MaxValue)
            reason = DropReason.Ipv4TotalLengthInvalid;
        else
            reason = DropReason.None;
        return reason == DropReason.None;
    }

    private void ReplaceAddress(int at, uint address)
    {
        uint before = BinaryPrimitives.ReadUInt32BigEndian(_packet[at..]);
        BinaryPrimitives.WriteUInt32BigEndian(_packet[at..], address);
        SetChecksum(Wire.Checksum.Replace(Checksum, before, address));
    }

    private ushort Word(int at) => BinaryPrimitives.ReadUInt16BigEndian(_packet[at..]);

    private void SetChecksum(ushort checksum) => BinaryPrimitives.WriteUInt16BigEndian(_packet[10..], checksum);
}
