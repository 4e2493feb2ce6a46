using Director.Lab.Tests.Harness;

namespace Director.Bench.Failover;

/// <summary>One measured take-over.</summary>
/// <param name="Pair">What was measured.</param>
/// <param name="Ending">Of its owner.</param>
/// <param name="GapMilliseconds">Longest silence of the UDP echo.</param>
/// <param name="SlowestMilliseconds">Longest that an HTTP request waited for its answer.</param>
/// <param name="Broken">HTTP connections.</param>
/// <param name="Failure">Why nothing was measured; null: it was.</param>
internal sealed record TakeOver(
    IBalancerPair Pair, Ending Ending, double GapMilliseconds, double SlowestMilliseconds, int Broken, string? Failure = null)
{
    public const int Connections = 200;

    // Seconds. TCP repeats itself after 0.2, 0.6, 1.4, 3 and 6.2 s: who lost a packet at the start of keepalived's longest gap gets through.
    private const int Patience = 8;

    private const int EchoIsBack = 250; // milliseconds
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public override string ToString() => $"{Pair.Name}, {Pair.Setting}, {Ending.Name}: "
        + (Failure ?? $"{GapMilliseconds:F0} ms, slowest request {SlowestMilliseconds:F0} ms, {Broken} broken");

    /// <summary>Leaves the pair as it found it, but for who owns; if that failed, as it happened to be.</summary>
    public static async Task<TakeOver> MeasureAsync(FailoverLab lab, IBalancerPair pair, Ending ending)
    {
        LabHost owner = await pair.SettledAsync();
        LabHost heir = lab.Other(owner);
        await pair.ForgetConnectionsAsync();
        Load load = await OpenAsync(lab, pair, owner);
        Silence silence = await Silence.StartAsync(lab.Client, FailoverLab.Echo, FailoverLab.WithoutWaiting);
        // By now the standby may be behind: 200 connections are new.
        if (await pair.SettledAsync() != owner)
            throw new InvalidOperationException("the addresses moved by themselves before the owner's end");

        await ending.EndAsync(owner);
        if (ending.MovesOwnership)
            await Eventually.TrueAsync($"{heir.Name} owns", () => pair.OwnsAsync(heir), Limit);
        else if (!await pair.OwnsAsync(owner))
            throw new InvalidOperationException("the addresses moved though nothing had happened");
        // Each connection asks once more and waits for its answer: there is traffic for as long as one of them is in trouble.
        LoadResult connections = await load.StopAsync();
        SilenceResult echo = await silence.StopAsync();
        await ending.HealAsync(owner);

        return echo.UnendedMilliseconds > EchoIsBack
            ? Failed(pair, ending, $"the UDP echo did not come back: {echo}")
            : new TakeOver(pair, ending, echo.LongestMilliseconds, connections.LongestMilliseconds, connections.Broken);
    }

    /// <summary>The standby may not know yet of a connection this young: when the addresses move now, some are reset.</summary>
    private static async Task<Load> OpenAsync(FailoverLab lab, IBalancerPair pair, LabHost owner)
    {
        try
        {
            return await Load.StartAsync(lab.Client, FailoverLab.Http, Connections, Patience);
        }
        catch (Xunit.Sdk.XunitException error)
        {
            throw await pair.OwnsAsync(owner) ? error : new InvalidOperationException("the addresses moved by themselves while connections were opened", error);
        }
    }

    public static TakeOver Failed(IBalancerPair pair, Ending ending, string why) => new(pair, ending, double.NaN, double.NaN, 0, why);
}
