using System.Collections.Immutable;

namespace Director.Actors.Replication;

/// <summary>What happens to a <see cref="Replicator"/>.</summary>
public abstract record ReplicatorInput
{
    /// <summary>Another director is there, or is there anew.</summary>
    public sealed record Appeared(string Peer) : ReplicatorInput;

    public sealed record Vanished(string Peer) : ReplicatorInput;

    public sealed record Heard(string Peer, ReplicaHello Hello) : ReplicatorInput;

    /// <summary>The peer sends what differs: it is of no use to compare before it is done.</summary>
    public sealed record Receives(string Peer) : ReplicatorInput;

    public sealed record Stored(string Peer, ulong Transfer) : ReplicatorInput;

    /// <summary>These objects changed here, by an edit, and are in this director's journal: <see cref="ReplicatorEffect.Replicated"/> follows.</summary>
    public sealed record Committed(ulong Revision, ImmutableArray<ObjectKey> Objects) : ReplicatorInput;

    /// <summary>The journal got an identity, or another one.</summary>
    public sealed record Identified : ReplicatorInput;

    /// <summary>Time has passed: some ten times a second.</summary>
    public sealed record Tick : ReplicatorInput;
}

/// <summary>What a <see cref="Replicator"/> wants done.</summary>
public abstract record ReplicatorEffect
{
    public sealed record Greet(string Peer, ReplicaHello Hello) : ReplicatorEffect;

    public sealed record Send(string Peer, ReplicaObjects Objects) : ReplicatorEffect;

    /// <summary>This revision is on the disk of every director that can be reached.</summary>
    public sealed record Replicated(ulong Revision) : ReplicatorEffect;

    /// <summary>The journal is to get this identity. <see cref="ReplicatorInput.Identified"/> follows.</summary>
    public sealed record Identify(ClusterIdentified Cluster) : ReplicatorEffect;

    /// <summary>A peer stands otherwise than before, see <see cref="Peer"/>.</summary>
    public sealed record Told(Peer Peer) : ReplicatorEffect;
}
