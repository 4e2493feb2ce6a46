using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// An IPv6 packet (RFC 8200) within a buffer that may be longer (Ethernet pads short frames), with its extension headers walked.
/// <code>
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +-------+---------------+---------------------------------------+
///   |Version| traffic class |               flow label              |
///   +-------+---------------+-------+---------------+---------------+
///   |         payload length        |  next header  |   hop limit   |
///   +-------------------------------+---------------+---------------+
///   |                  source address (4 words)                     |
///   +---------------------------------------------------------------+
///   |                destination address (4 words)                  |
///   +---------------------------------------------------------------+
///   |            extension headers, transport header, data          |
/// </code>
/// Members are named like those of <see cref="Ipv4Header"/> where they mean the same. The header has no checksum of its own; what
/// Replace changes for TCP, UDP and ICMPv6 (whose checksums cover the addresses) remains the caller's to mend.
/// </summary>
public readonly ref struct Ipv6Header
{
    /// <summary>Without extension headers.</summary>
    public const int MinimumLength = 40;

    /// <summary>
    /// What every link carries in one piece (section 5), and the longest that an ICMPv6 error may be (RFC 4443 section 2.4).
    /// </summary>
    public const int MinimumMtu = 1280;

    internal const int NextHeaderAt = 6;

    private readonly Span<byte> _packet;
    private readonly Ipv6HeaderChain _chain;

    private Ipv6Header(Span<byte> packet, scoped in Ipv6HeaderChain chain)
    {
        _packet = packet;
        _chain = chain;
    }

    /// <summary>In bytes, from the packet's start to the transport header: 40 and the extension headers.</summary>
    public int HeaderLength => _chain.Length;

    /// <summary>
    /// Header and payload, in bytes, as the field says: 40..65575. (A quoted packet is longer than what is there of it.)
    /// </summary>
    public int TotalLength => MinimumLength + BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]);

    /// <summary>IPv4's type of service: DS field and ECN (RFC 2474, RFC 3168).</summary>
    public byte TrafficClass => (byte)(BinaryPrimitives.ReadUInt16BigEndian(_packet) >> 4);

    /// <summary>20 bits.</summary>
    public uint FlowLabel => BinaryPrimitives.ReadUInt32BigEndian(_packet) & 0xFFFFF;

    /// <summary>What stands behind the 40 bytes: the first extension header, if there is one.</summary>
    public byte NextHeader => _packet[NextHeaderAt];

    /// <summary>The hop limit.</summary>
    public byte TimeToLive => _packet[7];

    /// <summary>
    /// What stands behind the extension headers: a transport protocol, <see cref="IpProtocol.NoNextHeader"/>, or whatever else the
    /// walk does not know. Of a later fragment, only what its fragment header names, which may be another extension header.
    /// </summary>
    public byte Protocol => _chain.Protocol;

    public IpAddress Source => IpAddress.Read(_packet[8..24]);

    public IpAddress Destination => IpAddress.Read(_packet[24..40]);

    /// <summary>
    /// A routing header has segments left: the destination is one on the way, and transport checksums are of the last one. To whom
    /// it comes and who does not know the routing header's type, drops it (RFC 8200 section 4.4).
    /// </summary>
    public bool IsSourceRouted => _chain.HasSegmentsLeft;

    /// <summary>Without one, the fragment properties are those of a packet in one piece.</summary>
    public bool HasFragmentHeader => _chain.HasFragmentHeader;

    /// <summary>Not the whole datagram. (An atomic fragment is the whole of it in spite of its fragment header: RFC 6946.)</summary>
    public bool IsFragment => MoreFragments || FragmentOffset != 0;

    public bool MoreFragments => HasFragmentHeader && Fragment.MoreFragments;

    /// <summary>Of this piece within <see cref="Fragmentable"/> of the whole, in bytes, a multiple of 8.</summary>
    public int FragmentOffset => HasFragmentHeader ? Fragment.Offset : 0;

    public uint Identification => HasFragmentHeader ? Fragment.Identification : 0;

    /// <summary>
    /// In bytes, the headers that every fragment repeats: those before the fragment header, or before the place for one (IPv6 header,
    /// hop-by-hop options, and all up to a routing header: RFC 8200 section 4.5).
    /// </summary>
    public int UnfragmentableLength => _chain.UnfragmentableLength;

    /// <summary>
    /// What fragments carry pieces of, or this piece of it: all behind the fragment header, or behind the place for one. It may begin
    /// with extension headers.
    /// </summary>
    public Span<byte> Fragmentable => _packet[(UnfragmentableLength + (HasFragmentHeader ? FragmentHeader.Length : 0))..];

    /// <summary>With the extension headers.</summary>
    public Span<byte> Header => _packet[..HeaderLength];

    /// <summary>From the transport header on, exactly what the payload length promises, without Ethernet padding.</summary>
    public Span<byte> Payload => _packet[HeaderLength..];

    /// <summary>Header and payload.</summary>
    public Span<byte> Packet => _packet;

    private FragmentHeader Fragment => new(_packet[UnfragmentableLength..]);

    public static bool TryParse(Span<byte> packet, out Ipv6Header header, out DropReason reason)
    {
        header = default;
        if (!TryMeasure(packet, out int totalLength, out reason))
            return false;
        // A jumbogram (RFC 2675; so are BIG TCP super-frames above 64 KB) says 0 and hides its length in the hop-by-hop options.
        bool isJumbogram = totalLength == MinimumLength && packet[NextHeaderAt] == IpProtocol.HopByHopOptions;
        if (totalLength > packet.Length || isJumbogram)
        {
            reason = DropReason.Ipv6PayloadLengthInvalid;
            return false;
        }
        if (!Ipv6HeaderChain.TryWalk(packet[..totalLength], totalLength, out Ipv6HeaderChain chain, out reason))
            return false;
        header = new Ipv6Header(packet[..totalLength], chain);
        return true;
    }

    /// <summary>
    /// The packet that an ICMPv6 error quotes: cut off where the error would have become longer than 1280 bytes (RFC 4443 section
    /// 2.4). At least 8 bytes of the transport header are asked for, as RFC 792 does for IPv4.
    /// </summary>
    public static bool TryParseQuote(Span<byte> quote, out Ipv6Header header, out DropReason reason)
    {
        header = default;
        reason = DropReason.IcmpQuoteInvalid;
        if (!TryMeasure(quote, out int totalLength, out _))
            return false;
        Span<byte> packet = quote[..Math.Min(quote.Length, totalLength)];
        if (!Ipv6HeaderChain.TryWalk(packet, totalLength, out Ipv6HeaderChain chain, out _) || packet.Length < chain.Length + 8)
            return false;
        header = new Ipv6Header(packet, chain);
        reason = DropReason.None;
        return true;
    }

    /// <summary>Writes a header without extension headers, for packets that the engine makes itself.</summary>
    /// <param name="buffer">At least 40 bytes.</param>
    /// <param name="totalLength">40 and the payload.</param>
    /// <param name="protocol">The next header.</param>
    /// <param name="source">IPv6, as <paramref name="destination"/>.</param>
    public static void Write(
        Span<byte> buffer, int totalLength, byte protocol, IpAddress source, IpAddress destination,
        byte ttl = 64, byte trafficClass = 0, uint flowLabel = 0)
    {
        BinaryPrimitives.WriteUInt32BigEndian(buffer, (6u << 28) | ((uint)trafficClass << 20) | (flowLabel & 0xFFFFF));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[4..], checked((ushort)(totalLength - MinimumLength)));
        buffer[NextHeaderAt] = protocol;
        buffer[7] = ttl;
        source.Write(buffer[8..24]);
        destination.Write(buffer[24..40]);
    }

    /// <param name="address">IPv6.</param>
    public void ReplaceSource(IpAddress address) => address.Write(_packet[8..24]);

    /// <param name="address">IPv6.</param>
    public void ReplaceDestination(IpAddress address) => address.Write(_packet[24..40]);

    /// <summary>One hop less; at 0 it stays (a forwarder has refused such a packet before: RFC 8200 section 3).</summary>
    public void DecrementTimeToLive()
    {
        if (TimeToLive != 0)
            _packet[7]--;
    }

    /// <summary>A fresh life, for a packet that we turn around.</summary>
    public void ReplaceTimeToLive(byte timeToLive) => _packet[7] = timeToLive;

    /// <summary>Changes the payload length alone: this view keeps the size it was parsed with.</summary>
    /// <param name="totalLength">At least 40.</param>
    public void SetTotalLength(int totalLength) =>
        BinaryPrimitives.WriteUInt16BigEndian(_packet[4..], checked((ushort)(totalLength - MinimumLength)));

    /// <summary>
    /// Writes the headers that every fragment repeats as they are without a fragment header behind them, for the datagram that this
    /// fragment is put together to; the payload length is owed. Returns <see cref="UnfragmentableLength"/>.
    /// </summary>
    public int CopyUnfragmentable(Span<byte> buffer)
    {
        _packet[..UnfragmentableLength].CopyTo(buffer);
        if (HasFragmentHeader)
            buffer[_chain.FragmentNamedAt] = Fragment.NextHeader;
        return UnfragmentableLength;
    }

    /// <summary>
    /// Writes one fragment of this packet, which is none itself: the headers that every fragment repeats, a fragment header, and
    /// <paramref name="length"/> bytes of <see cref="Fragmentable"/>. More fragments are announced unless these are the last.
    /// Returns the fragment's total length.
    /// </summary>
    /// <param name="buffer">At least <see cref="UnfragmentableLength"/> + 8 + <paramref name="length"/> bytes.</param>
    /// <param name="offset">A multiple of 8.</param>
    /// <param name="length">A multiple of 8, but for the last.</param>
    /// <param name="identification">The same in all fragments, and new for each packet from this source to this destination.</param>
    public int WriteFragment(Span<byte> buffer, int offset, int length, uint identification)
    {
        Span<byte> fragmentable = Fragmentable;
        int at = CopyUnfragmentable(buffer);
        byte nextHeader = buffer[_chain.FragmentNamedAt];
        buffer[_chain.FragmentNamedAt] = IpProtocol.Fragment;
        FragmentHeader.Write(buffer[at..], nextHeader, offset, offset + length < fragmentable.Length, identification);
        at += FragmentHeader.Length;
        fragmentable.Slice(offset, length).CopyTo(buffer[at..]);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[4..], checked((ushort)(at + length - MinimumLength)));
        return at + length;
    }

    // What whole and quoted packets have in common. A mapped address (::ffff:a.b.c.d) may not be on the wire (RFC 6890 section
    // 2.2.3), and if let in would be taken for the IPv4 address: IpAddress does not tell them apart.
    private static bool TryMeasure(ReadOnlySpan<byte> packet, out int totalLength, out DropReason reason)
    {
        totalLength = 0;
        if (packet.Length < MinimumLength)
        {
            reason = DropReason.Ipv6Truncated;
            return false;
        }
        totalLength = MinimumLength + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (packet[0] >> 4 != 6)
            reason = DropReason.Ipv6VersionInvalid;
        else if (IpAddress.Read(packet[8..24]).IsIpv4 || IpAddress.Read(packet[24..40]).IsIpv4)
            reason = DropReason.Ipv6AddressInvalid;
        else
            reason = DropReason.None;
        return reason == DropReason.None;
    }
}
