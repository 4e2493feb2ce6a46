using Director.Dataplane.Linux;

namespace Director.Dataplane.Connections;

/// <summary>
/// When connections end. The time of a connection is its last packet's plus what its state then had; a packet only stamps,
/// and the timer finds out when it comes.
/// </summary>
internal sealed class ConnectionTimers(Region<ConnectionRecord> records, TimeoutHistory timeouts, uint now)
{
    private readonly TimerWheel _wheel = new(records.Length, now);

    // The next record whose timer a change of the timeouts may have made too late; 0: none.
    private uint _sweep;

    public void Clear(uint now)
    {
        _wheel.Clear(now);
        _sweep = 0;
    }

    /// <summary>The first timer of a record, or the next after it was taken.</summary>
    public void Start(uint number, uint now) => _wheel.Add(number, DueAt(records[number], now));

    public void Restart(uint number, uint now) => _wheel.Move(number, DueAt(records[number], now));

    public void Stop(uint number) => _wheel.Cancel(number);

    /// <summary>
    /// A packet has moved the record to another state. A timer that comes too early is left where it is and looked at then, but
    /// the 2 s of a new connection are not worth a look.
    /// </summary>
    public void StateChanged(uint number, ConnectionState before, uint now)
    {
        uint due = unchecked(now + timeouts.CurrentTicks(records[number].State));
        if (before == ConnectionState.None)
            _wheel.Move(number, due);
        else
            _wheel.MoveForward(number, due);
    }

    /// <summary>Every timer has to be looked at once, some with each <see cref="Sweep"/>.</summary>
    public void TimeoutsChanged() => _sweep = 1;

    public void Sweep(uint now, int budget)
    {
        for (; _sweep != 0 && budget > 0; budget--)
        {
            if (records[_sweep].IsInUse)
                _wheel.MoveForward(_sweep, DueAt(records[_sweep], now));
            _sweep = _sweep + 1 < records.Length ? _sweep + 1 : 0;
        }
    }

    /// <summary>A record whose timer has come, which is then stopped; 0: none.</summary>
    public uint Take(uint now) => _wheel.Take(now);

    /// <summary>Ticks that the connection has left; 0 or less: its time is up. Any thread.</summary>
    public int Remaining(in ConnectionRecord record, uint now) => ConnectionClock.Between(now, Deadline(record));

    private uint Deadline(in ConnectionRecord record) => unchecked(record.LastSeen + timeouts.TicksOf(record));

    // When to look again: at the deadline, or before that when a packet right now would bring a nearer one, since packets of
    // the same state do not look at their timer.
    private uint DueAt(in ConnectionRecord record, uint now)
    {
        uint deadline = Deadline(record);
        uint nearest = unchecked(now + timeouts.CurrentTicks(record.State));
        return record.OwnTimeout == 0 && ConnectionClock.Between(nearest, deadline) > 0 ? nearest : deadline;
    }
}
