using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// A neighbour advertisement (RFC 4861 section 4.4): where the target is. IPv6's ARP reply and gratuitous ARP.
/// <code>
///    0               8               16                             31
///   +---------------+---------------+-------------------------------+
///   |   type = 136  |    code = 0   |            checksum           |
///   +-+-+-+---------+---------------+-------------------------------+
///   |R|S|O|                         0                               |
///   +-+-+-+---------------------------------------------------------+
///   |                    target address (4 words)                   |
///   +---------------+---------------+-------------------------------+
///   |  options: 2   |   length = 1  |  target link-layer address    |
///   +---------------+---------------+-------------------------------+
/// </code>
/// </summary>
public readonly ref struct NeighborAdvertisement
{
    /// <summary>Of the whole IPv6 packets that are written here.</summary>
    public const int PacketLength = Ipv6Header.MinimumLength + NeighborMessage.MinimumLength + NeighborMessage.LinkLayerOptionLength;

    private const uint RouterBit = 0x8000_0000;
    private const uint SolicitedBit = 0x4000_0000;
    private const uint OverrideBit = 0x2000_0000;

    private readonly uint _flags;

    private NeighborAdvertisement(IpAddress target, uint flags, MacAddress? targetLinkLayerAddress)
    {
        Target = target;
        TargetLinkLayerAddress = targetLinkLayerAddress;
        _flags = flags;
    }

    /// <summary>Whose address is advertised: unicast.</summary>
    public IpAddress Target { get; }

    /// <summary>Where it is, if it is said: an answer to a unicast solicitation need not.</summary>
    public MacAddress? TargetLinkLayerAddress { get; }

    public bool IsFromRouter => (_flags & RouterBit) != 0;

    /// <summary>It answers a solicitation, and so proves that the neighbour can be reached.</summary>
    public bool IsSolicited => (_flags & SolicitedBit) != 0;

    /// <summary>It replaces what is known; without this bit it only adds to it.</summary>
    public bool Overrides => (_flags & OverrideBit) != 0;

    /// <summary>
    /// From a packet with one. It must be what section 7.1.2 asks for, its hop limit of 255 and its checksum included.
    /// </summary>
    public static bool TryParse(Ipv6Header packet, out NeighborAdvertisement advertisement, out DropReason reason)
    {
        advertisement = default;
        if (!NeighborMessage.TryParse(packet, Icmpv6Header.NeighborAdvertisement, out Span<byte> message, out reason))
            return false;
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(message[NeighborMessage.FlagsAt..]);
        if (!NeighborMessage.TryFindLinkLayerAddress(message, NeighborMessage.TargetLinkLayerAddress, out MacAddress? address)
            || ((flags & SolicitedBit) != 0 && packet.Destination.IsMulticast))
        {
            reason = DropReason.NeighbourDiscoveryInvalid;
            return false;
        }
        advertisement = new NeighborAdvertisement(NeighborMessage.Target(message), flags, address);
        return true;
    }

    /// <summary>
    /// Writes a packet of <see cref="PacketLength"/> that answers a solicitation of an address of ours (section 7.2.4): to the asker,
    /// or, since a prober has no address yet, to all nodes.
    /// </summary>
    /// <param name="buffer">At least that long.</param>
    /// <param name="solicitation">What is answered, about its target.</param>
    /// <param name="mac">Where the target is.</param>
    /// <param name="isRouter">Who heard otherwise before, takes its default route away from that address (section 7.3.3).</param>
    public static void WriteAnswer(Span<byte> buffer, NeighborSolicitation solicitation, MacAddress mac, bool isRouter = false)
    {
        uint flags = OverrideBit | (solicitation.IsProbe ? 0 : SolicitedBit) | (isRouter ? RouterBit : 0);
        IpAddress asker = solicitation.IsProbe ? Ipv6Multicast.AllNodes : solicitation.Source;
        Write(buffer, flags, solicitation.Target, asker, mac);
    }

    /// <summary>
    /// Writes a packet of <see cref="PacketLength"/> that tells all nodes that the address has moved here (section 7.2.6), or that it
    /// is taken.
    /// </summary>
    /// <param name="buffer">At least that long.</param>
    /// <param name="address">An address of ours.</param>
    /// <param name="mac">Where it is from now on.</param>
    /// <param name="isRouter">As in an answer.</param>
    public static void WriteUnsolicited(Span<byte> buffer, IpAddress address, MacAddress mac, bool isRouter = false) =>
        Write(buffer, OverrideBit | (isRouter ? RouterBit : 0), address, Ipv6Multicast.AllNodes, mac);

    private static void Write(Span<byte> buffer, uint flags, IpAddress target, IpAddress destination, MacAddress mac) =>
        NeighborMessage.Write(
            buffer, Icmpv6Header.NeighborAdvertisement, flags, source: target, destination, target,
            NeighborMessage.TargetLinkLayerAddress, mac);
}
