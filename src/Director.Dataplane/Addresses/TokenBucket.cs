namespace Director.Dataplane.Addresses;

/// <summary>Lets <paramref name="perSecond"/> answers a second through, with bursts up to <paramref name="burst"/>.</summary>
public sealed class TokenBucket(int perSecond, int burst)
{
    private long _milliTokens = burst * 1000L;
    private long _last;

    public bool TryTake(long nowMilliseconds)
    {
        _milliTokens = Math.Min(burst * 1000L, _milliTokens + (nowMilliseconds - _last) * perSecond);
        _last = nowMilliseconds;
        if (_milliTokens < 1000)
            return false;
        _milliTokens -= 1000;
        return true;
    }
}
