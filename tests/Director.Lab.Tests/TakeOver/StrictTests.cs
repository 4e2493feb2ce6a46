using System.Globalization;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Restarts;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.TakeOver;

/// <summary><c>connection-sync.mode = strict</c>: what a client has been answered, a second director knows of.</summary>
[Collection(Alone.Name)]
[Trait("Category", "Long")]
public sealed class StrictTests
{
    private const int Rounds = 8;
    private const int Connections = 20;

    private static readonly PairOptions Options = new() { Extra = "connection-sync { mode = strict }" };

    /// <summary>The process that has just connected kills the owner, before it says a word: there is no time for anything to follow.</summary>
    [Fact]
    public async Task The_owner_is_killed_as_soon_as_a_client_has_connected_time_and_again()
    {
        await using Pair pair = await StartAsync(nameof(The_owner_is_killed_as_soon_as_a_client_has_connected_time_and_again));
        for (int round = 0; round < Rounds; round++)
        {
            DirectorProcess owner = await pair.OwnerAsync(), standby = pair.Other(owner);
            await Pair.SyncedAsync(standby);
            Output answers = await pair.Client.TryAsync($"""
                exec timeout 25 bash -c '
                for fd in $(seq 10 {9 + Connections}); do eval "exec $fd<>/dev/tcp/{Pair.Vip}/80" || echo no connection; done
                kill -9 {owner.Process.Id} {await owner.EngineAsync()}
                for fd in $(seq 10 {9 + Connections}); do printf "GET / HTTP/1.0\r\n\r\n" >&$fd; done
                for fd in $(seq 10 {9 + Connections}); do timeout 15 tail -n 1 <&$fd || echo broken; done'
                """);
            TestContext.Current.SendDiagnosticMessage("round {0}: {1}", round, answers.Spread());
            Assert.Equal(Connections, answers.Lines.Count(line => line.StartsWith("rs", StringComparison.Ordinal)));
            Assert.Equal(Connections, answers.Lines.Length);
            await pair.OwnerAsync(standby);
            await owner.Process.ExitAsync();
            await owner.StartAsync();
        }
    }

    /// <summary>
    /// With a standby that has become silent, first packets wait for as long as they may and go on; then nothing is waited for. Both
    /// are counted and shown, and are over when there is a standby again.
    /// </summary>
    [Fact]
    public async Task The_standby_is_lost_and_comes_back()
    {
        await using Pair pair = await StartAsync(nameof(The_standby_is_lost_and_comes_back));
        DirectorProcess owner = await pair.OwnerAsync(), standby = pair.Other(owner);
        await Pair.SyncedAsync(standby);
        await ConnectAsync(pair);
        Assert.True(await CountAsync(owner, "StrictHeld") > 0);
        Assert.False((await owner.StatusAsync()).Sync!.StrictDegraded);

        await pair.Network.OnSwitchAsync(string.Join("; ", BusyPair.Ports(standby).Select(port => $"ip link set {port} down")));
        double waited = await ConnectAsync(pair);
        TestContext.Current.SendDiagnosticMessage("without an answer of the standby the handshake took {0:F0} ms", 1000 * waited);
        // A handshake is one packet held; the client itself asks again after a second.
        Assert.InRange(waited, 0.045, 0.9);
        Assert.True(await CountAsync(owner, "StrictTimedOut") > 0);
        Assert.True((await owner.StatusAsync()).Sync!.StrictDegraded);
        Assert.Contains("DEGRADED", (await owner.DirectorAsync("status")).Text, StringComparison.Ordinal);
        Assert.Contains("director_sync_strict_degraded 1", await MetricsAsync(owner), StringComparison.Ordinal);

        await Eventually.TrueAsync("the standby is given up", async () =>
        {
            await ConnectAsync(pair);
            return await CountAsync(owner, "StrictWithoutStandby") > 0;
        });
        Assert.InRange(await ConnectAsync(pair), 0, 0.045);
        Assert.True((await owner.StatusAsync()).Sync!.StrictDegraded);

        await pair.Network.OnSwitchAsync(string.Join("; ", BusyPair.Ports(standby).Select(port => $"ip link set {port} up")));
        await Pair.SyncedAsync(standby);
        await Eventually.TrueAsync("it is over", async () =>
        {
            await ConnectAsync(pair);
            return !(await owner.StatusAsync()).Sync!.StrictDegraded;
        });
        Assert.Contains("director_sync_strict_degraded 0", await MetricsAsync(owner), StringComparison.Ordinal);
    }

    private static async Task<Pair> StartAsync(string test)
    {
        Pair pair = await Pair.BuildAsync(Options, test);
        await pair.StartNginxAsync();
        await pair.StartAsync();
        await (await pair.OwnerAsync()).IpvsadmAsync($"""
            -A -t {Pair.Vip}:80 -s rr
            -a -t {Pair.Vip}:80 -r 10.2.0.11 -m
            -a -t {Pair.Vip}:80 -r 10.2.0.12 -m
            """);
        await pair.SameTablesAsync();
        return pair;
    }

    /// <summary>How long the handshake took, in seconds.</summary>
    private static async Task<double> ConnectAsync(Pair pair) => double.Parse(
        (await pair.Client.RunAsync($"curl -sf -m 5 -o /dev/null -w '%{{time_connect}}' http://{Pair.Vip}/")).Text, CultureInfo.InvariantCulture);

    private static async Task<ulong> CountAsync(DirectorProcess director, string counter) =>
        (await director.StatusAsync()).Engine.Counters.GetValueOrDefault(counter);

    private static async Task<string> MetricsAsync(DirectorProcess director)
    {
        using HttpClient http = director.ManagementClient();
        return await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
