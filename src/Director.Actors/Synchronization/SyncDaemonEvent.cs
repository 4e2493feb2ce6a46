using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Synchronization;

/// <summary>An event of the sync daemons.</summary>
public abstract record SyncDaemonEvent : DirectorEvent;

/// <summary>With everything that the command left open filled in.</summary>
public sealed record SyncDaemonStarted(SyncDaemon Daemon) : SyncDaemonEvent;

public sealed record SyncDaemonStopped(SyncRole Role) : SyncDaemonEvent;
