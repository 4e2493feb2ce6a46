namespace Director.Dataplane.Tests.Election.Simulation;

internal enum Channel
{
    Segment,
    ClusterLink,
}

/// <summary>
/// Two channels between each two directors. A message on the segment is late by up to an eighth of the announce interval, is doubled
/// or overtaken; the cluster link keeps its order and stalls at times. Losses are bounded as docs/election.md says: where one channel
/// is cut, stalled or bad, the other is good.
/// </summary>
internal sealed class SimulatedNetwork(Random random, int directors, long longestDelay)
{
    private const double Good = 0.0005;

    private readonly bool[,,] _cut = new bool[2, directors, directors];
    private readonly long[,] _lastOnLink = new long[directors, directors];
    private readonly long[,] _apartUntil = NewTimes(directors);
    private long _stalledUntil;

    /// <summary>Probability that a message is lost, by channel.</summary>
    public double[] Loss { get; } = new double[2];

    public long LongestDelay => longestDelay;

    public bool IsCut(Channel channel, int from, int to) => _cut[(int)channel, from, to];

    public void Cut(Channel channel, int from, int to, bool cut, long now)
    {
        bool wasApart = AreApart(from, to);
        _cut[(int)channel, from, to] = cut;
        if (wasApart)
            _apartUntil[from, to] = _apartUntil[to, from] = now;
        if (!cut || channel == Channel.ClusterLink)
            return;
        // With the segment gone a stall would be a total partition by another name.
        _stalledUntil = Math.Min(_stalledUntil, now);
        Array.Clear(_lastOnLink);
    }

    /// <summary>Neither channel carries anything, one way at least: the total partition that two directors cannot see through.</summary>
    public bool AreApart(int a, int b) =>
        (IsCut(Channel.Segment, a, b) && IsCut(Channel.ClusterLink, a, b)) || (IsCut(Channel.Segment, b, a) && IsCut(Channel.ClusterLink, b, a));

    /// <summary>Apart now, or at some time since.</summary>
    public bool WereApart(int a, int b, long since) => AreApart(a, b) || _apartUntil[a, b] >= since;

    /// <summary>The cluster link delivers nothing until then, and then all of it.</summary>
    public void Stall(long until) => _stalledUntil = until;

    public void Heal(long now)
    {
        for (int from = 0; from < directors; from++)
        {
            for (int to = 0; to < directors; to++)
            {
                Cut(Channel.Segment, from, to, false, now);
                Cut(Channel.ClusterLink, from, to, false, now);
            }
        }
        _stalledUntil = 0;
        Loss[0] = Loss[1] = 0;
    }

    /// <summary>When a message sent now arrives: never, once or twice.</summary>
    public (long First, long Second) Arrivals(Channel channel, int from, int to, long now)
    {
        if (IsCut(channel, from, to) || random.NextDouble() < LossBetween(channel, from, to, now))
            return (0, 0);
        long at = now + 50 + random.NextInt64(longestDelay);
        if (channel == Channel.Segment)
            return (at, random.Next(20) == 0 ? at + random.NextInt64(longestDelay) : 0);
        if (!IsCut(Channel.Segment, from, to) && !IsCut(Channel.Segment, to, from))
            at = Math.Max(at, _stalledUntil);
        at = Math.Max(at, _lastOnLink[from, to] + 1);
        _lastOnLink[from, to] = at;
        return (at, 0);
    }

    private double LossBetween(Channel channel, int from, int to, long now)
    {
        Channel other = 1 - channel;
        bool isOnlyOne = IsCut(other, from, to) || IsCut(other, to, from) || now < _stalledUntil + (8 * longestDelay);
        return isOnlyOne ? Math.Min(Loss[(int)channel], Good) : Loss[(int)channel];
    }

    private static long[,] NewTimes(int directors)
    {
        long[,] times = new long[directors, directors];
        for (int i = 0; i < directors; i++)
        {
            for (int j = 0; j < directors; j++)
                times[i, j] = long.MinValue;
        }
        return times;
    }
}
