namespace Director.Dataplane.Tests;

/// <summary>What code allocates on this thread once it is warm.</summary>
internal static class Allocations
{
    private const int Runs = 5;

    /// <summary>
    /// Bytes that a run of the code takes: the least of several, since the runtime allocates on our thread too, when it compiles
    /// what has become hot. Code that allocates does so in every run.
    /// </summary>
    public static long Of(Action run)
    {
        run();
        long least = long.MaxValue;
        for (int i = 0; i < Runs; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
