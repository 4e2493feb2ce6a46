using System.Text.Json.Serialization;
using Director.Actors.Journal;
using Director.Actors.Marks;
using Director.Actors.Services;
using Director.Actors.Synchronization;
using Director.Actors.Tuning;
using Director.Model;

namespace Director.Actors.Replication;

/// <summary>The service is this from now on, servers and all, whether it was there or not.</summary>
public sealed record ServicePut(VirtualService Service) : ServiceEvent
{
    [JsonIgnore]
    public override ServiceKey Key => Service.Key;
}

/// <summary>The mark rules that commands added are these.</summary>
public sealed record MarksPut(MarkRule[] Rules) : MarkEvent;

/// <summary>The settings are these: in force, and as the configuration said them last.</summary>
public sealed record SettingsPut(SettingsSnapshot Settings) : SettingsEvent;

/// <summary>The sync daemons are these.</summary>
public sealed record SyncDaemonsPut(SyncDaemon[] Daemons) : SyncDaemonEvent;

/// <summary>An event of the journal's place among those of other directors; no object of the configuration changes.</summary>
public abstract record ReplicationEvent : DirectorEvent;

/// <summary>
/// Two directors that did not reach each other edited the same object, and this edit is not the one that stands. Kept so long that
/// nobody misses it.
/// </summary>
/// <param name="Object">The object's key.</param>
/// <param name="Version">Of the edit that does not stand.</param>
/// <param name="By">Of the edit that does.</param>
/// <param name="Was">What the edit had made of it, in ipvsadm's notation.</param>
/// <param name="Stands">What it is instead.</param>
/// <param name="At">When the edit that stands was made, in seconds since 1970.</param>
public sealed record EditOverridden(string Object, ObjectVersion Version, ObjectVersion By, string Was, string Stands, long At) : ReplicationEvent;

/// <summary>From now on the journal belongs to the cluster of this identity.</summary>
/// <param name="Cluster">Drawn with each new journal; directors that meet come to have the same one.</param>
/// <param name="IsSettled">
/// Something was edited by hand: the journal goes with no settled one of another cluster. Until then it holds nothing but what the
/// configuration declares, and takes on the identity of whoever it meets.
/// </param>
public sealed record ClusterIdentified(string Cluster, bool IsSettled) : ReplicationEvent;

/// <summary>
/// What this director's own configuration file declares was dealt with: it is applied again only when it changes. Of this director
/// alone, never sent to another.
/// </summary>
/// <param name="Fingerprint">Of everything that it declares.</param>
public sealed record DeclarationSeen(string Fingerprint) : ReplicationEvent;
