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

    private readonly string _test;
    private readonly ForwardingSetup _method;
    private Load _load = null!;
    private Silence _silence = null!;

    private BusyPair(Pair pair, ForwardingSetup method, string test)
    {
        Pair = pair;
        _method = method;
        _test = test;
    }

    public Pair Pair { get; }

    /// <summary>Who owned when the fault was still to come.</summary>
    public DirectorProcess Owner { get; private set; } = null!;

    public DirectorProcess Standby { get; private set; } = null!;

    /// <summary>In sync, and busy.</summary>
    /// <param name="test">Its name, for logs.</param>
    /// <param name="options">Of the pair.</param>
    /// <param name="method">None: masquerading.</param>
    /// <param name="settings">ipvsadm commands before the services.</param>
    public static async Task<BusyPair> StartAsync(string test, PairOptions? options = null, ForwardingSetup? method = null, string settings = "")
    {
        ForwardingSetup by = method ?? ForwardingSetup.Masquerading;
        PairOptions with = (options ?? new PairOptions()) with { Describe = pair => by.Describe(pair.RealServers), Extra = by.Configuration, Ipv6Only = by.IsIpv6 };
        BusyPair busy = new(await Pair.BuildAsync(with, test), by, test);
        await busy.ServeAsync();
        await busy.Pair.StartAsync();
        await (await busy.Pair.OwnerAsync()).IpvsadmAsync($"""
            {settings}
            -A -t {by.Vip}:80 -s wlc
            -a -t {by.Vip}:80 -r {by.Server(1)}:80 {by.Option}
            -a -t {by.Vip}:80 -r {by.Server(2)}:80 {by.Option}
            -A -u {by.Vip}:7 -s rr
            -a -u {by.Vip}:7 -r {by.Server(1)}:7 {by.Option}
            """);
        await busy.LoadAsync();
        return busy;
    }

    /// <summary>Echo and nginx on the servers.</summary>
    private async Task ServeAsync()
    {
        foreach (LabHost server in Pair.RealServers)
            await _method.SetUpAsync(server, Pair.Vip);
        await Pair.StartNginxAsync();
        string from = _method.AnswersDirectly ? Pair.Vip : "";
        LabProcess echo = Pair.RealServers[0].Start("echo", $"{Repository.Traffic} udp-echo 7 rs1 {from}");
        await echo.SaysAsync("listening", TimeSpan.FromSeconds(30));
    }

    /// <summary>Load from now on; returns when the standby has all of it.</summary>
    private async Task LoadAsync()
    {
        _load = await Load.StartAsync(Pair.Client, $"{_method.Vip}:80");
        _silence = await Silence.StartAsync(Pair.Client, $"{_method.Vip}:7");
        Owner = await Pair.OwnerAsync();
        Standby = Pair.Other(Owner);
        await Pair.SameTablesAsync();
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
        await Pair.SameTablesAsync();
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
}
