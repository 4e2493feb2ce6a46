namespace Director.Dataplane.Synchronization;

/// <summary>Takes finished batches on their way to the peers: the engine's outbox, or a test's network.</summary>
public interface ISyncOutput
{
    /// <summary>Batches that there is room for now.</summary>
    int Free { get; }

    /// <summary>Where the next batch is to be written: <see cref="SyncBatch.MostBytes"/>. Only while <see cref="Free"/> is not 0.</summary>
    Span<byte> Reserve();

    /// <summary>Sends what was written there.</summary>
    void Send(ulong peer, int length);
}
