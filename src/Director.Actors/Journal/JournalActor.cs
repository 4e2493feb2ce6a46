using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Director.Actors.Services;

namespace Director.Actors.Journal;

/// <summary>
/// The one writer of the journal. Group commit: whatever was asked for while a write ran goes into the next write as one, so the
/// disk is waited for once however many ask. Fails by stopping; its parent starts another, which recovers what is on disk.
/// </summary>
public sealed class JournalActor : ReceivePersistentActor
{
    /// <summary>Stands in every row of a file; changing it would lose every journal.</summary>
    public const string StableId = "director";

    private readonly string _id;
    private readonly int _snapshotEvery;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<Waiting> _queued = [];
    private List<Waiting> _writing = [];
    private ServiceTable _table = ServiceTable.Empty;
    private long _lastSnapshot;
    private long _snapshotBefore;

    /// <param name="id">See <see cref="JournalStore.PersistenceId"/>.</param>
    /// <param name="snapshotEvery">Events between two snapshots.</param>
    public JournalActor(string id, int snapshotEvery)
    {
        _id = id;
        _snapshotEvery = snapshotEvery;

        Recover<SnapshotOffer>(offer => Restore(offer));
        Recover<DirectorEvent>(happened => _table = _table.Apply(happened));
        Recover<RecoveryCompleted>(_ => Context.Parent.Tell(new Recovered(_table, (ulong)LastSequenceNr)));

        Command<Append>(append => Enqueue(append));
        Command<SaveSnapshotSuccess>(_ => Trim());
        Command<SaveSnapshotFailure>(failed => _log.Warning(failed.Cause, "The journal's snapshot was not saved; the events are still there"));
        Command<DeleteMessagesFailure>(failed => _log.Warning(failed.Cause, "Old events were not deleted from the journal"));
        Command<DeleteSnapshotsFailure>(failed => _log.Warning(failed.Cause, "Old snapshots were not deleted from the journal"));
        // Nothing to do: trimming worked.
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteSnapshotsSuccess>(_ => { });
    }

    public override string PersistenceId => _id;

    protected override void OnRecoveryFailure([NotNull] Exception reason, object? message = null) =>
        Context.Parent.Tell(new RecoveryFailed(reason));

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => FailAll(cause);

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        FailAll(cause);
        // The table here has none of it and later answers would lie: begin again from the disk.
        Context.Stop(Self);
    }

    private void Restore(SnapshotOffer offer)
    {
        _table = ((TableSnapshot)offer.Snapshot).Restore();
        _lastSnapshot = offer.Metadata.SequenceNr;
    }

    private void Enqueue(Append append)
    {
        _queued.Add(new Waiting(append, Sender));
        if (_writing.Count == 0)
            Write();
    }

    private void Write()
    {
        _writing = [.. _queued];
        _queued.Clear();
        DirectorEvent[] events = [.. _writing.SelectMany(waiting => waiting.Append.Events)];
        int left = events.Length;
        // Async: commands keep coming while this is written, and queue up for the next write.
        PersistAllAsync(events, happened =>
        {
            _table = _table.Apply(happened);
            if (--left == 0)
                Written();
        });
        if (events.Length == 0)
            Written();
    }

    private void Written()
    {
        ulong sequence = (ulong)LastSequenceNr;
        foreach (Waiting waiting in _writing)
            waiting.ReplyTo.Tell(new Appended(sequence));
        _writing.Clear();
        if (LastSequenceNr - _lastSnapshot >= _snapshotEvery)
        {
            (_snapshotBefore, _lastSnapshot) = (_lastSnapshot, LastSequenceNr);
            SaveSnapshot(TableSnapshot.Of(_table));
        }
        if (_queued.Count > 0)
            Write();
    }

    /// <summary>The snapshot before the newest is kept with the events after it, should the newest turn out to be unreadable.</summary>
    private void Trim()
    {
        if (_snapshotBefore == 0)
            return;
        DeleteMessages(_snapshotBefore);
        DeleteSnapshots(new SnapshotSelectionCriteria(_snapshotBefore - 1));
    }

    private void FailAll(Exception cause)
    {
        foreach (Waiting waiting in (Waiting[])[.. _writing, .. _queued])
            waiting.ReplyTo.Tell(new AppendFailed(cause.Message));
        _writing.Clear();
        _queued.Clear();
    }

    private sealed record Waiting(Append Append, IActorRef ReplyTo);
}
