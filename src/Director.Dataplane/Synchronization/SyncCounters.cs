namespace Director.Dataplane.Synchronization;

/// <summary>
/// What connection sync counted. Written by the packet thread alone; others read numbers that may be a moment old.
/// </summary>
public sealed class SyncCounters
{
    /// <summary>Entries of changes that left, once for each standby.</summary>
    public ulong SyncEntriesSent;

    /// <summary>Entries of copies of everything that left.</summary>
    public ulong SyncBulkEntriesSent;
    public ulong SyncBatchesSent;
    public ulong SyncBytesSent;

    /// <summary>Streams that began again: batches were lost, a standby was away, or more ended at once than could be noted.</summary>
    public ulong SyncResyncs;

    /// <summary>Answers that said that somebody else owns the addresses.</summary>
    public ulong SyncRefusedByPeer;

    public ulong SyncBatchesReceived;
    public ulong SyncEntriesReceived;

    /// <summary>Batches that were cut, altered, or none.</summary>
    public ulong SyncBatchesBroken;

    /// <summary>Batches of a later version than this engine's.</summary>
    public ulong SyncBatchesUnknown;

    /// <summary>Batches of an owner that is none any more.</summary>
    public ulong SyncBatchesStale;

    /// <summary>Batches that had been received already.</summary>
    public ulong SyncBatchesRepeated;

    /// <summary>Batches that came after one that did not, so that everything was asked for again.</summary>
    public ulong SyncGaps;

    /// <summary>Entries that contradict themselves.</summary>
    public ulong SyncEntriesRefused;

    /// <summary>Entries for which the table had no room.</summary>
    public ulong SyncEntriesWithoutRoom;

    /// <summary>Entries of servers that are not configured here, or not yet: they are kept, and counted when their server comes.</summary>
    public ulong SyncEntriesUnconfigured;

    /// <summary>Entries that the owner no longer had when a copy was complete.</summary>
    public ulong SyncEntriesSwept;

    /// <summary>First packets that were held until a standby had their connection (strict).</summary>
    public ulong StrictHeld;

    /// <summary>First packets that went on without waiting for an answer that did not come in time.</summary>
    public ulong StrictTimedOut;

    /// <summary>First packets that went on at once: no room to hold them.</summary>
    public ulong StrictWithoutRoom;

    /// <summary>First packets that went on at once: there is no standby that is in sync.</summary>
    public ulong StrictWithoutStandby;

    public IEnumerable<KeyValuePair<string, ulong>> ByName() =>
    [
        new(nameof(SyncEntriesSent), SyncEntriesSent),
        new(nameof(SyncBulkEntriesSent), SyncBulkEntriesSent),
        new(nameof(SyncBatchesSent), SyncBatchesSent),
        new(nameof(SyncBytesSent), SyncBytesSent),
        new(nameof(SyncResyncs), SyncResyncs),
        new(nameof(SyncRefusedByPeer), SyncRefusedByPeer),
        new(nameof(SyncBatchesReceived), SyncBatchesReceived),
        new(nameof(SyncEntriesReceived), SyncEntriesReceived),
        new(nameof(SyncBatchesBroken), SyncBatchesBroken),
        new(nameof(SyncBatchesUnknown), SyncBatchesUnknown),
        new(nameof(SyncBatchesStale), SyncBatchesStale),
        new(nameof(SyncBatchesRepeated), SyncBatchesRepeated),
        new(nameof(SyncGaps), SyncGaps),
        new(nameof(SyncEntriesRefused), SyncEntriesRefused),
        new(nameof(SyncEntriesWithoutRoom), SyncEntriesWithoutRoom),
        new(nameof(SyncEntriesUnconfigured), SyncEntriesUnconfigured),
        new(nameof(SyncEntriesSwept), SyncEntriesSwept),
        new(nameof(StrictHeld), StrictHeld),
        new(nameof(StrictTimedOut), StrictTimedOut),
        new(nameof(StrictWithoutRoom), StrictWithoutRoom),
        new(nameof(StrictWithoutStandby), StrictWithoutStandby),
    ];
}
