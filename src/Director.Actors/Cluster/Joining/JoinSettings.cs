using System.Collections.Immutable;

namespace Director.Actors.Cluster.Joining;

/// <summary>Who one is, whom one looks for, and how long one waits for what.</summary>
/// <param name="Self">The own address.</param>
/// <param name="Contacts">The others' (<c>akka.cluster.seed-nodes</c> without the own one).</param>
public sealed record JoinSettings(string Self, ImmutableArray<string> Contacts)
{
    /// <summary>What was heard longer ago says nothing about now. Hellos come each half second.</summary>
    public TimeSpan Fresh { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So long a director looks for others before it founds a cluster without them.</summary>
    public TimeSpan FoundPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So long one that has the right to found first is waited for, when it is there and does not.</summary>
    public TimeSpan RivalPatience { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>A join that takes longer comes to nothing: look around again.</summary>
    public TimeSpan JoinPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Two clusters see each other for so long before one of them gives itself up.</summary>
    public TimeSpan IslandPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So long an unreachable member may keep a newcomer from being Up.</summary>
    public TimeSpan BlockedPatience { get; init; } = TimeSpan.FromSeconds(3);
}
