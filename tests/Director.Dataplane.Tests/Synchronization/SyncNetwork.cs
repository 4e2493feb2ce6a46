namespace Director.Dataplane.Tests.Synchronization;

/// <summary>What it does to messages, in thousandths.</summary>
internal sealed record Weather(int Lost, int Repeated, int Cut, int Altered, long MostDelay)
{
    public static readonly Weather Calm = new(0, 0, 0, 0, 2);
}

/// <summary>Carries batches and answers between directors, as well as the weather lets it.</summary>
internal sealed class SyncNetwork(Random random)
{
    private readonly PriorityQueue<(SyncNode From, SyncNode To, byte[] Bytes, bool IsAnswer), (long, long)> _underWay = new();
    private long _sent;

    public Weather Weather { get; set; } = Weather.Calm;

    public long Now { get; set; } = 1_000_000;

    /// <summary>Nothing arrives.</summary>
    public bool IsCut { get; set; }

    public ulong Batches { get; private set; }

    public void Send(SyncNode from, SyncNode to, ReadOnlySpan<byte> bytes, bool isAnswer)
    {
        Batches += isAnswer ? 0u : 1;
        if (IsCut || Happens(Weather.Lost))
            return;
        for (int copies = Happens(Weather.Repeated) ? 2 : 1; copies > 0; copies--)
        {
            byte[] copy = bytes.ToArray();
            if (Happens(Weather.Cut))
                copy = copy[..random.Next(copy.Length)];
            else if (Happens(Weather.Altered))
                copy[random.Next(copy.Length)] ^= (byte)random.Next(1, 256);
            // In the same millisecond what was sent first comes first; with more delay, whichever is faster.
            _underWay.Enqueue((from, to, copy, isAnswer), (Now + random.NextInt64(1, Weather.MostDelay + 1), _sent++));
        }
    }

    public void Deliver()
    {
        while (_underWay.TryPeek(out _, out (long Due, long) when) && when.Due <= Now)
        {
            (SyncNode from, SyncNode to, byte[] bytes, bool isAnswer) = _underWay.Dequeue();
            if (isAnswer)
                to.TakeAnswer(from, bytes);
            else
                to.TakeBatch(from, bytes);
        }
    }

    private bool Happens(int thousandths) => random.Next(1000) < thousandths;
}
