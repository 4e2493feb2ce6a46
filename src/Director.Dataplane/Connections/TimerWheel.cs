namespace Director.Dataplane.Connections;

/// <summary>
/// When to look at which record again: a wheel of 2^16 slots of one tick (18 minutes), each a list linked by record number, in
/// private memory. Timers beyond the wheel's end wait in its last slot and are queued anew from there. It is exact to the
/// tick, and lazy: a packet does not move its connection's timer, whoever takes the timer looks at what really is due.
/// </summary>
internal sealed class TimerWheel(uint records, uint now)
{
    private const uint Slots = 1 << 16;
    private const uint Mask = Slots - 1;

    private readonly uint[] _heads = new uint[Slots];
    private readonly Timer[] _timers = new Timer[records];

    // The slot that is being worked off; everything queued lies in the Slots ticks from here.
    private uint _cursor = now;

    /// <summary>Starts again with nothing queued.</summary>
    public void Clear(uint now)
    {
        Array.Clear(_heads);
        Array.Clear(_timers);
        _cursor = now;
    }

    /// <summary>Queues a timer that is not queued.</summary>
    public void Add(uint number, uint due)
    {
        int ahead = ConnectionClock.Between(_cursor, due);
        uint tick = unchecked(_cursor + (uint)Math.Clamp(ahead, 0, (int)Slots - 1));
        ref Timer timer = ref _timers[number];
        ref uint head = ref _heads[tick & Mask];
        timer = new Timer { Next = head, Tick = tick, IsQueued = true };
        if (head != 0)
            _timers[head].Previous = number;
        head = number;
    }

    public void Cancel(uint number)
    {
        ref Timer timer = ref _timers[number];
        if (!timer.IsQueued)
            return;
        if (timer.Previous != 0)
            _timers[timer.Previous].Next = timer.Next;
        else
            _heads[timer.Tick & Mask] = timer.Next;
        if (timer.Next != 0)
            _timers[timer.Next].Previous = timer.Previous;
        timer.IsQueued = false;
    }

    public void Move(uint number, uint due)
    {
        Cancel(number);
        Add(number, due);
    }

    /// <summary>Moves the timer only if it would come too late.</summary>
    public void MoveForward(uint number, uint due)
    {
        if (ConnectionClock.Between(due, _timers[number].Tick) > 0)
            Move(number, due);
    }

    /// <summary>The next record whose timer has come, no longer queued; 0: none.</summary>
    public uint Take(uint now)
    {
        SkipRounds(now);
        while (ConnectionClock.Between(_cursor, now) >= 0)
        {
            uint number = _heads[_cursor & Mask];
            if (number != 0)
            {
                Cancel(number);
                return number;
            }
            if (_cursor == now)
                return 0;
            _cursor = unchecked(_cursor + 1);
        }
        return 0;
    }

    // After a long sleep of the machine everything is due: one round of the wheel meets it all, in the same order.
    private void SkipRounds(uint now)
    {
        int behind = ConnectionClock.Between(_cursor, now);
        if (behind > 2 * (int)Slots)
            _cursor = unchecked(_cursor + ((((uint)behind / Slots) - 1) * Slots));
    }

    private struct Timer
    {
        public uint Next;
        public uint Previous;
        public uint Tick;
        public bool IsQueued;
    }
}
