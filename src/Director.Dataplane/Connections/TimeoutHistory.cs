using System.Runtime.InteropServices;
using Director.Dataplane.Linux;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>A change of the timeouts, in the header page.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct TimeoutChange
{
    public const uint Most = 63;

    /// <summary>Tick from which on packets start these timeouts.</summary>
    public uint Since;
    public uint Tcp;
    public uint TcpFin;
    public uint Udp;

    public readonly Timeouts Timeouts => new(Tcp, TcpFin, Udp);
}

/// <summary>
/// The timeouts in force and those before them: a change holds for a connection from its next packet on, so what counts is
/// what was in force when it was last seen. Kept in the header page, since records do not carry their timeout; that way also
/// packets of the fast path, which the engine does not see, restart their connection with the right one.
/// </summary>
internal sealed class TimeoutHistory
{
    private readonly Region<MemoryHeader> _header;
    private readonly Region<TimeoutChange> _changes;

    // Newest first. Replaced as a whole, so that listings on other threads read one or the other.
    private volatile Epoch[] _epochs = [];

    public TimeoutHistory(Region<MemoryHeader> header, Region<TimeoutChange> changes)
    {
        _header = header;
        _changes = changes;
        Load();
    }

    public Timeouts Current { get; private set; } = new();

    /// <summary>Ticks that a connection in this state has from a packet now.</summary>
    public uint CurrentTicks(ConnectionState state) => _epochs[0].Ticks[(int)state];

    /// <summary>Ticks that the connection has from its last packet.</summary>
    public uint TicksOf(in ConnectionRecord record)
    {
        if (record.OwnTimeout != 0)
            return ConnectionClock.Ticks(record.OwnTimeout);
        Epoch[] epochs = _epochs;
        int i = 0;
        while (i < epochs.Length - 1 && ConnectionClock.Between(epochs[i].Since, record.LastSeen) < 0)
            i++;
        return epochs[i].Ticks[record.StateByte];
    }

    public void Change(Timeouts timeouts, uint now)
    {
        if (timeouts == Current)
            return;
        ref uint count = ref _header[0].TimeoutChanges;
        if (count == TimeoutChange.Most)
            Forget();
        _changes[count] = new TimeoutChange { Since = now, Tcp = timeouts.Tcp, TcpFin = timeouts.TcpFin, Udp = timeouts.Udp };
        Volatile.Write(ref count, count + 1);
        Load();
    }

    /// <summary>Drops what no connection can have been last seen under any more, before the clock wraps round to it.</summary>
    public void ForgetBefore(uint now)
    {
        int oldest = (int)ConnectionClock.Ticks(ConnectionClock.LongestTimeout);
        while (_epochs.Length > 1 && ConnectionClock.Between(_epochs[^2].Since, now) > oldest)
        {
            Forget();
            Load();
        }
    }

    private void Forget()
    {
        ref uint count = ref _header[0].TimeoutChanges;
        for (uint i = 1; i < count; i++)
            _changes[i - 1] = _changes[i];
        count--;
    }

    private void Load()
    {
        Epoch[] epochs = new Epoch[_header[0].TimeoutChanges];
        for (uint i = 0; i < epochs.Length; i++)
            epochs[^((int)i + 1)] = new Epoch(_changes[i]);
        Current = epochs[0].Timeouts;
        _epochs = epochs;
    }

    private sealed class Epoch
    {
        public Epoch(TimeoutChange change)
        {
            Since = change.Since;
            Timeouts = change.Timeouts;
            for (int state = 0; state < Ticks.Length; state++)
                Ticks[state] = ConnectionClock.Ticks(StateTimeouts.Seconds((ConnectionState)state, Timeouts));
        }

        public uint Since { get; }

        public Timeouts Timeouts { get; }

        // One for every value that the state byte can have.
        public uint[] Ticks { get; } = new uint[256];
    }
}
