using Director.Dataplane.Connections;
using Director.Model;

namespace Director.Dataplane.Synchronization;

/// <summary>
/// Finds the connections that live on without changing, so that standbys do not let them expire: packets only stamp a record, be
/// it here or in the fast path. All records are looked at in a second, a few at a time; one whose last packet is an eighth of
/// its timeout later than what was sent of it goes out again, and so does one that has become silent since. A standby's timer is
/// right to a quarter.
/// </summary>
internal sealed class RefreshScan(ConnectionTable table)
{
    private const int Share = 8;
    private const long LongestRoundMilliseconds = 1000;
    private const long ShortestRoundMilliseconds = 125;
    private const uint MostAtOnce = 1 << 16;

    /// <summary>Records to be loaded meanwhile: nothing else takes the scan time but waiting for memory.</summary>
    private const uint Ahead = 16;

    private uint[] _sentSeen = [];
    private uint _next = 1;
    private long _last;
    private long _owed;

    /// <summary>Memory for all of it, at once.</summary>
    public void Prepare()
    {
        if (_sentSeen.Length == 0)
            _sentSeen = new uint[table.Capacity + 1];
    }

    public void Begin(long now) => _last = now;

    /// <summary>Standbys have the record as it is now.</summary>
    public void NoteSent(uint number) => _sentSeen[number] = table[number].LastSeen;

    /// <summary>Looks at the share of the records that is due.</summary>
    /// <param name="milliseconds">The time.</param>
    /// <param name="now">The same in ticks.</param>
    public void Continue(long milliseconds, uint now)
    {
        long round = Math.Clamp(ShortestTimeout(table.Timeouts) * 1000L / Share, ShortestRoundMilliseconds, LongestRoundMilliseconds);
        _owed = Math.Min(_owed + (table.Capacity * Math.Min(milliseconds - _last, round)), table.Capacity * round);
        _last = milliseconds;
        uint due = (uint)Math.Min(_owed / round, MostAtOnce);
        _owed -= due * round;
        for (uint left = due; left > 0; left--)
        {
            table.Prefetch(_next + Ahead);
            Look(_next, now);
            _next = _next < table.Capacity ? _next + 1 : 1;
        }
    }

    private void Look(uint number, uint now)
    {
        ref ConnectionRecord record = ref table[number];
        if (!record.IsInUse || (record.Marks & SyncMarks.Queued) != 0)
            return;
        uint seen = record.LastSeen;
        int moved = ConnectionClock.Between(_sentSeen[number], seen);
        if (moved == 0)
            return;
        int share = (int)(table.Times.Timeout(record) / Share);
        if (moved < 0 || moved > share || ConnectionClock.Between(seen, now) > share)
            table.Journal.Note(number, ref record);
    }

    private static uint ShortestTimeout(Timeouts timeouts) => Math.Min(timeouts.Tcp, Math.Min(timeouts.TcpFin, timeouts.Udp));
}
