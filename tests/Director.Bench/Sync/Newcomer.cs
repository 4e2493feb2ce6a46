using System.Diagnostics;
using Director.Lab.Tests.Harness;
using Director.Model;

namespace Director.Bench.Sync;

/// <summary>A standby whose directord and engine are started anew beside an owner with a full table: when it has every connection. Seconds.</summary>
/// <param name="Connections">That the owner has.</param>
/// <param name="Ready">From the start of directord until it is ready to serve.</param>
/// <param name="Begun">From the start until the first entry of the copy was there.</param>
/// <param name="Synced">From the start until all were there and the standby was in sync.</param>
/// <param name="HeartbeatGap">Longest silence between two of the owner's announcements meanwhile; milliseconds.</param>
/// <param name="TakeOvers">There should be none.</param>
/// <param name="ProcessorSeconds">Of each process, in the order of <see cref="PairUsage.All"/>; of the standby's all of their lives.</param>
internal sealed record Newcomer(
    long Connections, double Ready, double Begun, double Synced, double HeartbeatGap, long TakeOvers, double[] ProcessorSeconds)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>What the copy took: start-up and joining are not its.</summary>
    public double Copy => Synced - Begun;

    /// <summary>Fills the owner's table; the connections stay for <paramref name="seconds"/>.</summary>
    public static async Task FillAsync(SyncLab lab, int connections, int seconds)
    {
        const int Gentle = 20_000; // a second
        DirectorProcess owner = await lab.SettledAsync();
        await SyncLab.SetLifetimeAsync(owner, seconds);
        // Of some the packet was lost on the way: there are more.
        for (long missing = connections; missing > 0; missing = connections - ((await lab.StatusAsync(owner))?.Engine.Connections ?? 0))
        {
            LabProcess generator = await lab.OpenAsync(Gentle, missing, owner);
            await generator.ExitAsync(TimeSpan.FromMinutes(5));
        }
        await lab.SettledAsync();
    }

    public static async Task<Newcomer> MeasureAsync(SyncLab lab)
    {
        DirectorProcess owner = await lab.SettledAsync();
        DirectorProcess standby = lab.Pair.Other(owner);
        DirectorStatus before = await lab.StatusAsync(owner) ?? throw new InvalidOperationException("the owner does not answer");
        await Shell.RunAsync("host", [], $"kill -KILL {await standby.EngineAsync()} {standby.Process.Id}");
        await standby.Process.ExitAsync();

        Heartbeats heartbeats = await Heartbeats.ListenAsync(standby.Host);
        ProcessUsage[] used = [ProcessUsage.Of(await owner.EngineAsync()), ProcessUsage.Of(owner.Process.Id)];
        long started = Stopwatch.GetTimestamp();
        standby.StartOnly();
        double ready = 0, begun = 0, synced = 0;
        while (synced == 0)
        {
            await Task.Delay(Pause);
            double now = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (now > Limit.TotalSeconds)
                throw new TimeoutException($"no sync within {Limit.TotalSeconds:F0} s:\n{standby.Process.Printed()}");
            if (await lab.StatusAsync(standby) is not { } status)
                continue;
            ready = ready == 0 && status.Ready ? now : ready;
            begun = begun == 0 && status.Engine.Connections > 0 ? now : begun;
            synced = status.Sync is { Synced: true } && status.Engine.Connections >= before.Engine.Connections ? now : 0;
        }
        PairUsage after = await PairUsage.NowAsync(owner, standby);
        DirectorStatus end = await lab.StatusAsync(owner) ?? throw new InvalidOperationException("the owner does not answer");
        return new Newcomer(
            end.Engine.Connections, ready, begun, synced,
            await heartbeats.LongestAsync(),
            (end.Election?.TakeOvers ?? 0) - (before.Election?.TakeOvers ?? 0) + (end.Role == "owner" ? 0 : 1),
            [
                (after.OwnerEngine.Processor - used[0].Processor).TotalSeconds, (after.OwnerDirectord.Processor - used[1].Processor).TotalSeconds,
                after.StandbyEngine.Processor.TotalSeconds, after.StandbyDirectord.Processor.TotalSeconds,
            ]);
    }
}
