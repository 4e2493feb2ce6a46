using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux;

[Trait("Category", "Kernel")]
public sealed class RouteWatcherTests
{
    private static readonly IpAddress Peer = Ip("10.9.1.2");
    private static readonly IpAddress Nobody = Ip("10.9.1.3");

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
        Assert.Equal([new InterfaceAddress(Ip("10.9.1.1"), 24, Ip("10.9.1.255"))], eth0.Addresses);
        Assert.Equal([Ip("10.9.1.1"), Ip("10.9.2.1"), Ip("127.0.0.1")], view.HostAddresses.ToArray());

        Assert.True(view.TryRoute(Peer, out Route route));
        Assert.Equal((eth0.Index, default, Ip("10.9.1.1")), (route.InterfaceIndex, route.Gateway, route.PreferredSource));
        Assert.True(view.TryRoute(Ip("10.20.0.1"), out route));
        Assert.Equal(new Route(Ip("10.20.0.0"), 16, RouteKind.Unicast, eth0.Index, Peer, Ip("10.9.1.1"), 1400, 50), route);
        Assert.True(view.TryRoute(Ip("10.24.0.1"), out route));
        Assert.Equal(Peer, route.Gateway);
        Assert.Equal(RouteKind.Blackhole, Kind(view, Ip("10.21.0.1")));
        Assert.Equal(RouteKind.Unreachable, Kind(view, Ip("10.22.0.1")));
        Assert.Equal(RouteKind.Prohibit, Kind(view, Ip("10.23.0.1")));
        Assert.Equal(RouteKind.None, Kind(view, Ip("10.25.0.1")));
        Assert.Equal(RouteKind.None, Kind(view, Ip("8.8.8.8")));
        Assert.Equal(RouteKind.Local, Kind(view, Ip("10.9.1.1")));
        Assert.Equal(RouteKind.Broadcast, Kind(view, Ip("10.9.1.255")));
    }

    [Fact]
    public void Changes_come_by_subscription()
    {
        using Lab lab = TwoHosts();
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        Assert.False(watcher.Process());

        lab.Ip("left", "route add default via 10.9.1.2");
        Await(watcher, view => Kind(view, Ip("8.8.8.8")) == RouteKind.Unicast);
        lab.Ip("left", "route change default via 10.9.2.2");
        Await(watcher, view => view.TryRoute(Ip("8.8.8.8"), out Route route) && route.Gateway == Ip("10.9.2.2"));
        lab.Ip("left", "address add 10.9.3.1/24 dev eth1");
        Await(watcher, view => view.IsHostAddress(Ip("10.9.3.1")) && Kind(view, Ip("10.9.3.2")) == RouteKind.Unicast);
        lab.Ip("left", "address del 10.9.3.1/24 dev eth1");
        Await(watcher, view => !view.IsHostAddress(Ip("10.9.3.1")) && Kind(view, Ip("10.9.3.2")) == RouteKind.Unicast); // the default route
        lab.Ip("left", "link set eth0 mtu 1400");
        Await(watcher, view => view.FindInterface("eth0")!.Mtu == 1400);
        lab.Ip("left", "link set eth1 down"); // its routes go without a message of their own
        Await(watcher, view => Kind(view, Ip("8.8.8.8")) == RouteKind.None && !view.FindInterface("eth1")!.IsUp);
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
        Assert.True(watcher.Resolve(eth0, Nobody));
        Await(watcher, view => !view.TryNeighbour(eth0, Nobody, out _, out NeighbourState known) && known == NeighbourState.Failed);

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
        Await(watcher, view => Kind(view, Ip("10.200.0.1")) == RouteKind.Unicast && Kind(view, Ip("10.100.0.1")) == RouteKind.None);
        Assert.True(watcher.Overruns > 0);
    }

    internal static RouteKind Kind(NetworkView view, IpAddress destination)
    {
        view.TryRoute(destination, out Route route);
        return route.Kind;
    }

    internal static void Await(RouteWatcher watcher, Func<NetworkView, bool> condition)
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
