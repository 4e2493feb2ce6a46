using System.Diagnostics;
using System.Globalization;
using Director.Lab.Tests.Harness;

namespace Director.Bench.Sync;

/// <summary>What a process has used so far.</summary>
/// <param name="Processor">Time on a processor, the kernel's on its behalf included.</param>
/// <param name="Megabytes">Memory of its own: what the connection table shares is not.</param>
internal readonly record struct ProcessUsage(TimeSpan Processor, int Megabytes)
{
    public static ProcessUsage Of(int process)
    {
        using Process running = Process.GetProcessById(process);
        string anonymous = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return new(running.TotalProcessorTime, int.Parse(anonymous.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10);
    }
}

/// <summary>Of the four processes of a pair, and of the machine.</summary>
internal sealed record PairUsage(ProcessUsage OwnerEngine, ProcessUsage OwnerDirectord, ProcessUsage StandbyEngine, ProcessUsage StandbyDirectord, double MachineSeconds)
{
    private const double TicksPerSecond = 100; // USER_HZ

    public static async Task<PairUsage> NowAsync(DirectorProcess owner, DirectorProcess standby)
    {
        int[] engines = await Task.WhenAll(owner.EngineAsync(), standby.EngineAsync());
        return new(ProcessUsage.Of(engines[0]), ProcessUsage.Of(owner.Process.Id), ProcessUsage.Of(engines[1]), ProcessUsage.Of(standby.Process.Id), Machine());
    }

    public ProcessUsage[] All => [OwnerEngine, OwnerDirectord, StandbyEngine, StandbyDirectord];

    /// <summary>Seconds on a processor of each process.</summary>
    public double[] Since(PairUsage before) => [.. All.Zip(before.All, (now, then) => (now.Processor - then.Processor).TotalSeconds)];

    // user, nice, system, idle, iowait, irq, softirq, steal: all but what is idle.
    private static double Machine()
    {
        double[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }
}
