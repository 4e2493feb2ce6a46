using System.Diagnostics;

namespace Director.Dataplane.Tests.Connections;

/// <summary>Two that work on the same memory at once: a writer in rounds, a reader beside it.</summary>
internal static class Rounds
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// At least <paramref name="rounds"/>, and as many more as it takes until the reader, on a thread of its own, has seen something in
    /// the midst of them.
    /// </summary>
    /// <returns>What the reader saw.</returns>
    public static int Beside(int rounds, Action<int> write, Func<int> read)
    {
        int seen = 0;
        bool done = false;
        Exception? failure = null;
        Thread reader = new(() =>
        {
            try
            {
                while (!Volatile.Read(ref done))
                    Volatile.Write(ref seen, seen + read());
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        reader.Start();
        long begun = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds || (Volatile.Read(ref seen) == 0 && Stopwatch.GetElapsedTime(begun) < Patience); round++)
            write(round);
        Volatile.Write(ref done, true);
        reader.Join();
        Assert.Null(failure);
        return seen;
    }
}
