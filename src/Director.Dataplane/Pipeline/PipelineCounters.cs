using Director.Dataplane.Wire;

namespace Director.Dataplane.Pipeline;

/// <summary>
/// What the pipeline counted. Written by the packet thread alone; others read numbers that may be a moment old.
/// Every received frame is in exactly one of <see cref="Forwarded"/>, <see cref="Replies"/>, <see cref="Related"/>,
/// <see cref="Routed"/>, <see cref="Echoed"/>, <see cref="Arp"/>, <see cref="NeighborDiscovery"/>, <see cref="NotOurs"/>, <see cref="Reassembled"/>,
/// <see cref="FragmentsWaiting"/> and the drops. (A packet sent on that then waits in vain for its neighbour is dropped as well.)
/// </summary>
public sealed class PipelineCounters
{
    private readonly ulong[] _drops = new ulong[(int)DropReason.Count];

    public ulong Received;
    public ulong Forwarded;
    public ulong Replies;

    /// <summary>ICMP errors about connections' packets, sent on to the other side.</summary>
    public ulong Related;
    public ulong Routed;

    /// <summary>Echo requests answered.</summary>
    public ulong Echoed;

    /// <summary>RST and ICMP errors sent; what they answer is a drop.</summary>
    public ulong Answered;
    public ulong Arp;
    public ulong ArpAnswered;

    /// <summary>Neighbour discovery and multicast listener messages of IPv6.</summary>
    public ulong NeighborDiscovery;
    public ulong NeighborsAnswered;
    public ulong NotOurs;
    public ulong HeldForNeighbour;

    /// <summary>Packets that left in fragments.</summary>
    public ulong Fragmented;

    /// <summary>Fragments that became part of a datagram; its last one counts as the datagram.</summary>
    public ulong Reassembled;

    /// <summary>Fragments of datagrams that are not complete now.</summary>
    public ulong FragmentsWaiting;

    /// <summary>Segments of ours that told a server who its client is.</summary>
    public ulong Introduced;

    /// <summary>Segments that should have carried the client's address but had no room for the option (TOA).</summary>
    public ulong IntroducedWithoutRoom;

    /// <summary>Connections and templates that drop_entry ended.</summary>
    public ulong EntriesDropped;

    public void Drop(DropReason reason, int frames = 1) => _drops[(int)reason] += (uint)frames;

    public ulong Dropped(DropReason reason) => _drops[(int)reason];

    /// <summary>Reasons that happened, by name.</summary>
    public Dictionary<string, ulong> DropsByReason()
    {
        Dictionary<string, ulong> drops = [];
        for (DropReason reason = DropReason.None + 1; reason < DropReason.Count; reason++)
        {
            if (_drops[(int)reason] != 0)
                drops[reason.ToString()] = _drops[(int)reason];
        }
        return drops;
    }

    public Dictionary<string, ulong> ByName() => new()
    {
        [nameof(Received)] = Received,
        [nameof(Forwarded)] = Forwarded,
        [nameof(Replies)] = Replies,
        [nameof(Related)] = Related,
        [nameof(Routed)] = Routed,
        [nameof(Echoed)] = Echoed,
        [nameof(Answered)] = Answered,
        [nameof(Arp)] = Arp,
        [nameof(ArpAnswered)] = ArpAnswered,
        [nameof(NeighborDiscovery)] = NeighborDiscovery,
        [nameof(NeighborsAnswered)] = NeighborsAnswered,
        [nameof(NotOurs)] = NotOurs,
        [nameof(HeldForNeighbour)] = HeldForNeighbour,
        [nameof(Fragmented)] = Fragmented,
        [nameof(Reassembled)] = Reassembled,
        [nameof(FragmentsWaiting)] = FragmentsWaiting,
        [nameof(Introduced)] = Introduced,
        [nameof(IntroducedWithoutRoom)] = IntroducedWithoutRoom,
        [nameof(EntriesDropped)] = EntriesDropped,
    };
}
