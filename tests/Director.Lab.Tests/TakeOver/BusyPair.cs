using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.TakeOver;

/// <summary>
/// A pair in sync under 200 busy keep-alive connections and a UDP echo of each millisecond: what fault may come now, in the end one
/// director owns, both hold the same table, and no connection has broken.
/// </summary>
internal sealed class BusyPair : IAsyncDisposable
{
    // Asserted in place of the 200 ms that are the aim (see ./bench --failover), so that a busy machine fails nothing.
    private const double LongestGapMilliseconds = 1000;

    private const string Target = "10.1.0.100:80";

    private const string Services = """
        -A -t 10.1.0.100:80 -s wlc
        -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
        -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m
        -A -u 10.1.0.100:7 -s rr
        -a -u 10.1.0.100:7 -r 10.2.0.11:7 -m
        """;

    private readonly string _test;
    private Load _load = null!;
    private Silence _silence = null!;

    private BusyPair(Pair pair, string test)
    {
        Pair = pair;
        _test = test;
    }

    public Pair Pair { get; }

    /// <summary>Who owned when the fault was still to come.</summary>
    public DirectorProcess Owner { get; private set; } = null!;

    public DirectorProcess Standby { get; private set; } = null!;

    /// <summary>In sync, and busy.</summary>
    public static async Task<BusyPair> StartAsync(string test, PairOptions? options = null)
    {
        BusyPair busy = new(await Pair.BuildAsync(options, test), test);
        await busy.ServeAsync();
        await busy.Pair.StartAsync();
        await (await busy.Pair.OwnerAsync()).IpvsadmAsync(Services);
        await busy.LoadAsync();
        return busy;
    }

    /// <summary>Echo and nginx on the servers; for a test that starts the directors in a way of its own.</summary>
    public async Task ServeAsync()
    {
        await Pair.StartNginxAsync();
        LabProcess echo = Pair.RealServers[0].Start("echo", $"{Repository.Traffic} udp-echo 7 rs1");
        await echo.SaysAsync("listening", TimeSpan.FromSeconds(30));
    }

    /// <summary>Load from now on; returns when the standby has all of it.</summary>
    public async Task LoadAsync()
    {
        _load = await Load.StartAsync(Pair.Client, Target);
        _silence = await Silence.StartAsync(Pair.Client, "10.1.0.100:7");
        Owner = await Pair.OwnerAsync();
        Standby = Pair.Other(Owner);
        await Pair.SyncedAsync(Standby);
    }

    public Task<Output> OnSwitchAsync(string command) => Pair.Network.OnSwitchAsync(command);

    /// <summary>Ports of the switch that this director is at, for each of its links.</summary>
    public static string[] Ports(DirectorProcess director) => [.. Enumerable.Range(0, 3).Select(i => $"{director.Host.Name}-eth{i}")];

    /// <summary>All of its links at once.</summary>
    public Task SetLinksAsync(DirectorProcess director, string state) =>
        OnSwitchAsync(string.Join("; ", Ports(director).Select(port => $"ip link set {port} {state}")));

    /// <summary>Waits until one of them owns, and both say the same of the services.</summary>
    public async Task<DirectorProcess> AgreedAsync()
    {
        DirectorProcess owner = await Pair.OwnerAsync();
        await Eventually.TrueAsync("both directors hold the same table", async () => await SavedAsync(Pair.A) == await SavedAsync(Pair.B),
            TimeSpan.FromSeconds(30), async () => $"a:\n{await SavedAsync(Pair.A)}b:\n{await SavedAsync(Pair.B)}");
        return owner;
    }

    /// <summary>None of the connections broke, no request was lost, and no silence was longer than a second.</summary>
    /// <param name="longestMilliseconds">Where the fault itself keeps clients waiting.</param>
    public async Task WholeAsync(double longestMilliseconds = LongestGapMilliseconds)
    {
        LoadResult result = await _load.StopAsync();
        SilenceResult silence = await _silence.StopAsync();
        TestContext.Current.SendDiagnosticMessage("{0}: {1:F0} ms, {2}", _test, silence.LongestMilliseconds, result);
        Assert.Equal(0, result.Broken);
        Assert.Equal(result.Requests, result.Answers);
        Assert.InRange(silence.LongestMilliseconds, 0, longestMilliseconds);
    }

    public ValueTask DisposeAsync() => Pair.DisposeAsync();

    private static async Task<string> SavedAsync(DirectorProcess director) => (await director.IpvsadmAsync("-S -n")).Text;
}
