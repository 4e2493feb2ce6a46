using System.Diagnostics;
using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Restarts;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.TakeOver;

/// <summary>
/// The owner of a pair ends in one way or another, under 200 busy connections: the other one owns soon, no connection breaks, no
/// request is lost. Gaps are measured and told; that they are short at all is asserted, so that a busy machine fails nothing.
/// </summary>
[Collection(Alone.Name)]
public sealed class TakeOverTests
{
    [Fact]
    public Task Its_engine_is_killed() => TakesOverAsync(async busy => await Signals.SendAsync(await busy.Owner.EngineAsync(), "KILL"));

    [Theory]
    [InlineData("dr")]
    [InlineData("tun")]
    [InlineData("fullnat")]
    [Trait("Category", "Long")]
    public Task Its_engine_is_killed_that_forwards_by(string method) => TakesOverAsync(
        async busy => await Signals.SendAsync(await busy.Owner.EngineAsync(), "KILL"),
        test: $"{nameof(Its_engine_is_killed_that_forwards_by)}_{method}", method: ForwardingSetup.All.Single(each => each.Name == method));

    /// <summary>Connections live on by what passes in them, and the standby knows of that.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public Task Its_engine_is_killed_when_connections_are_older_than_twice_their_timeout()
    {
        TimeSpan timeout = TimeSpan.FromSeconds(4);
        long started = Stopwatch.GetTimestamp();
        return TakesOverAsync(
            async busy =>
            {
                await Eventually.TrueAsync("connections are old", () => Stopwatch.GetElapsedTime(started) > 2 * timeout + TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
                await Signals.SendAsync(await busy.Owner.EngineAsync(), "KILL");
            }, settings: $"--set {timeout.TotalSeconds} 10 {timeout.TotalSeconds}");
    }

    [Fact]
    [Trait("Category", "Long")]
    public Task Engine_and_directord_are_killed() => TakesOverAsync(async busy =>
    {
        int engine = await busy.Owner.EngineAsync();
        await busy.Owner.Process.SignalAsync("KILL");
        await Signals.SendAsync(engine, "KILL");
    }, busy => busy.Owner.StartAsync());

    [Fact]
    [Trait("Category", "Long")]
    public Task Its_host_vanishes() => TakesOverAsync(busy => busy.SetLinksAsync(busy.Owner, "down"), busy => busy.SetLinksAsync(busy.Owner, "up"));

    [Fact]
    public Task It_is_asked_to_fail_over() => TakesOverAsync(busy => busy.Owner.DirectorAsync("failover"));

    [Fact]
    [Trait("Category", "Long")]
    public Task It_is_stopped() => TakesOverAsync(async busy =>
    {
        await busy.Owner.Process.SignalAsync("TERM");
        await busy.Owner.Process.ExitAsync();
    }, busy => busy.Owner.StartAsync());

    [Fact]
    [Trait("Category", "Long")]
    public Task Directord_alone_is_killed_and_stays_away() => TakesOverAsync(async busy =>
    {
        await busy.Owner.Process.SignalAsync("KILL");
        await busy.Owner.Process.ExitAsync();
    }, busy => busy.Owner.StartAsync());

    /// <summary>Service and back-end link, by carrier and without a sign of it: the port of the switch is in no bridge.</summary>
    [Theory]
    [InlineData("eth0", "down", "up", Traits = ["Category", "Long"])]
    [InlineData("eth1", "down", "up", Traits = ["Category", "Long"])]
    [InlineData("eth0", "nomaster", "master c", Traits = ["Category", "Long"])]
    [InlineData("eth1", "nomaster", "master r", Traits = ["Category", "Long"])]
    public Task A_link_of_it_is_lost(string device, string lose, string heal) => TakesOverAsync(
        busy => busy.OnSwitchAsync($"ip link set {busy.Owner.Host.Name}-{device} {lose}"),
        busy => busy.OnSwitchAsync($"ip link set {busy.Owner.Host.Name}-{device} {heal}"),
        test: $"{nameof(A_link_of_it_is_lost)}_{device}_{lose}");

    /// <summary>With everything that is given to do at the end, and the other one owning in between.</summary>
    private static async Task TakesOverAsync(
        Func<BusyPair, Task> end, Func<BusyPair, Task>? mend = null, ForwardingSetup? method = null, string settings = "", [CallerMemberName] string test = "")
    {
        await using BusyPair busy = await BusyPair.StartAsync(test, method: method, settings: settings);
        int owned = TimesOwner(busy.Owner);
        Assert.NotEqual(0, owned);

        await end(busy);
        await busy.Pair.OwnerAsync(busy.Standby);
        if (mend is not null)
            await mend(busy);

        DirectorProcess owner = await busy.AgreedAsync();
        await busy.WholeAsync();
        // Nobody went back to it, not even in between. (A machine that stood still for longer than a lease may have made the new owner
        // claim once more.)
        Assert.Same(busy.Standby, owner);
        Assert.Equal(owned, TimesOwner(busy.Owner));
    }

    // In all of its lives.
    private static int TimesOwner(DirectorProcess director) =>
        Directory.EnumerateFiles(director.Host.Logs, $"{director.Host.Name}-directord-*.log")
            .Sum(log => File.ReadLines(log).Count(line => line.Contains("Election: Owner", StringComparison.Ordinal)));
}
