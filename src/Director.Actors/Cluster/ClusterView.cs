using System.Collections.Immutable;

namespace Director.Actors.Cluster;

/// <summary>The cluster as this director sees it now, for readers.</summary>
public sealed record ClusterView
{
    public static readonly ClusterView None = new();

    /// <summary>The own address; empty: there is no cluster configured, or the link to it starts just now.</summary>
    public string Self { get; init; } = "";

    public int SelfUid { get; init; }

    /// <summary>In the order in which they joined: the first is the oldest.</summary>
    public ImmutableArray<MemberView> Members { get; init; } = [];

    /// <summary>Address of the member that lets others in; null: there is none.</summary>
    public string? Leader { get; init; }
}

/// <summary>A member with what Akka Management tells of it.</summary>
public sealed record MemberView(ClusterMember Member, ImmutableArray<string> Roles);

/// <summary>
/// The cluster and the peers, in one immutable snapshot behind one reference: readers never wait for an actor. The
/// <see cref="ClusterActor"/> is the only writer.
/// </summary>
public sealed class LiveCluster
{
    private volatile ClusterSnapshot _current = new();

    public ClusterSnapshot Current => _current;

    internal void Set(ClusterSnapshot snapshot) => _current = snapshot;
}

public sealed record ClusterSnapshot
{
    /// <summary>Whether this director is to have peers at all.</summary>
    public bool Configured { get; init; }

    public ClusterView View { get; init; } = ClusterView.None;

    public ImmutableArray<PeerInfo> Peers { get; init; } = [];

    /// <summary>What an operator should know and mend, e.g. a director with another key.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}
