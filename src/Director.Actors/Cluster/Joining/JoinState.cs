using System.Collections.Immutable;

namespace Director.Actors.Cluster.Joining;

public enum JoinPhase
{
    /// <summary>In no cluster; looks around.</summary>
    Outside,

    /// <summary>Asked to be let in, or founds.</summary>
    Joining,

    Member,
}

/// <summary>
/// Where one start of a director's cluster node is on its way into the cluster. Akka lets a node into one cluster in its life, so
/// whoever has to change over starts a new one: <see cref="Begin"/>.
/// </summary>
public sealed record JoinState
{
    public required JoinPhase Phase { get; init; }

    /// <summary>Of <see cref="Phase"/>.</summary>
    public required TimeSpan Since { get; init; }

    /// <summary>When this node was started.</summary>
    public required TimeSpan Started { get; init; }

    /// <summary>An operator had the director leave: it stays outside until it is told to join, or started anew.</summary>
    public bool Held { get; init; }

    /// <summary>The last hello of each contact, by address, and when it was heard.</summary>
    public ImmutableSortedDictionary<string, HeardHello> Heard { get; init; } = ImmutableSortedDictionary.Create<string, HeardHello>(StringComparer.Ordinal);

    /// <summary>The own cluster's, oneself included.</summary>
    public ImmutableArray<ClusterMember> Members { get; init; } = [];

    /// <summary>Since when a cluster that should swallow this one is in sight.</summary>
    public TimeSpan? IslandSince { get; init; }

    /// <summary>Since when somebody waits to be Up and an unreachable member is in the way.</summary>
    public TimeSpan? BlockedSince { get; init; }

    /// <param name="now">When the node was started.</param>
    /// <param name="before">The node before it: what was heard stays heard.</param>
    public static JoinState Begin(TimeSpan now, JoinState? before = null)
    {
        JoinState state = new() { Phase = JoinPhase.Outside, Since = now, Started = now };
        return before is null ? state : state with { Heard = before.Heard, Held = before.Held };
    }
}

public readonly record struct HeardHello(ContactHello Hello, TimeSpan At);

public abstract record JoinInput
{
    /// <summary>Some time went by.</summary>
    public sealed record Tick : JoinInput;

    /// <summary>A contact said hello that may be in one cluster with us.</summary>
    public sealed record Hello(ContactHello Contact) : JoinInput;

    /// <summary>The own cluster changed, or its members' reachability.</summary>
    public sealed record Members(ImmutableArray<ClusterMember> Seen) : JoinInput;
}

/// <summary>What the actor does about a step.</summary>
public abstract record JoinEffect
{
    /// <summary>Join oneself: a cluster of one.</summary>
    public sealed record Found : JoinEffect;

    public sealed record Join(string Address) : JoinEffect;

    /// <summary>End the cluster node and start a new one, which will join the other cluster.</summary>
    public sealed record Restart(string Reason) : JoinEffect;

    /// <summary>Declare dead a member that is unreachable and silent, since somebody cannot be Up because of it.</summary>
    public sealed record Down(string Address, string Reason) : JoinEffect;
}
