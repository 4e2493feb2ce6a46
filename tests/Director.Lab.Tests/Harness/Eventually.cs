using System.Diagnostics;

namespace Director.Lab.Tests.Harness;

/// <summary>Waits for a condition of the world outside, where nothing can be subscribed to.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(15);

    /// <summary>
    /// <paramref name="what"/> completes the sentence "waited in vain until ...", the failure's text, to which
    /// <paramref name="state"/> is added as it is when time is up.
    /// </summary>
    public static async Task TrueAsync(string what, Func<Task<bool>> condition, TimeSpan? limit = null, Func<Task<string>>? state = null)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (limit ?? DefaultLimit))
                Assert.Fail($"waited in vain until {what}{(state is null ? "" : "\n" + await state())}");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(string what, Func<bool> condition, TimeSpan? limit = null, Func<Task<string>>? state = null) =>
        TrueAsync(what, () => Task.FromResult(condition()), limit, state);
}
