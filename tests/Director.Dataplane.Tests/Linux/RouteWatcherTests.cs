using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Linux;

[Trait("Category", "Kernel")]
public sealed class RouteWatcherTests
{
    private const uint Peer = 0x0A09_0102; // 10.9.1.2

    [Fact]
    public void The_first_view_holds_what_was_there_before()
    {
        using Lab lab = TwoHosts();
        lab.Ip("left", "route add 10.20.0.0/16 via 10.9.1.2 metric 50 mtu 1400 src 10.9.1.1");
        lab.Ip("left", "route add 10.20.0.0/16 dev eth1 metric 60");
        lab.Ip("left", "route add blackhole 10.21.0.0/16");
        lab.Ip("left", "route add unreachable 10.22.0.0/16");
        lab.Ip("left", "route add prohibit 10.23.0.0/16");
        lab.Ip("left", "route add 10.24.0.0/16 nexthop via 10.9.1.2 nexthop via 10.9.2.2");
        lab.Ip("left", "route add 10.25.0.0/16 via 10.9.1.2 table 100");
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        NetworkView view = watcher.View;

        NetworkInterface eth0 = view.FindInterface("eth0")!;
        Assert.Equal("02:00:00:00:00:01", eth0.Mac.ToString());
        Assert.Equal(1500, eth0.Mtu);
        Assert.True(eth0 is { IsUp: true, HasCarrier: true });
        Assert.Equal([new InterfaceAddress(0x0A09_0101, 24, 0x0A09_01FF)], eth0.Addresses);
        Assert.Equal([0x0A09_0101, 0x0A09_0201, 0x7F00_0001], view.HostAddresses.ToArray());

        Assert.True(view.TryRoute(Peer, out Route route));
        Assert.Equal((eth0.Index, 0u, 0x0A09_0101u), (route.InterfaceIndex, route.Gateway, route.PreferredSource));
        Assert.True(view.TryRoute(0x0A14_0001, out route));
        Assert.Equal(new Route(0x0A14_0000, 16, RouteKind.Unicast, eth0.Index, Peer, 0x0A09_0101, 1400, 50), route);
        Assert.True(view.TryRoute(0x0A18_0001, out route));
        Assert.Equal(Peer, route.Gateway);
        Assert.Equal(RouteKind.Blackhole, Kind(view, 0x0A15_0001));
        Assert.Equal(RouteKind.Unreachable, Kind(view, 0x0A16_0001));
        Assert.Equal(RouteKind.Prohibit, Kind(view, 0x0A17_0001));
        Assert.Equal(RouteKind.None, Kind(view, 0x0A19_0001));
        Assert.Equal(RouteKind.None, Kind(view, 0x0808_0808));
        Assert.Equal(RouteKind.Local, Kind(view, 0x0A09_0101));
        Assert.Equal(RouteKind.Broadcast, Kind(view, 0x0A09_01FF));
    }

    [Fact]
    public void Changes_come_by_subscription()
    {
        using Lab lab = TwoHosts();
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        Assert.False(watcher.Process());

        lab.Ip("left", "route add default via 10.9.1.2");
        Await(watcher, view => Kind(view, 0x0808_0808) == RouteKind.Unicast);
        lab.Ip("left", "route change default via 10.9.2.2");
        Await(watcher, view => view.TryRoute(0x0808_0808, out Route route) && route.Gateway == 0x0A09_0202);
        lab.Ip("left", "address add 10.9.3.1/24 dev eth1");
        Await(watcher, view => view.IsHostAddress(0x0A09_0301) && Kind(view, 0x0A09_0302) == RouteKind.Unicast);
        lab.Ip("left", "address del 10.9.3.1/24 dev eth1");
        Await(watcher, view => !view.IsHostAddress(0x0A09_0301) && Kind(view, 0x0A09_0302) == RouteKind.Unicast); // the default route
        lab.Ip("left", "link set eth0 mtu 1400");
        Await(watcher, view => view.FindInterface("eth0")!.Mtu == 1400);
        lab.Ip("left", "link set eth1 down"); // its routes go without a message of their own
        Await(watcher, view => Kind(view, 0x0808_0808) == RouteKind.None && !view.FindInterface("eth1")!.IsUp);
        lab.Ip("right", "link set eth0 down");
        Await(watcher, view => !view.FindInterface("eth0")!.HasCarrier);
        lab.Ip("left", "link del eth1");
        Await(watcher, view => view.FindInterface("eth1") == null);
    }

    [Fact]
    public void A_neighbour_is_resolved_when_asked_for()
    {
        using Lab lab = TwoHosts();
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        int eth0 = watcher.View.FindInterface("eth0")!.Index;
        Assert.False(watcher.View.TryNeighbour(eth0, Peer, out _, out NeighbourState state));
        Assert.Equal(NeighbourState.None, state);

        Assert.True(watcher.Resolve(eth0, Peer));
        Await(watcher, view => view.TryNeighbour(eth0, Peer, out MacAddress mac, out NeighbourState known)
            && known == NeighbourState.Reachable && mac.ToString() == "02:00:00:00:00:02");

        // Nobody has this address.
        lab.Sysctl("left", "net.ipv4.neigh.eth0.retrans_time_ms=10");
        Assert.True(watcher.Resolve(eth0, Peer + 1));
        Await(watcher, view => !view.TryNeighbour(eth0, Peer + 1, out _, out NeighbourState known) && known == NeighbourState.Failed);

        lab.Sysctl("left", "net.ipv4.neigh.eth0.delay_first_probe_time=0");
        lab.Ip("left", "neighbour change 10.9.1.2 lladdr 02:00:00:00:00:02 dev eth0 nud stale");
        Await(watcher, view => view.TryNeighbour(eth0, Peer, out _, out NeighbourState known) && known == NeighbourState.Stale);
        Assert.True(watcher.Resolve(eth0, Peer));
        Await(watcher, view => view.TryNeighbour(eth0, Peer, out _, out NeighbourState known) && known == NeighbourState.Reachable);
        lab.Ip("left", "neighbour del 10.9.1.2 dev eth0");
        Await(watcher, view => !view.TryNeighbour(eth0, Peer, out _, out _));
    }

    [Fact]
    public void Lost_messages_are_made_up_for()
    {
        using Lab lab = TwoHosts();
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher(backlog: 8192));
        string batch = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(batch, from round in Enumerable.Range(0, 2)
                                      from verb in "add del".Split(' ')
                                      from i in Enumerable.Range(0, 200)
                                      select $"route {verb} 10.{100 + i / 256}.{i % 256}.0/24 via 10.9.1.2");
            lab.Exec("left", $"ip -batch {batch}");
        }
        finally
        {
            File.Delete(batch);
        }
        lab.Ip("left", "route add 10.200.0.0/16 via 10.9.2.2");
        Await(watcher, view => Kind(view, 0x0AC8_0001) == RouteKind.Unicast && Kind(view, 0x0A64_0001) == RouteKind.None);
        Assert.True(watcher.Overruns > 0);
    }

    private static RouteKind Kind(NetworkView view, uint destination)
    {
        view.TryRoute(destination, out Route route);
        return route.Kind;
    }

    private static void Await(RouteWatcher watcher, Func<NetworkView, bool> condition)
    {
        using var poll = new PacketPoll([watcher.Descriptor]);
        long deadline = BootClock.Milliseconds + 10_000;
        while (!condition(watcher.View))
        {
            Assert.True(BootClock.Milliseconds < deadline, "the view did not come to be");
            poll.Wait(100_000_000);
            watcher.Process();
        }
    }

    private static Lab TwoHosts()
    {
        var lab = new Lab("left", "right");
        lab.Connect("left", "eth0", "02:00:00:00:00:01", "right", "eth0", "02:00:00:00:00:02");
        lab.Connect("left", "eth1", "02:00:00:00:00:03", "right", "eth1", "02:00:00:00:00:04");
        lab.Ip("left", "address add 10.9.1.1/24 brd + dev eth0");
        lab.Ip("left", "address add 10.9.2.1/24 brd + dev eth1");
        lab.Ip("right", "address add 10.9.1.2/24 dev eth0");
        return lab;
    }
}
