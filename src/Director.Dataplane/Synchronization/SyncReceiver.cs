using Director.Dataplane.Connections;

namespace Director.Dataplane.Synchronization;

/// <summary>
/// A standby's end of a stream of batches. Whatever is lost, repeated, reordered or broken on the way, its table becomes the owner's:
/// batches are applied in order and without a gap or not at all, and after a gap everything is asked for again. When a copy of
/// everything is complete, what it did not confirm goes. Packet thread only; the clock comes from outside.
/// </summary>
/// <remarks>
/// <code>
///             batch of a lower epoch, or we own:   answer STALE, forget it
///             cut or altered:                      answer RESYNC
/// (nothing) --Begin--> copying --Complete--> in sync
///     ^                   |                     |
///     +---- gap, or another stream's batch -----+       answer RESYNC; the table stays as it is
/// </code>
/// </remarks>
public sealed class SyncReceiver(ConnectionTable table, EntryApplication application, SyncCounters counters)
{
    private const long SilenceMilliseconds = 3000;

    private ulong _sender;
    private ulong _stream;
    private ulong _applied;
    private bool _following;
    private byte _copy;
    private uint _sweep;
    private bool _sweepsTemplates;
    private bool _swept;

    /// <summary>The highest epoch that is known, of batches or of our own.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>We are the owner: nobody tells us about connections.</summary>
    public bool IsOwner { get; set; }

    /// <summary>A copy is complete and nothing has been missed since.</summary>
    public bool IsInSync { get; private set; }

    /// <summary>When the last batch was applied, by the clock of <see cref="Receive"/>; 0: none yet.</summary>
    public long LastApplied { get; private set; }

    /// <summary>There is a stream of which nothing is missing.</summary>
    public bool IsFollowing => _following;

    /// <summary>An owner tells us of its connections, and has just done so: it always says something, if only that there is nothing.</summary>
    public bool IsTold(long milliseconds) => _following && milliseconds - LastApplied < SilenceMilliseconds;

    /// <summary>Records that a complete copy did not confirm are still being looked for.</summary>
    public bool IsSweeping => _sweep != 0;

    /// <summary>We own, or owned, in this epoch: batches of a lower one are late.</summary>
    public void NoteEpoch(ulong epoch)
    {
        if (epoch <= Epoch)
            return;
        Epoch = epoch;
        Forget();
    }

    /// <summary>Takes a batch from a peer; the answer goes back to it.</summary>
    /// <param name="batch">Whatever came.</param>
    /// <param name="now">Ticks of the connection clock.</param>
    /// <param name="milliseconds">The same time.</param>
    public SyncAck Receive(ReadOnlySpan<byte> batch, uint now, long milliseconds)
    {
        counters.SyncBatchesReceived++;
        BatchFault fault = SyncBatch.TryOpen(batch, out SyncBatch header, out ReadOnlySpan<byte> entries);
        if (fault == BatchFault.VersionUnknown)
        {
            counters.SyncBatchesUnknown++;
            return Answer(SyncAckFlags.VersionUnknown);
        }
        if (fault != BatchFault.None)
        {
            counters.SyncBatchesBroken++;
            return Lost();
        }
        if (IsOwner || header.Epoch < Epoch)
        {
            counters.SyncBatchesStale++;
            return new SyncAck(SyncAckFlags.Stale, Epoch, header.Stream, 0);
        }
        if (header.Epoch > Epoch)
            NoteEpoch(header.Epoch);
        if ((header.Flags & SyncBatchFlags.Begin) != 0 && IsNew(header))
            Begin(header);
        if (header.Sender != _sender || header.Stream != _stream)
            return Astray(header);
        if (header.Sequence <= _applied)
        {
            counters.SyncBatchesRepeated++;
            return Answer(SyncAckFlags.None);
        }
        if (!_following || header.Sequence != _applied + 1)
        {
            counters.SyncGaps++;
            return Lost();
        }
        if (!TryApply(header, entries, now))
            return Lost();
        _applied = header.Sequence;
        LastApplied = milliseconds;
        if ((header.Flags & SyncBatchFlags.Complete) != 0)
            Complete();
        return Answer(SyncAckFlags.None);
    }

    /// <summary>Goes on removing what a complete copy did not confirm: looks at so many records at most.</summary>
    public void Continue(int budget)
    {
        for (; _sweep != 0 && budget > 0; budget--)
        {
            ref ConnectionRecord record = ref table[_sweep];
            bool template = (record.Flags & ConnectionFlags.Template) != 0;
            if (record.IsInUse && record.ConfirmedBy != _copy && template == _sweepsTemplates && application.End(_sweep))
            {
                counters.SyncEntriesSwept++;
                _swept = true;
            }
            if (++_sweep <= table.Capacity)
                continue;
            // Templates after the connections that they made.
            _sweep = _sweepsTemplates ? 0 : 1u;
            _sweepsTemplates = true;
            // What went has made room for what found none: that is to be asked for again.
            if (_sweep == 0 && _swept && application.IsIncomplete)
                _following = false;
        }
    }

    /// <summary>From here on the table is nobody's copy: we own, or the streams are another epoch's.</summary>
    public void Forget()
    {
        _following = false;
        _stream = 0;
        _sender = 0;
        _applied = 0;
        _sweep = 0;
        IsInSync = false;
    }

    // Of one sender streams only go up; another one may be the owner now by the election's other rules.
    private bool IsNew(in SyncBatch header) => header.Sender != _sender || header.Stream > _stream;

    private void Begin(in SyncBatch header)
    {
        Forget();
        (_sender, _stream) = (header.Sender, header.Stream);
        _following = true;
        _swept = false;
        application.IsIncomplete = false;
        // 0 is what no copy has confirmed.
        _copy = (byte)(_copy == byte.MaxValue ? 1 : _copy + 1);
    }

    private bool TryApply(in SyncBatch header, ReadOnlySpan<byte> entries, uint now)
    {
        uint count = 0;
        for (; !entries.IsEmpty; count++)
        {
            if (SyncEntryFormat.TryRead(entries, out SyncEntry entry, out int length))
                application.Apply(entry, _copy, now);
            else
                counters.SyncEntriesRefused++;
            if (length == 0)
                break;
            entries = entries[length..];
        }
        counters.SyncEntriesReceived += count;
        bool whole = entries.IsEmpty && count == header.Count;
        if (!whole)
            counters.SyncBatchesBroken++;
        return whole;
    }

    private void Complete()
    {
        IsInSync = true;
        _sweep = 1;
        _sweepsTemplates = false;
    }

    // Late batches of an earlier stream are nothing to us; one of a later stream means that its beginning is missing.
    private SyncAck Astray(in SyncBatch header)
    {
        if (header.Sender == _sender && header.Stream < _stream)
        {
            counters.SyncBatchesRepeated++;
            return Answer(SyncAckFlags.None);
        }
        counters.SyncGaps++;
        return new SyncAck(SyncAckFlags.Resync, Epoch, header.Stream, 0);
    }

    private SyncAck Lost()
    {
        _following = false;
        IsInSync = false;
        _sweep = 0;
        return Answer(SyncAckFlags.Resync);
    }

    private SyncAck Answer(SyncAckFlags flags) => new(IsInSync ? flags | SyncAckFlags.InSync : flags, Epoch, _stream, _applied);
}
