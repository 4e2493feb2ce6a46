using System.Diagnostics;
using Director.Lab.Tests.Harness;
using Director.Model;

namespace Director.Bench.Sync;

/// <summary>One step of <c>./bench --sync</c>: connections are opened at a rate, for some seconds.</summary>
internal sealed record RateStep
{
    private const string Waiting = "SyncWaiting";
    private const string Lag = "SyncLagMilliseconds";

    private static readonly TimeSpan SampleEach = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(8);
    private const int OneSecond = 1000; // milliseconds

    public required int Rate { get; init; }

    /// <summary>What the generator managed.</summary>
    public double Offered { get; private init; }

    public double Seconds { get; private init; }

    public long Sent { get; private init; }

    /// <summary>Connections that the owner made.</summary>
    public long Made { get; private init; }

    /// <summary>Entries that the standby took: new connections, and those that ended.</summary>
    public long Synced { get; private init; }

    /// <summary>Batches in which they came.</summary>
    public long Batches { get; private init; }

    /// <summary>Age of the oldest change that was sent and not answered, by samples; then of what waited to be sent.</summary>
    public double LagMedian { get; private init; }

    public double LagMost { get; private init; }

    public long WaitingMost { get; private init; }

    /// <summary>From the last connection until the standby had every one.</summary>
    public double BehindMilliseconds { get; private init; }

    /// <summary>Longest silence between two of the owner's announcements, on the wire.</summary>
    public double HeartbeatGap { get; private init; }

    public long TakeOvers { get; private init; }

    public long Resyncs { get; private init; }

    /// <summary>Frames for which the kernel's rings had no room: the owner's engine did not get to run.</summary>
    public long KernelDrops { get; private init; }

    /// <summary>Of each process, in the order of <see cref="PairUsage.All"/>, beyond what it takes in that time when nothing happens.</summary>
    public double[] ProcessorSeconds { get; private init; } = [];

    public int[] Megabytes { get; private init; } = [];

    /// <summary>Share of the machine's processors that was busy, with whatever.</summary>
    public double Busy { get; private init; }

    /// <summary>
    /// Whatever the owner made, the standby has within a second; nothing began again, nobody took over. (What did not even reach the
    /// owner's engine is no matter of sync: <see cref="KernelDrops"/>.)
    /// </summary>
    public bool KeepsUp => BehindMilliseconds < OneSecond && Resyncs == 0 && TakeOvers == 0;

    public double MadePerSecond => Made / Seconds;

    /// <summary>Microseconds of each process for an entry.</summary>
    public double[] Microseconds => [.. ProcessorSeconds.Select(seconds => seconds * 1e6 / Math.Max(Synced, 1))];

    public static async Task<RateStep> MeasureAsync(SyncLab lab, int rate, SyncOptions options, double[] idle)
    {
        DirectorProcess owner = await lab.SettledAsync();
        DirectorProcess standby = lab.Pair.Other(owner);
        await SyncLab.SetLifetimeAsync(owner, options.Lifetime == 0 ? options.Seconds + 10 : options.Lifetime);
        await lab.SettledAsync();

        Heartbeats heartbeats = await Heartbeats.ListenAsync(standby.Host);
        long started = Stopwatch.GetTimestamp();
        PairUsage usage = await PairUsage.NowAsync(owner, standby);
        DirectorStatus[] before = [await StatusAsync(lab, owner), await StatusAsync(lab, standby)];
        long madeBefore = await lab.MadeAsync(owner);
        LabProcess generator = await lab.OpenAsync(rate, (long)rate * options.Seconds, owner);
        List<DirectorStatus> samples = [];
        while (generator.Running)
        {
            samples.Add(await StatusAsync(lab, owner));
            await Task.Delay(SampleEach);
        }
        long ended = Stopwatch.GetTimestamp();
        DirectorStatus[] after = await CaughtUpAsync(lab, owner, standby);
        double behind = Stopwatch.GetElapsedTime(ended).TotalMilliseconds;
        PairUsage used = await PairUsage.NowAsync(owner, standby);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        Opened opened = SyncLab.ResultOf(generator);
        double[] lags = [.. samples.Select(sample => (double)Counter(sample, Lag)).Order()];
        RateStep step = new()
        {
            Rate = rate,
            Offered = opened.Sent / opened.Seconds,
            Seconds = opened.Seconds,
            Sent = opened.Sent,
            Made = await lab.MadeAsync(owner) - madeBefore,
            Synced = Delta(before[1], after[1], "SyncEntriesReceived"),
            Batches = Delta(before[1], after[1], "SyncBatchesReceived"),
            LagMedian = lags[lags.Length / 2],
            LagMost = lags[^1],
            WaitingMost = samples.Max(sample => Counter(sample, Waiting)),
            BehindMilliseconds = behind,
            HeartbeatGap = await heartbeats.LongestAsync(),
            TakeOvers = TakeOversOf(after) - TakeOversOf(before),
            Resyncs = Delta(before[0], after[0], "SyncResyncs"),
            KernelDrops = DropsOf(after[0]) - DropsOf(before[0]),
            ProcessorSeconds = [.. used.Since(usage).Zip(idle, (seconds, share) => seconds - (share * elapsed.TotalSeconds))],
            Megabytes = [.. used.All.Select(process => process.Megabytes)],
            Busy = (used.MachineSeconds - usage.MachineSeconds) / elapsed.TotalSeconds / Environment.ProcessorCount,
        };
        await lab.EmptyAsync();
        return step;
    }

    /// <summary>
    /// What each process takes of a processor when no connection is opened, and it is asked for its status as often as in a step.
    /// </summary>
    public static async Task<double[]> IdleAsync(SyncLab lab)
    {
        DirectorProcess owner = await lab.SettledAsync();
        PairUsage before = await PairUsage.NowAsync(owner, lab.Pair.Other(owner));
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < IdleFor)
        {
            await StatusAsync(lab, owner);
            await Task.Delay(SampleEach);
        }
        PairUsage after = await PairUsage.NowAsync(owner, lab.Pair.Other(owner));
        return [.. after.Since(before).Select(seconds => seconds / Stopwatch.GetElapsedTime(started).TotalSeconds)];
    }

    /// <summary>Waits until nothing is left to be told.</summary>
    private static async Task<DirectorStatus[]> CaughtUpAsync(SyncLab lab, DirectorProcess owner, DirectorProcess standby)
    {
        DirectorStatus[] both = [];
        await Eventually.TrueAsync("the standby has caught up", async () =>
        {
            both = [await StatusAsync(lab, owner), await StatusAsync(lab, standby)];
            return both[1].Sync is { Synced: true } && Counter(both[0], Waiting) == 0 && (ulong)both[1].Engine.Connections >= both[0].Engine.Connections;
        }, CatchUpLimit, () => Task.FromResult(string.Join('\n', both.Select(status => $"{status.Role} {status.Engine.Connections} {status.Sync}"))));
        return both;
    }

    private static async Task<DirectorStatus> StatusAsync(SyncLab lab, DirectorProcess director) =>
        await lab.StatusAsync(director) ?? throw new InvalidOperationException($"{director.Host.Name} does not answer");

    private static long Counter(DirectorStatus status, string name) => (long)status.Engine.Counters.GetValueOrDefault(name);

    private static long Delta(DirectorStatus before, DirectorStatus after, string counter) => Counter(after, counter) - Counter(before, counter);

    private static long TakeOversOf(DirectorStatus[] both) => both.Sum(status => status.Election?.TakeOvers ?? 0);

    private static long DropsOf(DirectorStatus status) => status.Engine.Interfaces.Sum(each => (long)each.KernelDrops);
}
