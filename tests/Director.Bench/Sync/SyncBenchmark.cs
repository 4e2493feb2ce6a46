using System.Globalization;

namespace Director.Bench.Sync;

/// <summary>
/// Connection sync between two directors as they are run: what rate of new connections the standby keeps up with and what an entry
/// costs, and how soon a newcomer has a full table.
/// </summary>
internal static class SyncBenchmark
{
    /// <summary>Of the connections that newcomers find: they must not end meanwhile.</summary>
    private const int LongLife = 3600;

    private const int WarmSeconds = 5;
    private const int WarmRate = 20_000;

    /// <summary>Prints the tables, of what was measured until <paramref name="stop"/> too. False if something could not be measured.</summary>
    public static async Task<bool> RunAsync(SyncOptions options, CancellationToken stop)
    {
        string loadBefore = LoadAverage();
        List<RateStep> steps = [];
        List<Newcomer> newcomers = [];
        List<string> failures = [];
        // By turns, so that what else the machine does hits all rates alike.
        await using Turns turns = new(failures, stop);
        for (int run = 0; run < options.Runs; run++)
        {
            foreach (int rate in options.Rates)
                await turns.TakeAsync($"{rate} /s", async (lab, idle) => steps.Add(Told(await RateStep.MeasureAsync(lab, rate, options, idle))));
        }
        if (options.Newcomers > 0)
        {
            await turns.TakeAsync("newcomers", async (lab, _) =>
            {
                await Newcomer.FillAsync(lab, options.Connections, LongLife);
                for (int run = 0; run < options.Newcomers && !stop.IsCancellationRequested; run++)
                    newcomers.Add(Told(await Newcomer.MeasureAsync(lab)));
            });
        }
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{options.Runs} runs of {options.Seconds} s a rate, medians; {Environment.ProcessorCount} processors, load average {loadBefore} before and {LoadAverage()} after."));
        Console.WriteLine();
        Console.Write(SyncTable.ToMarkdown(steps, newcomers, turns.Idle));
        foreach (string failure in failures)
            Console.WriteLine($"\nFAILED: {failure}");
        return failures.Count == 0;
    }

    private static T Told<T>(T measured)
    {
        Console.Error.WriteLine(measured switch
        {
            RateStep step => SyncTable.Row([step]),
            Newcomer newcomer => SyncTable.Row([newcomer]),
            _ => measured?.ToString(),
        });
        return measured;
    }

    private static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>One lab for all that is measured; a new one after a failure, which is told and spoils nothing else.</summary>
    private sealed class Turns(List<string> failures, CancellationToken stop) : IAsyncDisposable
    {
        private SyncLab? _lab;

        /// <summary>What the processes of this lab take of a processor when nothing happens, before each turn that was taken.</summary>
        public List<double[]> Idle { get; } = [];

        public async Task TakeAsync(string what, Func<SyncLab, double[], Task> measure)
        {
            if (stop.IsCancellationRequested)
                return;
            try
            {
                if (_lab is null)
                {
                    _lab = await SyncLab.BuildAsync();
                    // Directors that have just been started compile what they run: what is measured is what they do for the rest of their lives.
                    SyncOptions warm = new() { Seconds = WarmSeconds };
                    await RateStep.MeasureAsync(_lab, WarmRate, warm, [0, 0, 0, 0]);
                }
                Idle.Add(await RateStep.IdleAsync(_lab));
                await measure(_lab, Idle[^1]);
            }
            catch (Exception error) when (error is Xunit.Sdk.XunitException or TimeoutException or InvalidOperationException or HttpRequestException)
            {
                failures.Add($"{what}: {error.Message}");
                await Console.Error.WriteLineAsync($"{what}: {error}");
                await DisposeAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_lab is not null)
                await _lab.DisposeAsync();
            _lab = null;
        }
    }
}
