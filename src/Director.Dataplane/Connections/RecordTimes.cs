using Director.Dataplane.Linux;

namespace Director.Dataplane.Connections;

/// <summary>When records end, for those who tell other directors of it. Packet thread only.</summary>
internal sealed class RecordTimes(Region<ConnectionRecord> records, TimeoutHistory timeouts, ConnectionTimers timers)
{
    /// <summary>Ticks until the record ends if no packet comes; 0 or less: its time is up.</summary>
    public int Remaining(uint number, uint now) => timers.Remaining(records[number], now);

    /// <summary>Ticks that it has from its last packet.</summary>
    public uint Timeout(in ConnectionRecord record) => timeouts.TicksOf(record);

    /// <summary>A record that another director has told of becomes as that one says.</summary>
    public void Restore(uint number, ConnectionState state, ConnectionFlags flags, in Restored told)
    {
        ref ConnectionRecord record = ref records[number];
        record.GoSlow();
        record.StateByte = (byte)state;
        record.FlagBits = (ushort)((record.FlagBits & ~(uint)Restored.Flags) | (ushort)(flags & Restored.Flags));
        uint whole = told.OwnTimeout != 0 ? ConnectionClock.Ticks(told.OwnTimeout) : timeouts.CurrentTicks(state);
        SetLastSeen(ref record, told.OwnTimeout, unchecked(told.Now + told.Remaining - whole));
        // By timeouts that are not, or were not then, those of this table: a time of its own until the next packet.
        if (told.Remaining > whole || timers.Remaining(record, told.Now) != (int)told.Remaining)
        {
            uint seconds = ConnectionClock.Seconds(told.Remaining) + 1;
            SetLastSeen(ref record, seconds, unchecked(told.Now + told.Remaining - ConnectionClock.Ticks(seconds)));
        }
        timers.Restart(number, told.Now);
    }

    /// <summary>The record's time is up, and this is what it gets instead. For <see cref="IConnectionExpiry"/>, which sees to the timer.</summary>
    public void Postpone(uint number, uint ticks, uint now)
    {
        ref ConnectionRecord record = ref records[number];
        uint last = unchecked(now + ticks - timeouts.TicksOf(record));
        (record.LastSeenIn, record.LastSeenOut) = (last, last);
    }

    private static void SetLastSeen(ref ConnectionRecord record, uint ownTimeout, uint at)
    {
        record.OwnTimeout = ownTimeout;
        record.LastSeenIn = at;
        record.LastSeenOut = at;
    }
}
