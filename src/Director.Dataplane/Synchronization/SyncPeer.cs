namespace Director.Dataplane.Synchronization;

/// <summary>Whom the engine is to keep in sync, and how.</summary>
/// <param name="Peer">The other director.</param>
/// <param name="Runs">True: from now on, from the beginning. False: no longer.</param>
/// <param name="Self">This director: what its batches say that they are from.</param>
/// <param name="Epoch">Of its ownership.</param>
/// <param name="Strict">A connection's first packet waits until a standby knows of it.</param>
/// <param name="StrictMilliseconds">But no longer than this.</param>
public sealed record SyncPeer(ulong Peer, bool Runs, ulong Self, ulong Epoch, bool Strict, uint StrictMilliseconds);
