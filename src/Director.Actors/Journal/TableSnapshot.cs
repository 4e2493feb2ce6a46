using System.Collections.Immutable;
using System.Runtime.Serialization;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Actors.Synchronization;
using Director.Actors.Tuning;
using Director.Model;

namespace Director.Actors.Journal;

/// <summary>
/// The table as the journal keeps it now and then, so that recovery need not begin with the first event. Without marks and settings
/// there are no rules but the configuration's, and every setting is at its default; without daemons none was started.
/// </summary>
public sealed record TableSnapshot(
    VirtualService[] Services, Timeouts Timeouts, DeclarationApplied? Declaration = null, MarkRule[]? Marks = null, SettingsSnapshot? Settings = null,
    SyncDaemon[]? Daemons = null, ReplicaSnapshot? Replica = null)
{
    public static TableSnapshot Of(ServiceTable table) => new(
        [.. table.Services], table.Timeouts, table.Declaration, table.Marks.Added.IsEmpty ? null : [.. table.Marks.Added],
        table.Settings == SettingsState.Default ? null : SettingsSnapshot.Of(table.Settings),
        table.Daemons == SyncDaemonState.None ? null : [.. table.Daemons.All], ReplicaSnapshot.Of(table.Replica));

    public ServiceTable Restore()
    {
        ServiceTable table = Services.Aggregate(ServiceTable.Empty, (grown, service) => grown.Apply(new ServiceAdded(service)));
        return table with
        {
            Timeouts = Timeouts,
            Declaration = Declaration,
            Marks = table.Marks with { Added = [.. Marks ?? []] },
            Settings = Settings?.Restore() ?? SettingsState.Default,
            Daemons = (Daemons ?? []).Aggregate(SyncDaemonState.None, (state, daemon) => state.Apply(new SyncDaemonStarted(daemon))),
            Replica = Replica?.Restore() ?? ReplicaState.Empty,
        };
    }
}

/// <summary>The settings that are not at their default: in force, and as the configuration said them last.</summary>
public sealed record SettingsSnapshot(SortedDictionary<string, int> InForce, SortedDictionary<string, int> Declared)
{
    public static SettingsSnapshot Of(SettingsState state) => new(state.InForce.ToChanges(), state.Declared.ToChanges());

    public SettingsState Restore() =>
        SettingsState.Default.Apply(new SettingsDeclared(Declared)) with { InForce = SettingsState.Default.Apply(new SettingsSet(InForce)).InForce };
}

/// <summary>Stamps and what else is kept beside the objects' values; services that are not there are tombstones.</summary>
/// <param name="Stamps">By the objects' names.</param>
/// <param name="Epoch">The highest that was seen, though nothing that is left may have it.</param>
/// <param name="Sequence">The highest that was seen.</param>
public sealed record ReplicaSnapshot(
    Dictionary<string, Stamp> Stamps, ulong Epoch, ulong Sequence, EditOverridden[]? Overridden = null, ClusterIdentified? Cluster = null, string? DeclarationSeen = null)
{
    /// <summary>Null: there is none of it.</summary>
    public static ReplicaSnapshot? Of(ReplicaState state) => state == ReplicaState.Empty ? null : new ReplicaSnapshot(
        state.Stamps.ToDictionary(each => each.Key.ToString(), each => each.Value), state.Epoch, state.Sequence,
        state.Overridden.IsEmpty ? null : [.. state.Overridden.OrderBy(each => each.Key.ToString(), StringComparer.Ordinal).Select(each => each.Value)],
        state.Cluster, state.DeclarationSeen);

    public ReplicaState Restore() => new()
    {
        Stamps = Stamps.ToImmutableDictionary(each => KeyOf(each.Key), each => each.Value),
        Overridden = (Overridden ?? []).ToImmutableDictionary(ObjectKey.Of),
        Cluster = Cluster,
        DeclarationSeen = DeclarationSeen,
        Epoch = Epoch,
        Sequence = Sequence,
    };

    private static ObjectKey KeyOf(string text) => ObjectKey.TryParse(text, out ObjectKey? key)
        ? key
        : throw new SerializationException($"'{text}' names no object that this version knows");
}
