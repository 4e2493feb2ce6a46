using System.Collections.Immutable;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>
/// What the table's objects carry beside their values: stamps, tombstones, overridden edits, the cluster's identity. Moves with the
/// table, event by event.
/// </summary>
public sealed record ReplicaState
{
    public static readonly ReplicaState Empty = new();

    /// <summary>How long a deleted service is remembered: a director that was away for longer brings it back.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    /// <summary>The stamp of every object that ever got one. Of a service that is not there: its tombstone.</summary>
    public ImmutableDictionary<ObjectKey, Stamp> Stamps { get; init; } = ImmutableDictionary<ObjectKey, Stamp>.Empty;

    public ImmutableDictionary<ObjectKey, EditOverridden> Overridden { get; init; } = ImmutableDictionary<ObjectKey, EditOverridden>.Empty;

    /// <summary>Null: the journal is so new, or so old, that it has no identity yet.</summary>
    public ClusterIdentified? Cluster { get; init; }

    /// <summary>Null: no version of directord has noted it yet.</summary>
    public string? DeclarationSeen { get; init; }

    /// <summary>The highest epoch of any version that was ever seen.</summary>
    public ulong Epoch { get; init; }

    /// <summary>The highest number of any version that was ever seen, whatever its epoch.</summary>
    public ulong Sequence { get; init; }

    public ReplicaState Apply(DirectorEvent happened) => happened switch
    {
        EditOverridden overridden => Reach(overridden.Version) with { Overridden = Overridden.SetItem(ObjectKey.Of(overridden), overridden) },
        ClusterIdentified identified => this with { Cluster = identified },
        DeclarationSeen seen => this with { DeclarationSeen = seen.Fingerprint },
        { Stamp: { } stamp } => Reach(stamp.Version) with { Stamps = Stamps.SetItem(ObjectKey.Of(happened)!, stamp) },
        // Of a version of directord that gave no stamps.
        ServiceDeleted deleted => this with { Stamps = Stamps.Remove(ObjectKey.Of(deleted.Key)) },
        _ => this,
    };

    /// <summary>Without the tombstones and overridden edits that are older than <see cref="Memory"/>.</summary>
    /// <param name="table">Whose services are there.</param>
    /// <param name="now">Seconds since 1970.</param>
    public ReplicaState Forget(ServiceTable table, long now) => this with
    {
        Stamps = Stamps.RemoveRange(Stamps.Where(each => each.Key.Service is { } service && table.Find(service) is null && IsForgotten(each.Value.At, now)).Select(each => each.Key)),
        Overridden = Overridden.RemoveRange(Overridden.Where(each => IsForgotten(each.Value.At, now)).Select(each => each.Key)),
    };

    internal static bool IsForgotten(long at, long now) => now - at > (long)Memory.TotalSeconds;

    private ReplicaState Reach(ObjectVersion version) => this with { Epoch = Math.Max(Epoch, version.Epoch), Sequence = Math.Max(Sequence, version.Sequence) };
}
