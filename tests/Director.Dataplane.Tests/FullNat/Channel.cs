namespace Director.Dataplane.Tests.FullNat;

/// <summary>A one-way path that loses, doubles, delays and thereby reorders what goes over it.</summary>
/// <param name="random">Chance.</param>
/// <param name="loss">In per cent.</param>
/// <param name="doubling">In per cent.</param>
/// <param name="longestDelay">In steps, at least 1.</param>
internal sealed class Channel(Random random, int loss, int doubling, int longestDelay)
{
    private readonly PriorityQueue<byte[], (int At, int Order)> _underWay = new();
    private int _order;

    public int Now { get; set; }

    public void Send(byte[] segment)
    {
        if (random.Next(100) >= loss)
            Add(segment);
        if (random.Next(100) < doubling)
            Add(segment);
    }

    public bool TryArrive(out byte[] segment)
    {
        segment = [];
        if (!_underWay.TryPeek(out _, out (int At, int Order) first) || first.At > Now)
            return false;
        segment = _underWay.Dequeue();
        return true;
    }

    private void Add(byte[] segment) => _underWay.Enqueue([.. segment], (Now + 1 + random.Next(longestDelay), _order++));
}
