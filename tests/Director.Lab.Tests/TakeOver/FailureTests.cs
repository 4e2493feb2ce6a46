using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Restarts;
using Director.Lab.Tests.Topologies;
using Director.Model;

namespace Director.Lab.Tests.TakeOver;

/// <summary>
/// What else may happen to a busy pair. In the end one director owns, both hold the same table, and no connection has broken
/// beyond what the case says.
/// </summary>
[Collection(Alone.Name)]
[Trait("Category", "Long")]
public sealed class FailureTests
{
    /// <summary>The whole director stands still, and goes on as if it had not.</summary>
    [Theory]
    [InlineData("0.1")]
    [InlineData("0.5")]
    [InlineData("10")]
    public async Task The_owner_is_suspended(string seconds)
    {
        await using BusyPair busy = await BusyPair.StartAsync($"{nameof(The_owner_is_suspended)}_{seconds}");
        string both = $"{busy.Owner.Process.Id} {await busy.Owner.EngineAsync()}";
        await busy.Owner.Host.RunAsync($"kill -STOP {both}; sleep {seconds}; kill -CONT {both}");
        await busy.AgreedAsync();
        await busy.WholeAsync();
    }

    [Fact]
    public Task The_cluster_link_is_cut_and_nothing_moves() => NothingMovesAsync(async busy =>
    {
        await busy.OnSwitchAsync("ip link set a-eth2 down");
        await Eventually.TrueAsync("the link is missed", async () =>
            (await busy.Owner.StatusAsync()).Election!.Peers.All(peer => peer.HeardOverCluster is null or > 2000), TimeSpan.FromSeconds(15));
        await busy.OnSwitchAsync("ip link set a-eth2 up");
        await Eventually.TrueAsync("both are heard again", async () =>
            (await busy.Owner.StatusAsync()).Election!.Peers.Any(peer => peer.HeardOverCluster < 1500), TimeSpan.FromSeconds(30));
    });

    [Theory]
    [InlineData("eth0")]
    [InlineData("eth1")]
    public Task A_link_of_the_standby_is_cut_and_nothing_moves(string device) => NothingMovesAsync(async busy =>
    {
        await busy.OnSwitchAsync($"ip link set {busy.Standby.Host.Name}-{device} down");
        await Eventually.TrueAsync("it is told", async () =>
            (await busy.Standby.StatusAsync()).Election!.Warnings.Any(warning => warning.Contains($"{device} has no carrier", StringComparison.Ordinal)));
        await busy.OnSwitchAsync($"ip link set {busy.Standby.Host.Name}-{device} up");
        await Eventually.TrueAsync("it is over", async () =>
            (await busy.Standby.StatusAsync()).Election!.Warnings.All(warning => !warning.Contains(device, StringComparison.Ordinal)));
    }, $"{nameof(A_link_of_the_standby_is_cut_and_nothing_moves)}_{device}");

    /// <summary>Each sees nothing of the world for a while, and clients see neither.</summary>
    [Fact]
    public async Task Everything_is_cut_and_healed()
    {
        await using BusyPair busy = await BusyPair.StartAsync(nameof(Everything_is_cut_and_healed));
        await busy.SetLinksAsync(busy.Owner, "down");
        await busy.SetLinksAsync(busy.Standby, "down");
        await Eventually.TrueAsync("nobody owns", async () =>
            (await busy.Owner.StatusAsync()).Election!.Role != "owner" && (await busy.Standby.StatusAsync()).Election!.Role != "owner");
        await busy.SetLinksAsync(busy.Owner, "up");
        await busy.SetLinksAsync(busy.Standby, "up");
        await busy.AgreedAsync();
        await busy.WholeAsync(longestMilliseconds: 5000);
    }

    /// <summary>
    /// The two cannot reach each other at all, and both own, each for those that reach it: servers and clients stay with the one
    /// on their side. What is edited at either is kept.
    /// </summary>
    [Fact]
    public async Task Two_islands_are_both_edited_and_healed()
    {
        await using BusyPair busy = await BusyPair.StartAsync(nameof(Two_islands_are_both_edited_and_healed));
        string name = busy.Standby.Host.Name;
        await busy.OnSwitchAsync($"""
            for s in c r k; do ip link add $s-island type bridge forward_delay 0 mcast_snooping 0; ip link set $s-island up; done
            ip link set {name}-eth0 master c-island; ip link set {name}-eth1 master r-island; ip link set {name}-eth2 master k-island
            """);
        await Eventually.TrueAsync("both own", async () =>
            (await busy.Owner.StatusAsync()).Election!.Role == "owner" && (await busy.Standby.StatusAsync()).Election!.Role == "owner");
        await busy.Owner.IpvsadmAsync("-A -t 10.1.0.100:81");
        await busy.Standby.IpvsadmAsync("-A -t 10.1.0.100:82");
        await busy.OnSwitchAsync($"ip link set {name}-eth0 master c; ip link set {name}-eth1 master r; ip link set {name}-eth2 master k");
        DirectorProcess owner = await busy.AgreedAsync();
        string saved = (await owner.IpvsadmAsync("-S -n")).Text;
        Assert.Contains("-A -t 10.1.0.100:81", saved, StringComparison.Ordinal);
        Assert.Contains("-A -t 10.1.0.100:82", saved, StringComparison.Ordinal);
        await busy.WholeAsync();
    }

    [Fact]
    public async Task The_stale_one_starts_first_and_is_edited()
    {
        await using Pair pair = await Pair.BuildAsync();
        await pair.StartAsync();
        await pair.A.IpvsadmAsync("-A -t 10.1.0.100:80 -s rr");
        await pair.B.Process.StopAsync();
        await pair.A.IpvsadmAsync("""
            -E -t 10.1.0.100:80 -s wlc
            -A -t 10.1.0.100:81
            """);
        await pair.A.Process.StopAsync();

        await pair.B.StartAsync();
        Assert.Equal("-A -t 10.1.0.100:80 -s rr\n", (await pair.B.IpvsadmAsync("-S -n")).Text);
        await pair.B.IpvsadmAsync("-A -t 10.1.0.100:82");
        await pair.A.StartAsync();

        await pair.OwnerAsync();
        const string Both = """
            -A -t 10.1.0.100:80 -s wlc
            -A -t 10.1.0.100:81 -s wlc
            -A -t 10.1.0.100:82 -s wlc

            """;
        foreach (DirectorProcess director in pair.Directors)
        {
            await Eventually.TrueAsync($"{director.Host.Name} has the edits of both", async () =>
                string.Concat((await director.IpvsadmAsync("-S -n")).Lines.Order().Select(line => line + "\n")) == Both,
                state: async () => (await director.IpvsadmAsync("-S -n")).Text);
        }
    }

    /// <summary>Forwarding and the election go on, edits are refused in words, and after it has room again they are taken.</summary>
    [Fact]
    public Task The_owners_disk_is_full() => NothingMovesAsync(async busy =>
    {
        await busy.Owner.Host.RunAsync($"dd if=/dev/zero of={busy.Owner.Data}/filler bs=64k 2>/dev/null; true");
        Output refused = await busy.Owner.TryIpvsadmAsync("-A -t 10.1.0.100:81");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("disk", refused.Errors, StringComparison.OrdinalIgnoreCase);
        await busy.Owner.Host.RunAsync($"rm {busy.Owner.Data}/filler");
        await Eventually.TrueAsync("an edit is taken again", async () => (await busy.Owner.TryIpvsadmAsync("-A -t 10.1.0.100:82")).ExitCode == 0);
    }, options: new PairOptions { DataMegabytes = 8 });

    /// <summary>Forwards and back, by an hour and by a day: nothing that matters goes by the time of day.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-24)]
    public Task The_owners_clock_jumps(int hours) => NothingMovesAsync(async busy =>
    {
        DateTimeOffset before = await busy.Owner.ClockAsync();
        await busy.Owner.Clock.SetAsync(TimeSpan.FromHours(hours));
        await Eventually.TrueAsync("its clock has jumped", async () => (await busy.Owner.ClockAsync() - before).Duration() > TimeSpan.FromMinutes(30));
        // What would go by the clock has a second of many announcements to do so, and an edit is made at another time.
        await busy.Owner.IpvsadmAsync("-A -t 10.1.0.100:81");
        await busy.Standby.IpvsadmAsync("-A -t 10.1.0.100:82");
        await Pair.SyncedAsync(busy.Standby);
    }, $"{nameof(The_owners_clock_jumps)}_{hours}", new PairOptions { MovableClocks = true });

    /// <summary>Two on each core, at ordinary priority, for a minute: nobody takes over falsely.</summary>
    [Fact]
    public Task Every_core_is_busy_twice_over() => NothingMovesAsync(async busy =>
    {
        string burners = string.Concat(Enumerable.Repeat("timeout 60 sh -c 'while :; do :; done' & ", 2 * Environment.ProcessorCount));
        await busy.Pair.Client.RunAsync($"{burners} wait", limit: TimeSpan.FromMinutes(2));
    });

    /// <summary>Clients may believe it for the moment until the owner has said otherwise; the operator is told of it.</summary>
    [Fact]
    public Task A_third_host_claims_the_vip() => NothingMovesAsync(async busy =>
    {
        await busy.Pair.Stranger.RunAsync($"{Repository.Traffic} claim eth0 {Pair.Vip} 5");
        await Eventually.TrueAsync("the owner warns", async () =>
            (await busy.Owner.StatusAsync()).Election!.Warnings.Any(warning => warning.Contains("02:ba:d0:ba:d0:01", StringComparison.Ordinal)));
    });

    /// <summary>What the owner said is said again, by somebody else, while it lives and when it is dead.</summary>
    [Fact]
    public async Task A_third_host_replays_announcements()
    {
        await using BusyPair busy = await BusyPair.StartAsync(nameof(A_third_host_replays_announcements));
        ulong epoch = (await busy.Owner.StatusAsync()).Election!.Epoch;
        // At the owner's interface, where what it says to the other one passes too.
        Capture heard = await busy.Owner.Host.CaptureAsync("announcements", "eth0", "arp", snapLength: 0);
        await Eventually.TrueAsync("there is enough to replay", async () => (await heard.LinesAsync()).Length > 100);
        await heard.StopAsync();
        LabProcess replay = busy.Pair.Stranger.Start("replay", $"{Repository.Traffic} replay eth0 {heard.File}");
        await replay.SaysAsync("replaying", TimeSpan.FromSeconds(30));
        ElectionListing unmoved = (await busy.Owner.StatusAsync()).Election!;
        Assert.Equal(("owner", epoch), (unmoved.Role, unmoved.Epoch));

        await Signals.SendAsync(await busy.Owner.EngineAsync(), "KILL");
        await busy.Pair.OwnerAsync(busy.Standby);
        await replay.StopAsync();
        Assert.Same(busy.Standby, await busy.AgreedAsync());
        await busy.WholeAsync(longestMilliseconds: 3000);
    }

    [Fact]
    public async Task Ten_take_overs_in_a_row()
    {
        await using BusyPair busy = await BusyPair.StartAsync(nameof(Ten_take_overs_in_a_row));
        DirectorProcess owner = busy.Owner;
        for (int i = 0; i < 10; i++)
        {
            DirectorProcess next = busy.Pair.Other(owner);
            await Pair.SyncedAsync(next);
            if (i % 2 == 0)
                await owner.DirectorAsync("failover");
            else
                await Signals.SendAsync(await owner.EngineAsync(), "KILL");
            await busy.Pair.OwnerAsync(next);
            owner = await busy.AgreedAsync();
            Assert.Same(next, owner);
        }
        await busy.WholeAsync();
    }

    /// <summary>At the switch: what comes from the VIP, ARP and packets, comes from one port until the other one's turn has come, for good.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_port_of_the_switch_speaks_for_the_vip(bool virtualMac)
    {
        await using BusyPair busy = await BusyPair.StartAsync(
            $"{nameof(One_port_of_the_switch_speaks_for_the_vip)}_{virtualMac}", new PairOptions { VirtualMac = virtualMac });
        const string FromVip = $"src host {Pair.Vip} or (arp and arp[14:4] = 0x0a010064)";
        Capture[] ports = await Task.WhenAll(busy.Pair.Directors.Select(each => busy.Pair.Network.CaptureFromAsync($"{each.Host.Name}-eth0", FromVip)));

        await busy.Owner.DirectorAsync("failover");
        await busy.Pair.OwnerAsync(busy.Standby);
        await Pair.SyncedAsync(busy.Owner);
        await Signals.SendAsync(await busy.Standby.EngineAsync(), "KILL");
        await busy.Pair.OwnerAsync(busy.Owner);
        await busy.AgreedAsync();
        await busy.WholeAsync();

        await Task.WhenAll(ports.Select(port => port.StopAsync()));
        double[][] times = await Task.WhenAll(ports.Select(port => port.TimesAsync()));
        int[] spoke = [.. times.SelectMany((each, port) => each.Select(time => (time, port))).OrderBy(each => each.time).Select(each => each.port)];
        int first = busy.Owner == busy.Pair.A ? 0 : 1;
        Assert.Equal([first, 1 - first, first], spoke.Where((port, at) => at == 0 || spoke[at - 1] != port));
    }

    private static async Task NothingMovesAsync(Func<BusyPair, Task> fault, [CallerMemberName] string test = "", PairOptions? options = null)
    {
        await using BusyPair busy = await BusyPair.StartAsync(test, options);
        ulong epoch = (await busy.Owner.StatusAsync()).Election!.Epoch;
        await fault(busy);
        await busy.AgreedAsync();
        await busy.WholeAsync();
        ElectionListing now = (await busy.Owner.StatusAsync()).Election!;
        Assert.Equal(("owner", epoch), (now.Role, now.Epoch));
    }
}
