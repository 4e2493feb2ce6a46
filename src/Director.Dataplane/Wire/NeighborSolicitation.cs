namespace Director.Dataplane.Wire;

/// <summary>
/// A neighbour solicitation (RFC 4861 section 4.3): who has the target? IPv6's ARP request.
/// <code>
///    0               8               16                             31
///   +---------------+---------------+-------------------------------+
///   |   type = 135  |    code = 0   |            checksum           |
///   +---------------+---------------+-------------------------------+
///   |                               0                               |
///   +---------------------------------------------------------------+
///   |                    target address (4 words)                   |
///   +---------------+---------------+-------------------------------+
///   |  options: 1   |   length = 1  |  source link-layer address    |
///   +---------------+---------------+-------------------------------+
/// </code>
/// </summary>
public readonly ref struct NeighborSolicitation
{
    /// <summary>Of the whole IPv6 packet: one that asks for the address's owner, and a probe, which has no option.</summary>
    public const int PacketLength = ProbeLength + NeighborMessage.LinkLayerOptionLength;
    public const int ProbeLength = Ipv6Header.MinimumLength + NeighborMessage.MinimumLength;

    private NeighborSolicitation(IpAddress source, IpAddress target, MacAddress? sourceLinkLayerAddress)
    {
        Source = source;
        Target = target;
        SourceLinkLayerAddress = sourceLinkLayerAddress;
    }

    /// <summary>Who asks; :: in a <see cref="IsProbe">probe</see>.</summary>
    public IpAddress Source { get; }

    /// <summary>Who is asked for: unicast.</summary>
    public IpAddress Target { get; }

    /// <summary>Where the asker is, if it says so. Who asks a known neighbour whether it is still there need not.</summary>
    public MacAddress? SourceLinkLayerAddress { get; }

    /// <summary>Somebody is about to take the target address (duplicate address detection, RFC 4862 section 5.4).</summary>
    public bool IsProbe => Source.IsUnspecified;

    /// <summary>
    /// From a packet with one. It must be what section 7.1.1 asks for, its hop limit of 255 and its checksum included.
    /// </summary>
    public static bool TryParse(Ipv6Header packet, out NeighborSolicitation solicitation, out DropReason reason)
    {
        solicitation = default;
        if (!NeighborMessage.TryParse(packet, Icmpv6Header.NeighborSolicitation, out Span<byte> message, out reason))
            return false;
        IpAddress source = packet.Source;
        IpAddress target = NeighborMessage.Target(message);
        if (!NeighborMessage.TryFindLinkLayerAddress(message, NeighborMessage.SourceLinkLayerAddress, out MacAddress? address)
            || (source.IsUnspecified && (address is not null || packet.Destination != Ipv6Multicast.SolicitedNode(target))))
        {
            reason = DropReason.NeighbourDiscoveryInvalid;
            return false;
        }
        solicitation = new NeighborSolicitation(source, target, address);
        return true;
    }

    /// <summary>
    /// Writes a packet of <see cref="PacketLength"/> that asks for the target's link-layer address (section 7.2.2), for
    /// <see cref="Ipv6Multicast.SolicitedNode"/> of it.
    /// </summary>
    /// <param name="buffer">At least that long.</param>
    /// <param name="source">An address of ours on that link, with <paramref name="mac"/>.</param>
    /// <param name="target">Whom to ask for.</param>
    public static void Write(Span<byte> buffer, IpAddress source, MacAddress mac, IpAddress target) =>
        NeighborMessage.Write(
            buffer, Icmpv6Header.NeighborSolicitation, flags: 0, source, Ipv6Multicast.SolicitedNode(target), target,
            NeighborMessage.SourceLinkLayerAddress, mac);

    /// <summary>
    /// Writes a packet of <see cref="ProbeLength"/> that asks whether anybody has the target before we take it (RFC 4862 section
    /// 5.4.2), for <see cref="Ipv6Multicast.SolicitedNode"/> of it. An advertisement of it, or another's probe, says yes.
    /// </summary>
    public static void WriteProbe(Span<byte> buffer, IpAddress target) =>
        NeighborMessage.Write(
            buffer, Icmpv6Header.NeighborSolicitation, flags: 0, default, Ipv6Multicast.SolicitedNode(target), target);
}
