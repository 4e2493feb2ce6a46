using System.Diagnostics;
using System.Globalization;
using Director.Lab.Tests.Topologies;

namespace Director.Bench.Failover;

/// <summary>
/// Take-overs of HaDirector and of keepalived, in one lab: both products by turns on the same two hosts, so that what else the
/// machine does hits all rows alike.
/// </summary>
internal static class FailoverBenchmark
{
    /// <summary>Runs of a row before the next product has its turn: starting one takes as long as some runs.</summary>
    private const int Turn = 5;

    /// <summary>Prints the table, of what was measured until <paramref name="stop"/> too. False if there is something wrong with it: <see cref="FailoverTable.IsWhole"/>.</summary>
    public static async Task<bool> RunAsync(FailoverOptions options, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        string loadBefore = LoadAverage();
        await using FailoverLab lab = await FailoverLab.BuildAsync(options.Method);
        IBalancerPair[] pairs = Pairs(lab);
        List<TakeOver> takeOvers = [];
        try
        {
            for (int done = 0; done < options.Runs; done += Turn)
            {
                foreach (IBalancerPair pair in done / Turn % 2 == 0 ? pairs : pairs.Reverse())
                    await TurnAsync(lab, pair, Math.Min(Turn, options.Runs - done), takeOvers, stop);
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped: the table is of fewer runs");
        }
        string csv = Path.Combine(lab.Logs, "take-overs.csv");
        await File.WriteAllLinesAsync(csv, takeOvers.Select(Csv).Prepend("balancer,setting,ending,gap_ms,slowest_request_ms,broken,failure"), CancellationToken.None);

        FailoverTable table = new(pairs, takeOvers);
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            Method {options.Method.Name}; up to {options.Runs} runs a row, {TakeOver.Connections} HTTP connections each; {Environment.ProcessorCount} processors, load average {loadBefore} before and {LoadAverage()} after;
            {Stopwatch.GetElapsedTime(started).TotalMinutes:F0} minutes. Each run: {csv}
            """));
        Console.WriteLine();
        Console.Write(table.ToMarkdown());
        return table.IsWhole;
    }

    // Real servers of other methods answer past the hosts, where nftables would miss the answers.
    private static IBalancerPair[] Pairs(FailoverLab lab)
    {
        IBalancerPair[] ours = [new DirectorPair(lab, DirectorPair.DefaultAnnounceMilliseconds), new DirectorPair(lab, 10)];
        return lab.Method == ForwardingSetup.Masquerading
            ? [.. ours, new KeepalivedPair(lab, 1m), new KeepalivedPair(lab, 0.1m), new KeepalivedPair(lab, 0.02m), new KeepalivedPair(lab, 0.02m, byHash: true)]
            : ours;
    }

    private static async Task TurnAsync(FailoverLab lab, IBalancerPair pair, int runs, List<TakeOver> takeOvers, CancellationToken stop)
    {
        await lab.ForgetNeighboursAsync();
        await pair.StartAsync();
        for (int run = 0; run < runs; run++)
        {
            foreach (Ending ending in pair.Endings)
            {
                stop.ThrowIfCancellationRequested();
                TakeOver takeOver = await AttemptAsync(lab, pair, ending, stop);
                takeOvers.Add(takeOver);
                await Console.Error.WriteLineAsync($"{takeOvers.Count}: {takeOver}");
            }
        }
        await pair.StopAsync();
    }

    /// <summary>After a failure everything is started anew: it is told, and spoils no other run.</summary>
    private static async Task<TakeOver> AttemptAsync(FailoverLab lab, IBalancerPair pair, Ending ending, CancellationToken stop)
    {
        try
        {
            return await TakeOver.MeasureAsync(lab, pair, ending);
        }
        catch (Exception error) when (!stop.IsCancellationRequested
            && error is Xunit.Sdk.XunitException or TimeoutException or InvalidOperationException)
        {
            await lab.CalmAsync();
            await Console.Error.WriteLineAsync($"{error.Message}\n{error.InnerException?.Message}");
            await pair.StopAsync();
            await lab.ForgetNeighboursAsync();
            await pair.StartAsync();
            return TakeOver.Failed(pair, ending, error.Message.Split('\n')[0]);
        }
    }

    private static string Csv(TakeOver run) => string.Create(CultureInfo.InvariantCulture,
        $"\"{run.Pair.Name}\",\"{run.Pair.Setting}\",\"{run.Ending.Name}\",{run.GapMilliseconds:F1},{run.SlowestMilliseconds:F0},{run.Broken},\"{run.Failure?.Replace('"', '\'')}\"");

    private static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
