using System.Runtime.CompilerServices;

namespace Director.Dataplane.Election;

/// <summary>Another director, as last heard.</summary>
public struct ElectionPeer
{
    /// <summary>0: none.</summary>
    public ulong Id { get; internal set; }

    public byte Priority { get; internal set; }

    /// <summary>As it said of itself in its last hello; none of an owner.</summary>
    public StandbyFlags Flags { get; internal set; }

    /// <summary>Microseconds; by any message of its own.</summary>
    public long HeardAt { get; internal set; }
}

/// <summary>The other directors. With more than there is room for, the one not heard for longest is forgotten.</summary>
[InlineArray(Capacity)]
public struct ElectionPeers
{
    public const int Capacity = 7;

    private ElectionPeer _first;

    /// <summary>Somebody spoke. Only a standby can take: who announces or resigns is not offered again before its next hello.</summary>
    internal void Note(in ElectionMessage message, long now)
    {
        int at = Place(message.Id);
        StandbyFlags flags = message.Kind switch
        {
            ElectionMessageKind.Hello => message.Flags,
            ElectionMessageKind.Probe when this[at].Id == message.Id => this[at].Flags,
            _ => StandbyFlags.None,
        };
        this[at] = new ElectionPeer { Id = message.Id, Priority = message.Priority, Flags = flags, HeardAt = now };
    }

    internal void Forget(ulong id)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (this[i].Id == id)
                this[i] = default;
        }
    }

    /// <summary>Whether a standby other than <paramref name="owner"/> was heard since.</summary>
    internal readonly bool HasStandby(ulong owner, long since)
    {
        foreach (ref readonly ElectionPeer peer in this)
        {
            if (peer.Id != 0 && peer.Id != owner && peer.HeardAt >= since)
                return true;
        }
        return false;
    }

    /// <summary>How many that can take go before the director of this priority and id.</summary>
    internal readonly int Before(byte priority, ulong id, ulong owner, long since)
    {
        int before = 0;
        foreach (ref readonly ElectionPeer peer in this)
        {
            if (peer.Id != owner && peer.HeardAt >= since && CanTake(peer) && (peer.Priority, peer.Id).CompareTo((priority, id)) > 0)
                before++;
        }
        return before;
    }

    /// <summary>Who is to take: the one asked for, or the best, synced ones first; 0 if it, or nobody, can.</summary>
    internal readonly ulong Successor(ulong asked, long since)
    {
        ElectionPeer best = default;
        foreach (ref readonly ElectionPeer peer in this)
        {
            if (peer.HeardAt < since || !CanTake(peer) || (asked != 0 && peer.Id != asked))
                continue;
            if (best.Id == 0 || Order(peer).CompareTo(Order(best)) > 0)
                best = peer;
        }
        return best.Id;
    }

    private static (bool Synced, byte Priority, ulong Id) Order(in ElectionPeer peer) =>
        ((peer.Flags & StandbyFlags.Synced) != 0, peer.Priority, peer.Id);

    private static bool CanTake(in ElectionPeer peer) => (peer.Flags & StandbyFlags.CanTake) != 0;

    // Its own, else a free one, else that of the one not heard for longest.
    private readonly int Place(ulong id)
    {
        int oldest = 0;
        for (int i = 0; i < Capacity; i++)
        {
            if (this[i].Id == id)
                return i;
            if (this[oldest].Id != 0 && (this[i].Id == 0 || this[i].HeardAt < this[oldest].HeardAt))
                oldest = i;
        }
        return oldest;
    }
}
