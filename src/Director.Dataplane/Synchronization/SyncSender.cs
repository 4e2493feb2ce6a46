using Director.Dataplane.Connections;

namespace Director.Dataplane.Synchronization;

/// <summary>
/// The owner's end: sends every standby what the journal notes, and to those that are new everything there is, both in the order in
/// which it is true: what is gone first, then records as they are now. Bounded by what the standbys have answered; without their
/// answers the journal goes on noting, which costs nothing more. Packet thread only; the clock comes from outside.
/// </summary>
public sealed class SyncSender(ConnectionTable table, ISyncOutput output, SyncCounters counters)
{
    /// <summary>Batches of changes that one call sends at most: half a millisecond's work.</summary>
    private const uint MostLookedAt = 1 << 12;
    private const int MostDeltas = 8;

    /// <summary>Batches of a copy that one call sends to one standby at most.</summary>
    private const int MostBulk = 4;

    /// <summary>Nothing to say is said as well: so a standby notices that something is missing.</summary>
    private const long IdleMilliseconds = 200;

    private const int Room = SyncBatch.MostBytes - SyncBatch.HeaderSize;

    private readonly ConnectionJournal _journal = table.Journal;
    private readonly RefreshScan _scan = new(table);
    private readonly byte[] _entries = GC.AllocateArray<byte>(Room, pinned: true);
    private readonly List<SyncStream> _streams = [];
    private ulong _self;
    private ulong _epoch;
    private ulong _lastNumber;

    public bool IsActive => _streams.Count != 0;

    /// <summary>There is something to be sent, and it may be.</summary>
    public bool HasWork => IsActive && (((_journal.Waiting != 0 || _journal.HasRemovals || _journal.Overflowed) && MayChange(Established())) || IsCopying());

    /// <summary>And there is no reason to let more of it gather: it fills a batch, is part of a copy, or begins a stream.</summary>
    public bool HasBatch => IsActive && (IsCopying()
        || ((_journal.Overflowed || _journal.WaitingBytes >= Room) && MayChange(Established())));

    /// <summary>Some standby could take over with what it has.</summary>
    public bool HasStandby
    {
        get
        {
            foreach (SyncStream stream in _streams)
            {
                if (stream.IsInSync)
                    return true;
            }
            return false;
        }
    }

    /// <summary>How far in the journal there is a standby, one that could take over, that has every change.</summary>
    public ulong Covered
    {
        get
        {
            ulong covered = 0;
            foreach (SyncStream stream in _streams)
            {
                if (stream.IsInSync)
                    covered = Math.Max(covered, stream.Position);
            }
            return covered;
        }
    }

    /// <summary>Milliseconds since the oldest change was sent that some standby has not answered; of one that answers nothing since its last answer.</summary>
    public long Lag(long now)
    {
        long lag = 0;
        foreach (SyncStream stream in _streams)
            lag = Math.Max(lag, stream.IsEstablished ? stream.Lag(now) : now - stream.LastHeard);
        return lag;
    }

    /// <summary>Standbys that are in sync, and all of them.</summary>
    public (int InSync, int All) Standbys
    {
        get
        {
            int inSync = 0;
            foreach (SyncStream stream in _streams)
                inSync += stream.IsInSync ? 1 : 0;
            return (inSync, _streams.Count);
        }
    }

    /// <summary>Takes the memory that sending needs; a take-over is no time for that.</summary>
    public void Prepare()
    {
        _journal.Prepare(table.Capacity + 1);
        _scan.Prepare();
    }

    /// <summary>A standby is to be kept in sync from now on; one that is already begins anew.</summary>
    /// <param name="peer">The standby.</param>
    /// <param name="self">This director.</param>
    /// <param name="epoch">Of its ownership.</param>
    /// <param name="strict">Half-open connections too.</param>
    /// <param name="now">Milliseconds.</param>
    public void Start(ulong peer, ulong self, ulong epoch, bool strict, long now)
    {
        (_self, _epoch) = (self, epoch);
        Prepare();
        _journal.Begin(strict);
        _scan.Begin(now);
        SyncStream? stream = Find(peer);
        if (stream is null)
            _streams.Add(stream = new SyncStream(peer, now));
        Restart(stream, now);
    }

    /// <summary>The peer is gone, or no standby any more.</summary>
    public void Stop(ulong peer)
    {
        _streams.RemoveAll(stream => stream.Peer == peer);
        if (!IsActive)
            _journal.End(table);
    }

    /// <summary>We are not the owner any more.</summary>
    public void StopAll()
    {
        _streams.Clear();
        _journal.End(table);
    }

    /// <summary>A standby's answer.</summary>
    public void Acknowledge(ulong peer, SyncAck ack, long now)
    {
        if ((ack.Flags & SyncAckFlags.Stale) != 0)
            counters.SyncRefusedByPeer++;
        if (Find(peer) is not { } stream || stream.Number != ack.Stream)
            return;
        stream.Acknowledge(ack.Sequence, now);
        if ((ack.Flags & SyncAckFlags.Resync) != 0)
        {
            counters.SyncResyncs++;
            Restart(stream, now);
        }
    }

    /// <summary>Sends what is to be sent and may be. To be called every millisecond or two while <see cref="HasBatch"/>, every few while <see cref="HasWork"/>, else every twenty.</summary>
    /// <param name="milliseconds">The time.</param>
    /// <param name="now">The same in ticks.</param>
    public void Tick(long milliseconds, uint now)
    {
        if (!IsActive)
            return;
        RestartLost(milliseconds);
        _scan.Continue(milliseconds, now);
        SendChanges(milliseconds, now);
        foreach (SyncStream stream in _streams)
        {
            SendCopy(stream, milliseconds, now);
            if (stream.HasCredit && output.Free > 0 && (stream.Sent == 0 || milliseconds - stream.LastSent >= IdleMilliseconds))
                Send(stream, stream.Sent == 0 ? SyncBatchFlags.Begin : SyncBatchFlags.None, 0, 0, milliseconds);
        }
    }

    private void RestartLost(long now)
    {
        foreach (SyncStream stream in _streams)
        {
            if (!_journal.Overflowed && !stream.IsStalled(now))
                continue;
            if (stream.IsEstablished)
                counters.SyncResyncs++;
            Restart(stream, now);
        }
        if (_journal.Overflowed)
            _journal.ForgetRemovals();
    }

    private void SendChanges(long milliseconds, uint now)
    {
        int established = Established();
        for (int batches = 0; batches < MostDeltas && (_journal.HasRemovals || _journal.Waiting != 0); batches++)
        {
            if (!MayChange(established))
                return;
            int length = _journal.TakeRemovals(_entries, out uint count);
            // Records only when nothing that is gone waits: else a new connection could be taken for the old one that ended.
            while (!_journal.HasRemovals && Room - length >= SyncEntryFormat.MostBytes && _journal.TryTake(out uint number))
            {
                table[number].Marks &= ~SyncMarks.Queued;
                if (RecordEntries.IsAheadOfItsTemplate(table, number))
                {
                    _journal.Note(number, ref table[number]);
                    continue;
                }
                int written = RecordEntries.Write(table, number, _entries.AsSpan(length), now);
                if (written == 0)
                    continue;
                _scan.NoteSent(number);
                length += written;
                count++;
            }
            foreach (SyncStream stream in _streams)
            {
                if (!stream.IsEstablished)
                    continue;
                counters.SyncEntriesSent += count;
                Send(stream, SyncBatchFlags.Delta, length, count, milliseconds);
            }
        }
    }

    private void SendCopy(SyncStream stream, long milliseconds, uint now)
    {
        // Records are looked at a share at a time: a table of millions that is almost empty would keep packets waiting.
        uint last = Math.Min(stream.Cursor + MostLookedAt, 2 * table.Capacity);
        for (int batches = 0; batches < MostBulk && stream.IsEstablished && stream.Cursor != 0; batches++)
        {
            // Changes first: a connection must not be copied ahead of a template that was made behind the copy's back.
            if (_journal.HasRemovals || _journal.Waiting != 0 || !stream.HasCredit || output.Free == 0)
                return;
            int length = 0;
            uint count = 0;
            for (; stream.Cursor <= last && Room - length >= SyncEntryFormat.MostBytes; stream.Cursor++)
            {
                // Templates first: connections name theirs.
                bool templates = stream.Cursor <= table.Capacity;
                uint number = templates ? stream.Cursor : stream.Cursor - table.Capacity;
                if ((table[number].Flags & ConnectionFlags.Template) != 0 != templates)
                    continue;
                int written = RecordEntries.Write(table, number, _entries.AsSpan(length), now);
                if (written == 0)
                    continue;
                if (_streams.Count == 1)
                    _scan.NoteSent(number);
                length += written;
                count++;
            }
            bool complete = stream.Cursor > 2 * table.Capacity;
            if (complete)
                stream.Cursor = 0;
            else if (count == 0)
                return;
            counters.SyncBulkEntriesSent += count;
            Send(stream, complete ? SyncBatchFlags.Bulk | SyncBatchFlags.Complete : SyncBatchFlags.Bulk, length, count, milliseconds);
        }
    }

    private void Send(SyncStream stream, SyncBatchFlags flags, int length, uint count, long milliseconds)
    {
        ulong sequence = stream.Next(flags, _journal.Taken, milliseconds);
        Span<byte> batch = output.Reserve()[..(SyncBatch.HeaderSize + length)];
        _entries.AsSpan(0, length).CopyTo(batch[SyncBatch.HeaderSize..]);
        new SyncBatch(flags, _epoch, _self, stream.Number, sequence, count).Seal(batch);
        output.Send(stream.Peer, batch.Length);
        counters.SyncBatchesSent++;
        counters.SyncBytesSent += (uint)batch.Length;
    }

    // A stalled standby holds the others up for as long as it may be silent, and then begins again without them.
    private bool MayChange(int established)
    {
        if (established == 0 || output.Free < established)
            return false;
        foreach (SyncStream stream in _streams)
        {
            if (stream.IsEstablished && !stream.HasCredit)
                return false;
        }
        return true;
    }

    private int Established()
    {
        int established = 0;
        foreach (SyncStream stream in _streams)
            established += stream.IsEstablished ? 1 : 0;
        return established;
    }

    private bool IsCopying()
    {
        foreach (SyncStream stream in _streams)
        {
            if (stream.Sent == 0 || (stream.IsEstablished && stream.Cursor != 0 && stream.HasCredit))
                return true;
        }
        return false;
    }

    // By the clock, so that an engine that was restarted has higher numbers than the one before.
    private void Restart(SyncStream stream, long now)
    {
        _lastNumber = Math.Max(_lastNumber + 1, (ulong)now);
        stream.Restart(_lastNumber);
    }

    private SyncStream? Find(ulong peer)
    {
        foreach (SyncStream stream in _streams)
        {
            if (stream.Peer == peer)
                return stream;
        }
        return null;
    }
}
