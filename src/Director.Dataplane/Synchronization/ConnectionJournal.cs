using System.Runtime.CompilerServices;
using Director.Dataplane.Connections;

namespace Director.Dataplane.Synchronization;

/// <summary>Bits of <see cref="ConnectionRecord"/> that the journal keeps there, where a packet has them at hand. The packet thread's own.</summary>
[Flags]
internal enum SyncMarks : byte
{
    None = 0,

    /// <summary>Its number is in the journal, once.</summary>
    Queued = 0x01,

    /// <summary>A standby may know of it.</summary>
    Sent = 0x02,

    /// <summary>Its first packet waits for a standby to know of it (strict).</summary>
    Awaited = 0x04,
}

/// <summary>
/// What has changed and no standby knows yet: numbers of records, each at most once (so there is always room), and the keys of those
/// that are gone. A packet only puts a number here; what is sent is the record as it is when its turn comes. Packet thread only;
/// allocates nothing but in <see cref="Prepare"/>.
/// </summary>
public sealed class ConnectionJournal
{
    /// <summary>Bytes for keys of connections that are gone: some 200,000 of IPv4.</summary>
    public const int RemovalBytes = 4 << 20;

    /// <summary>Of an entry of IPv4.</summary>
    private const int UsualBytes = 43;

    // States in which a connection need not be known elsewhere: its client will ask again, and a flood must not fill two tables.
    private const uint HalfOpen = (1u << (int)ConnectionState.None) | (1u << (int)ConnectionState.SynSent) | (1u << (int)ConnectionState.SynReceived)
        | (1u << (int)ConnectionState.Listen) | (1u << (int)ConnectionState.SynAck) | (1u << (int)ConnectionState.SctpInit1)
        | (1u << (int)ConnectionState.SctpInit) | (1u << (int)ConnectionState.SctpCookieSent) | (1u << (int)ConnectionState.SctpCookieReplied)
        | (1u << (int)ConnectionState.SctpCookieWait) | (1u << (int)ConnectionState.SctpCookie) | (1u << (int)ConnectionState.SctpCookieEchoed);

    private const uint EveryState = (1u << ConnectionStates.Count) - 1;

    private uint[] _ring = [];
    private uint _mask;
    private uint _states;
    private byte[] _removals = [];
    private int _removalsFrom;
    private int _removalsTo;

    /// <summary>Somebody wants to know.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Marks made so far: a place in the order of changes.</summary>
    public ulong Position { get; private set; }

    /// <summary>How far they have been taken.</summary>
    public ulong Taken { get; private set; }

    /// <summary>Records that wait.</summary>
    public uint Waiting => (uint)(Position - Taken);

    /// <summary>About so much it is when it is sent.</summary>
    public long WaitingBytes => ((long)Waiting * UsualBytes) + _removalsTo - _removalsFrom;

    /// <summary>More connections ended than there was room for: only a copy of everything tells the standbys of all.</summary>
    public bool Overflowed { get; private set; }

    public bool HasRemovals => _removalsFrom != _removalsTo;

    /// <summary>Memory for all of it, at once.</summary>
    /// <param name="records">Record numbers are below it; a power of two.</param>
    public void Prepare(uint records)
    {
        if (_ring.Length == records)
            return;
        _ring = new uint[records];
        _mask = records - 1;
        _removals = new byte[RemovalBytes];
    }

    /// <summary>Begins to take notes.</summary>
    /// <param name="strict">Half-open connections too.</param>
    public void Begin(bool strict)
    {
        _states = strict ? EveryState : EveryState & ~HalfOpen;
        IsActive = true;
    }

    /// <summary>Nobody wants to know any more; what waited is forgotten.</summary>
    public void End(ConnectionTable table)
    {
        while (TryTake(out uint number))
            table[number].Marks &= ~SyncMarks.Queued;
        ForgetRemovals();
        _states = 0;
        IsActive = false;
    }

    /// <summary>Standbys are told of a connection in this state.</summary>
    public bool Covers(ConnectionState state) => ((_states >> (int)state) & 1) != 0;

    /// <summary>A connection is in another state, or in the same again in another way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Changed(uint number, ref ConnectionRecord record)
    {
        if (((_states >> record.StateByte) & 1) != 0)
            Queue(number, ref record);
    }

    /// <summary>The same of a record that may be a template, whose state says nothing about that.</summary>
    internal void Note(uint number, ref ConnectionRecord record)
    {
        if (IsActive && ((record.Flags & ConnectionFlags.Template) != 0 || Covers(record.State)))
            Queue(number, ref record);
    }

    /// <summary>The record is leaving the table, or the index: <paramref name="removal"/> is the last that standbys hear of it.</summary>
    internal void Removed(ref ConnectionRecord record, scoped in SyncEntry removal)
    {
        record.Marks &= ~SyncMarks.Sent;
        if (!IsActive || Overflowed)
            return;
        if (_removals.Length - _removalsTo < SyncEntryFormat.MostBytes && !MakeRoom())
        {
            ForgetRemovals();
            Overflowed = true;
            return;
        }
        _removalsTo += EntryWriter.Write(_removals.AsSpan(_removalsTo), removal);
    }

    /// <summary>The record that was marked first and not taken yet.</summary>
    internal bool TryTake(out uint number)
    {
        number = 0;
        if (Taken == Position)
            return false;
        number = _ring[(uint)Taken & _mask];
        Taken++;
        return true;
    }

    /// <summary>Moves whole removals, as many as fit; returns the bytes and how many there were.</summary>
    internal int TakeRemovals(Span<byte> to, out uint count)
    {
        count = 0;
        int taken = 0;
        while (_removalsFrom != _removalsTo)
        {
            int length = BitConverter.ToUInt16(_removals, _removalsFrom);
            if (to.Length - taken < length)
                break;
            _removals.AsSpan(_removalsFrom, length).CopyTo(to[taken..]);
            _removalsFrom += length;
            taken += length;
            count++;
        }
        if (_removalsFrom == _removalsTo)
            _removalsFrom = _removalsTo = 0;
        return taken;
    }

    /// <summary>Every stream begins again, so that nothing is missing.</summary>
    internal void ForgetRemovals()
    {
        _removalsFrom = _removalsTo = 0;
        Overflowed = false;
    }

    private void Queue(uint number, ref ConnectionRecord record)
    {
        if ((record.Marks & SyncMarks.Queued) != 0)
            return;
        record.Marks |= SyncMarks.Queued;
        _ring[(uint)Position & _mask] = number;
        Position++;
    }

    private bool MakeRoom()
    {
        if (_removalsFrom < _removals.Length / 2)
            return false;
        _removals.AsSpan(_removalsFrom, _removalsTo - _removalsFrom).CopyTo(_removals);
        _removalsTo -= _removalsFrom;
        _removalsFrom = 0;
        return true;
    }
}
