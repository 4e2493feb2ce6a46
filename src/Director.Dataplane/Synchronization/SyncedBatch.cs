namespace Director.Dataplane.Synchronization;

/// <summary>A batch of the engine for a peer, or of a peer for the engine.</summary>
/// <param name="Peer">The other director.</param>
/// <param name="Batch">As it travels; not to be changed.</param>
public sealed record SyncedBatch(ulong Peer, byte[] Batch);
