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
    SyncDaemon[]? Daemons = null)
{
    public static TableSnapshot Of(ServiceTable table) => new(
        [.. table.Services], table.Timeouts, table.Declaration, table.Marks.Added.IsEmpty ? null : [.. table.Marks.Added], SettingsSnapshot.Of(table.Settings),
        table.Daemons == SyncDaemonState.None ? null : [.. table.Daemons.All]);

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
        };
    }
}

/// <summary>The settings that are not at their default: in force, and as the configuration said them last.</summary>
public sealed record SettingsSnapshot(SortedDictionary<string, int> InForce, SortedDictionary<string, int> Declared)
{
    /// <summary>Null: all are at their default.</summary>
    public static SettingsSnapshot? Of(SettingsState state) =>
        state == SettingsState.Default ? null : new SettingsSnapshot(state.InForce.ToChanges(), state.Declared.ToChanges());

    public SettingsState Restore() =>
        SettingsState.Default.Apply(new SettingsDeclared(Declared)) with { InForce = SettingsState.Default.Apply(new SettingsSet(InForce)).InForce };
}
