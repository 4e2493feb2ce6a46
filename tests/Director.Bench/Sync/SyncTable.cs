using System.Globalization;
using System.Text;

namespace Director.Bench.Sync;

/// <summary>Medians of the runs of each rate and of the newcomers; of what must not happen, the worst.</summary>
internal static class SyncTable
{
    private static readonly string[] Processes = ["the owner's engine", "its directord", "the standby's engine", "its directord"];

    private const string StepHead = """
        | asked for, /s | offered, /s | made at the owner | made, /s | entries at the standby | a batch | lag, median | max | waiting, max | behind at the end | longest heartbeat gap | take-overs | resyncs | frames lost | machine busy | owner: engine | directord | standby: engine | directord | all four | memory, MB | the standby keeps up |
        |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|

        """;

    private const string NewcomerHead = """
        | connections | ready after | copy begins after | has all after | copy alone | longest heartbeat gap | take-overs | owner: engine | directord | standby: engine | directord |
        |---|---|---|---|---|---|---|---|---|---|---|

        """;

    public static string ToMarkdown(List<RateStep> steps, List<Newcomer> newcomers, List<double[]> idle)
    {
        StringBuilder text = new();
        if (steps.Count > 0)
        {
            text.Append(StepHead);
            foreach (IGrouping<int, RateStep> rate in steps.GroupBy(step => step.Rate))
                text.Append(Row([.. rate])).Append('\n');
            text.Append('\n');
        }
        if (idle.Count > 0)
        {
            text.Append("When nothing happens: ").AppendJoin(", ", Processes.Select((name, i) => $"{name} {Text([.. idle], shares => shares[i] * 100, "F1", " %")}"))
                .Append(" of a processor.\n\n");
        }
        if (newcomers.Count > 0)
            text.Append(NewcomerHead).Append(Row([.. newcomers])).Append('\n');
        return text.ToString();
    }

    public static string Row(RateStep[] runs)
    {
        string cost = string.Join(" | ", Enumerable.Range(0, runs[0].Microseconds.Length).Select(i => Text(runs, run => run.Microseconds[i], "F2", " us")));
        string memory = string.Join(", ", Enumerable.Range(0, runs[0].Megabytes.Length).Select(i => runs.Max(run => run.Megabytes[i]).ToString(CultureInfo.InvariantCulture)));
        int kept = runs.Count(run => run.KeepsUp);
        return $"| {runs[0].Rate:N0} | {Text(runs, run => run.Offered, "N0")} | {Text(runs, run => run.Made, "N0")} | {Text(runs, run => run.MadePerSecond, "N0")} | {Text(runs, run => run.Synced, "N0")} | "
            + $"{Text(runs, run => (double)run.Synced / Math.Max(run.Batches, 1), "F0")} | {Text(runs, run => run.LagMedian, "F0", " ms")} | {Most(runs, run => run.LagMost, " ms")} | "
            + $"{Most(runs, run => run.WaitingMost)} | {Text(runs, run => run.BehindMilliseconds, "F0", " ms")} | {Most(runs, run => run.HeartbeatGap, " ms")} | "
            + $"{runs.Sum(run => run.TakeOvers)} | {runs.Sum(run => run.Resyncs)} | {runs.Sum(run => run.KernelDrops)} | {Text(runs, run => run.Busy * 100, "F0", " %")} | "
            + $"{cost} | {Text(runs, run => run.Microseconds.Sum(), "F2", " us")} | {memory} | {kept} of {runs.Length} |";
    }

    public static string Row(Newcomer[] runs)
    {
        string cost = string.Join(" | ", Enumerable.Range(0, runs[0].ProcessorSeconds.Length).Select(i => Text(runs, run => run.ProcessorSeconds[i], "F1", " s")));
        return $"| {Text(runs, run => run.Connections, "N0")} | {Text(runs, run => run.Ready, "F2", " s")} | {Text(runs, run => run.Begun, "F2", " s")} | "
            + $"{Text(runs, run => run.Synced, "F2", " s")} | {Text(runs, run => run.Copy, "F2", " s")} | {Most(runs, run => run.HeartbeatGap, " ms")} | "
            + $"{runs.Sum(run => run.TakeOvers)} | {cost} |";
    }

    private static string Text<T>(T[] runs, Func<T, double> figure, string format, string unit = "")
    {
        double[] sorted = [.. runs.Select(figure).Order()];
        return ((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2).ToString(format, CultureInfo.InvariantCulture) + unit;
    }

    private static string Most<T>(T[] runs, Func<T, double> figure, string unit = "") =>
        runs.Max(figure).ToString("N0", CultureInfo.InvariantCulture) + unit;
}
