namespace Director.Model;

/// <summary><c>GET /api/v1/sync</c>: connections between the owner and its standbys.</summary>
/// <param name="Synced">Of a standby: its connections are the owner's. Of an owner: some standby's are its own.</param>
/// <param name="Standbys">Owner: directors that it keeps in sync.</param>
/// <param name="StandbysInSync">Owner: those that could take over with every connection.</param>
/// <param name="LagMilliseconds">Owner: age of the oldest change that a standby has not confirmed.</param>
/// <param name="Waiting">Owner: connections and templates whose change has not been sent yet.</param>
/// <param name="StrictDegraded">Connections are made that no standby knows of, though <c>connection-sync.mode</c> is strict.</param>
/// <param name="LastMilliseconds">Standby: since it last heard of the owner's connections; null: never.</param>
public sealed record SyncListing(
    bool Synced, ulong Standbys, ulong StandbysInSync, ulong LagMilliseconds, ulong Waiting, bool StrictDegraded, ulong? LastMilliseconds = null);
