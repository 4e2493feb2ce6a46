using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Restarts;
using Director.Lab.Tests.Topologies;
using Director.Model;

namespace Director.Lab.Tests.TakeOver;

/// <summary>
/// The owner of a pair ends in one way or another, under 200 busy connections: the other one owns soon, no connection breaks, no
/// request is lost. Gaps are measured and told; that they are short at all is asserted, so that a busy machine fails nothing.
/// </summary>
[Collection(Alone.Name)]
public sealed class TakeOverTests
{
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);

    private const string Services = """
        -A -t 10.1.0.100:80 -s wlc
        -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
        -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m
        -A -u 10.1.0.100:7 -s rr
        -a -u 10.1.0.100:7 -r 10.2.0.11:7 -m
        """;

    [Fact]
    public Task Its_engine_is_killed() => TakesOverAsync(async owner => await Signals.SendAsync(await owner.EngineAsync(), "KILL"));

    [Fact]
    [Trait("Category", "Long")]
    public Task Engine_and_directord_are_killed() => TakesOverAsync(async owner =>
    {
        int engine = await owner.EngineAsync();
        await owner.Process.SignalAsync("KILL");
        await Signals.SendAsync(engine, "KILL");
    });

    [Fact]
    [Trait("Category", "Long")]
    public Task Its_host_vanishes() => TakesOverAsync(
        async (pair, owner) =>
        {
            foreach (string port in Ports(owner))
                await pair.Network.OnSwitchAsync($"ip link set {port} down");
        },
        async (pair, owner) =>
        {
            foreach (string port in Ports(owner))
                await pair.Network.OnSwitchAsync($"ip link set {port} up");
        });

    [Fact]
    public Task It_is_asked_to_fail_over() => TakesOverAsync(async owner => await owner.DirectorAsync("failover"));

    [Fact]
    [Trait("Category", "Long")]
    public Task It_is_stopped() => TakesOverAsync(async owner =>
    {
        await owner.Process.SignalAsync("TERM");
        await owner.Process.ExitAsync();
    });

    [Theory]
    [InlineData("eth0", Traits = ["Category", "Long"])]
    [InlineData("eth1", Traits = ["Category", "Long"])]
    public Task A_link_of_it_is_cut(string device) => TakesOverAsync(
        (pair, owner) => pair.Network.OnSwitchAsync($"ip link set {owner.Host.Name}-{device} down"),
        (pair, owner) => pair.Network.OnSwitchAsync($"ip link set {owner.Host.Name}-{device} up"),
        $"{nameof(A_link_of_it_is_cut)}_{device}");

    [Fact]
    [Trait("Category", "Long")]
    public async Task Directord_alone_is_killed_and_stays_away()
    {
        await using Pair pair = await StartAsync(nameof(Directord_alone_is_killed_and_stays_away));
        DirectorProcess owner = await pair.OwnerAsync();
        DirectorProcess other = pair.Other(owner);
        Load load = await Load.StartAsync(pair.Client, "10.1.0.100:80");
        await Pair.SyncedAsync(other);
        await owner.Process.SignalAsync("KILL");
        await owner.Process.ExitAsync();
        await pair.OwnerAsync(other);
        await WholeAsync(load);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task The_cluster_link_is_cut_and_nothing_moves()
    {
        await using Pair pair = await StartAsync(nameof(The_cluster_link_is_cut_and_nothing_moves));
        DirectorProcess owner = await pair.OwnerAsync();
        ulong epoch = (await owner.StatusAsync()).Election!.Epoch;
        Load load = await Load.StartAsync(pair.Client, "10.1.0.100:80");
        await pair.Network.OnSwitchAsync("ip link set a-eth2 down");
        await Eventually.TrueAsync("the link is missed", async () =>
            (await owner.StatusAsync()).Election!.Peers.All(peer => peer.HeardOverCluster is null or > 2000), TimeSpan.FromSeconds(15));
        await pair.Network.OnSwitchAsync("ip link set a-eth2 up");
        await Eventually.TrueAsync("both are heard again", async () =>
            (await owner.StatusAsync()).Election!.Peers.Any(peer => peer.HeardOverCluster < 1500), TimeSpan.FromSeconds(30));
        await WholeAsync(load);
        ElectionListing now = (await owner.StatusAsync()).Election!;
        Assert.Equal(("owner", epoch), (now.Role, now.Epoch));
    }

    private static Task TakesOverAsync(Func<DirectorProcess, Task> end, [System.Runtime.CompilerServices.CallerMemberName] string test = "") =>
        TakesOverAsync((_, owner) => end(owner), heal: null, test);

    private static async Task TakesOverAsync(
        Func<Pair, DirectorProcess, Task> end, Func<Pair, DirectorProcess, Task>? heal, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        await using Pair pair = await StartAsync(test);
        DirectorProcess owner = await pair.OwnerAsync();
        DirectorProcess other = pair.Other(owner);
        Load load = await Load.StartAsync(pair.Client, "10.1.0.100:80");
        Silence silence = await Silence.StartAsync(pair.Client, "10.1.0.100:7");
        await Pair.SyncedAsync(other);

        await end(pair, owner);
        await pair.OwnerAsync(other);
        await WholeAsync(load);
        SilenceResult seen = await silence.StopAsync();
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", test, seen);
        Assert.InRange(seen.LongestMilliseconds, 0, Gap.TotalMilliseconds);

        if (heal is null)
            return;
        await heal(pair, owner);
        await pair.OwnerAsync();
        Assert.Equal((await owner.IpvsadmAsync("-S -n")).Text, (await other.IpvsadmAsync("-S -n")).Text);
    }

    private static string[] Ports(DirectorProcess director) => [.. Enumerable.Range(0, 3).Select(i => $"{director.Host.Name}-eth{i}")];

    private static async Task<Pair> StartAsync(string test)
    {
        Pair pair = await Pair.BuildAsync(test: test);
        await pair.StartNginxAsync();
        LabProcess echo = pair.RealServers[0].Start("echo", $"{Repository.Traffic} udp-echo 7 rs1");
        await echo.SaysAsync("listening", TimeSpan.FromSeconds(30));
        await pair.StartAsync();
        await (await pair.OwnerAsync()).IpvsadmAsync(Services);
        return pair;
    }

    private static async Task WholeAsync(Load load)
    {
        LoadResult result = await load.StopAsync();
        Assert.Equal(0, result.Broken);
        Assert.Equal(result.Requests, result.Answers);
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", TestContext.Current.TestMethod?.MethodName ?? "", result);
    }
}
