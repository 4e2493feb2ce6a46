using System.Net;

namespace Director.Dataplane.Control;

/// <summary>
/// Makes the engine a candidate among several directors: from now on <c>Own</c> says that it may own, and the election says
/// when. Without it <c>Own</c> is ownership.
/// </summary>
public sealed record ElectionConfiguration
{
    /// <summary>Of the director's name; unique in the group, not 0.</summary>
    public required ulong Id { get; init; }

    /// <summary>1-254; the higher goes first when nobody owns.</summary>
    public byte Priority { get; init; } = 100;

    public bool Preempt { get; init; }

    /// <summary>Microseconds between two announcements.</summary>
    public uint AnnounceInterval { get; init; } = 40_000;

    /// <summary>So many announcements missed are silence.</summary>
    public byte MissedAnnouncements { get; init; } = 3;

    /// <summary>What announcements are of; null: the first owned IPv4 address in a subnet of the first interface, else that one's own.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The shared secret's bytes.</summary>
    public required byte[] Key { get; init; }

    /// <summary>Where epochs are reserved.</summary>
    public required string EpochFile { get; init; }

    /// <summary>How many other directors are configured.</summary>
    public byte Peers { get; init; } = 1;

    /// <summary>Addresses that an owner must reach; see <c>election.track-addresses</c>. None: nothing is tracked.</summary>
    public IPAddress[] TrackAddresses { get; init; } = [];

    /// <summary>Track each interface's gateway, and where there is none its real servers.</summary>
    public bool TrackAutomatically { get; init; } = true;

    /// <summary>By value, arrays and all.</summary>
    public bool IsSameAs(ElectionConfiguration other) =>
        this with { Key = other.Key, TrackAddresses = other.TrackAddresses } == other
        && Key.AsSpan().SequenceEqual(other.Key) && TrackAddresses.SequenceEqual(other.TrackAddresses);
}

/// <summary>What directord knows and the election does not hear by itself.</summary>
public enum ElectionHint : byte
{
    /// <summary>The association with that director ended.</summary>
    PeerGone = 1,

    /// <summary>Its directord says that its engine is dead.</summary>
    PeerDead = 2,

    /// <summary>Give the ownership away, to that director or (0) to anybody.</summary>
    Resign = 3,

    /// <summary>Our tables are in sync with the owner's (1), or not (0).</summary>
    Synced = 4,

    /// <summary>That director's tables are in sync with ours.</summary>
    PeerSynced = 5,

    /// <summary>That director's tables are no longer in sync with ours.</summary>
    PeerBehind = 6,
}
