namespace Director.Dataplane.Wire;

/// <summary>
/// The walk over the extension headers between an IPv6 header and the transport header (RFC 8200 section 4), and what was seen on
/// it. It is bounded: <see cref="MostHeaders"/>, all within the packet, each of them at least 8 bytes.
/// <code>
///    0               8               16
///   +---------------+---------------+----------------- - -
///   |  next header  |    length     |  (length + 1) * 8 bytes in all; a fragment header has 8, AH (length + 2) * 4
///   +---------------+---------------+----------------- - -
/// </code>
/// </summary>
internal struct Ipv6HeaderChain
{
    /// <summary>RFC 8200 section 4.1 knows no use for more than 7; RFC 8504 section 5.3 lets a node limit them.</summary>
    public const int MostHeaders = 8;

    private const byte SourceRoute = 0;

    // Where the next-header field stands that names what comes now.
    private int _namedAt;
    private bool _isLaterFragment;

    /// <summary>What comes after the last extension header that can be read.</summary>
    public byte Protocol { get; private set; }

    /// <summary>From the packet's start, in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// Where the part ends that every fragment repeats (RFC 8200 section 4.5): at the fragment header, or where one would be put,
    /// which is behind hop-by-hop options and routing header.
    /// </summary>
    public int UnfragmentableLength { get; private set; }

    /// <summary>The next-header field that names what stands there.</summary>
    public int FragmentNamedAt { get; private set; }

    public bool HasFragmentHeader { get; private set; }

    public bool HasSegmentsLeft { get; private set; }

    /// <param name="packet">What is there of it, at least an IPv6 header, and not more than <paramref name="totalLength"/>.</param>
    /// <param name="totalLength">What the header promises.</param>
    /// <param name="chain">What was seen.</param>
    /// <param name="reason">Why the packet is refused.</param>
    public static bool TryWalk(Span<byte> packet, int totalLength, out Ipv6HeaderChain chain, out DropReason reason)
    {
        chain = new Ipv6HeaderChain
        {
            _namedAt = Ipv6Header.NextHeaderAt,
            Protocol = packet[Ipv6Header.NextHeaderAt],
            Length = Ipv6Header.MinimumLength,
            UnfragmentableLength = Ipv6Header.MinimumLength,
            FragmentNamedAt = Ipv6Header.NextHeaderAt,
        };
        reason = DropReason.None;
        for (int headers = 0; reason == DropReason.None && !chain._isLaterFragment && IsExtension(chain.Protocol); headers++)
            reason = headers < MostHeaders ? chain.Pass(packet, totalLength) : DropReason.Ipv6ExtensionsTooMany;
        return reason == DropReason.None;
    }

    private static bool IsExtension(byte protocol) => protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing
        or IpProtocol.Fragment or IpProtocol.AuthenticationHeader or IpProtocol.DestinationOptions;

    private DropReason Pass(Span<byte> packet, int totalLength)
    {
        Span<byte> header = packet[Length..];
        int length = header.Length < 8 ? int.MaxValue : Protocol switch
        {
            IpProtocol.Fragment => FragmentHeader.Length,
            IpProtocol.AuthenticationHeader => (header[1] + 2) * 4,
            _ => (header[1] + 1) * 8,
        };
        if (length > header.Length)
            return DropReason.Ipv6ExtensionInvalid;
        DropReason reason = Protocol switch
        {
            // Only ever directly behind the IPv6 header (RFC 8200 section 4.1).
            IpProtocol.HopByHopOptions when Length != Ipv6Header.MinimumLength => DropReason.Ipv6ExtensionInvalid,
            IpProtocol.Routing => NoteRouting(header),
            IpProtocol.Fragment => NoteFragment(new FragmentHeader(header), totalLength),
            _ => DropReason.None,
        };
        bool repeats = Protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing && !HasFragmentHeader;
        _namedAt = Length;
        Protocol = header[0];
        Length += length;
        if (repeats)
            (UnfragmentableLength, FragmentNamedAt) = (Length, _namedAt);
        return reason;
    }

    // NOTE: RFC 5095 would let one pass that has no segments left; nobody has had a use for it since, so it is refused as well.
    private DropReason NoteRouting(ReadOnlySpan<byte> header)
    {
        HasSegmentsLeft |= header[3] != 0;
        return header[2] == SourceRoute ? DropReason.Ipv6RoutingHeader : DropReason.None;
    }

    private DropReason NoteFragment(FragmentHeader fragment, int totalLength)
    {
        if (HasFragmentHeader)
            return DropReason.Ipv6ExtensionInvalid;
        HasFragmentHeader = true;
        (UnfragmentableLength, FragmentNamedAt) = (Length, _namedAt);
        _isLaterFragment = fragment.Offset != 0;
        // RFC 8200 section 4.5: all but the last are multiples of 8 bytes, and no datagram is larger than its length can say.
        int data = totalLength - Length - FragmentHeader.Length;
        bool possible = (!fragment.MoreFragments || (data & 7) == 0)
            && Length - Ipv6Header.MinimumLength + fragment.Offset + data <= ushort.MaxValue;
        return possible ? DropReason.None : DropReason.Ipv6FragmentInvalid;
    }
}
