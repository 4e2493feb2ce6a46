namespace Director.Dataplane.Tables;

/// <summary>
/// Rates as IPVS's estimator makes them: every 2 s, rate += (new / 2 - rate) / 4, from 0 on. Kept with IPVS's binary points
/// (connections and packets &lt;&lt; 10, bytes &lt;&lt; 5) so that small rates fade the same way; read rounded.
/// </summary>
public struct RateEstimator
{
    /// <summary>Between two estimates, in milliseconds.</summary>
    public const int IntervalMilliseconds = 2000;

    private Counters _last;
    private long _connections;
    private long _inPackets;
    private long _outPackets;
    private long _inBytes;
    private long _outBytes;

    public readonly ulong Connections => (ulong)(_connections + 0x1FF) >> 10;

    public readonly ulong InPackets => (ulong)(_inPackets + 0x1FF) >> 10;

    public readonly ulong OutPackets => (ulong)(_outPackets + 0x1FF) >> 10;

    public readonly ulong InBytes => (ulong)(_inBytes + 0xF) >> 5;

    public readonly ulong OutBytes => (ulong)(_outBytes + 0xF) >> 5;

    public void Estimate(in Counters now)
    {
        // counts over 2 s: << 9 is (count / 2) << 10, << 4 is (count / 2) << 5.
        Step(ref _connections, now.Connections - _last.Connections, 9);
        Step(ref _inPackets, now.InPackets - _last.InPackets, 9);
        Step(ref _outPackets, now.OutPackets - _last.OutPackets, 9);
        Step(ref _inBytes, now.InBytes - _last.InBytes, 4);
        Step(ref _outBytes, now.OutBytes - _last.OutBytes, 4);
        _last = now;
    }

    /// <summary><c>-Z</c>: rates start from 0 again.</summary>
    public void Zero() => this = default;

    private static void Step(ref long rate, ulong counted, int shift) => rate += ((long)(counted << shift) - rate) >> 2;
}
