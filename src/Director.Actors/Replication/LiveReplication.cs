using System.Collections.Immutable;

namespace Director.Actors.Replication;

/// <summary>What readers see of the replication, in one immutable snapshot. The <see cref="ReplicationActor"/> is the only writer.</summary>
public sealed class LiveReplication
{
    private volatile ReplicationView _current = new();

    public ReplicationView Current => _current;

    internal void Set(ReplicationView view) => _current = view;
}

public sealed record ReplicationView
{
    /// <summary>Null: the journal is being read.</summary>
    public string? Cluster { get; init; }

    /// <summary>Who is edited at, by name; null: not known, and this director takes edits itself.</summary>
    public string? Owner { get; init; }

    /// <summary>Of the newest edit, here or at any director that was ever met.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Directors that can be reached.</summary>
    public ImmutableArray<ReplicationPeer> Peers { get; init; } = [];

    /// <summary>Every director that can be reached has the same table.</summary>
    public bool InSync => Peers.All(peer => peer.InSync);

    /// <summary>What an operator should know and mend.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}

/// <param name="InSync">Its table is the one here, and every edit since is on its disk.</param>
/// <param name="IsBehind">It did not store an edit in time, and is not waited for until it has caught up.</param>
/// <param name="IsStranger">Its journal is another cluster's: nothing is exchanged.</param>
public sealed record ReplicationPeer(string Name, bool InSync, bool IsBehind, bool IsStranger);
