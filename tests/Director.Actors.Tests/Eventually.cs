using System.Diagnostics;

namespace Director.Actors.Tests;

/// <summary>Waits for a condition, which may take as long as it takes on a busy machine.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <param name="described">What there is instead, when it did not come true.</param>
    public static async Task TrueAsync(Func<bool> condition, TimeSpan within, Func<string>? described = null)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < within, $"not within {within}: {described?.Invoke()}");
            await Task.Delay(Step);
        }
    }
}
