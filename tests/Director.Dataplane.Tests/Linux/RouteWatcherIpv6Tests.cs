using System.Net;
using System.Net.Sockets;
using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Linux.RouteWatcherTests;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux;

[Trait("Category", "Kernel")]
public sealed class RouteWatcherIpv6Tests
{
    private static readonly IpAddress Peer = Ip("fd00:1::2");
    private static readonly IpAddress Nobody = Ip("fd00:1::3");
    private static readonly IpAddress PeersLinkLocal = Ip("fe80::ff:fe00:2"); // RFC 4291 appendix A, of 02:00:00:00:00:02

    [Fact]
    public void The_first_view_holds_what_was_there_before()
    {
        using Lab lab = TwoHosts();
        lab.Ip("left", "route add fd00:20::/32 via fd00:1::2 metric 50 mtu 1400 src fd00:1::1");
        lab.Ip("left", "route add fd00:20::/32 dev eth1 metric 60");
        lab.Ip("left", "route add blackhole fd00:21::/48");
        lab.Ip("left", "route add unreachable fd00:22::/48");
        lab.Ip("left", "route add prohibit fd00:23::/48");
        lab.Ip("left", "route add fd00:24::/48 nexthop via fd00:1::2 nexthop via fe80::ff:fe00:4 dev eth1");
        lab.Ip("left", "route add fd00:25::/48 via fd00:1::2 table 100");
        lab.Ip("left", "route add fd00:26::/48 from fd00:1::/64 via fd00:1::2");
        lab.Ip("left", "route add default via fe80::ff:fe00:2 dev eth0");
        lab.Ip("left", "route add 10.20.0.0/16 via inet6 fe80::ff:fe00:2 dev eth0");
        lab.Sysctl("left", "net.ipv6.conf.eth0.mtu=1380");
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        NetworkView view = watcher.View;

        NetworkInterface eth0 = view.FindInterface("eth0")!;
        Assert.Equal((1500, 1380, 1500), (eth0.Mtu, eth0.Ipv6Mtu, view.FindInterface("eth1")!.Ipv6Mtu));
        Assert.Equal([new(Ip("10.9.1.1"), 24), new(Ip("fd00:1::1"), 64), new(Ip("fe80::ff:fe00:1"), 64)], eth0.Addresses);
        Assert.Equal("10.9.1.1 127.0.0.1 ::1 fd00:1::1 fd00:2::1 fe80::ff:fe00:1 fe80::ff:fe00:3".Split(' ').Select(Ip), view.HostAddresses.ToArray());

        Assert.True(view.TryRoute(Peer, out Route route));
        Assert.Equal(new Route(Ip("fd00:1::"), 64, RouteKind.Unicast, eth0.Index, Metric: 256), route);
        Assert.True(view.TryRoute(Ip("fd00:20::1"), out route));
        Assert.Equal(new Route(Ip("fd00:20::"), 32, RouteKind.Unicast, eth0.Index, Peer, Ip("fd00:1::1"), 1400, 50), route);
        Assert.True(view.TryRoute(Ip("fd00:24::1"), out route));
        Assert.Equal((Peer, eth0.Index), (route.Gateway, route.InterfaceIndex));
        Assert.True(view.TryRoute(Ip("2001:db8::1"), out route));
        Assert.Equal((PeersLinkLocal, eth0.Index), (route.Gateway, route.InterfaceIndex));
        Assert.True(view.TryRoute(Ip("10.20.0.1"), out route));
        Assert.Equal((PeersLinkLocal, eth0.Index), (route.Gateway, route.InterfaceIndex));
    }

    [Fact]
    public void Routes_that_lead_nowhere_say_why()
    {
        using Lab lab = TwoHosts();
        lab.Sysctl("left", "net.ipv6.conf.all.forwarding=1");
        lab.Ip("left", "route add blackhole fd00:21::/48");
        lab.Ip("left", "route add unreachable fd00:22::/48");
        lab.Ip("left", "route add prohibit fd00:23::/48");
        lab.Ip("left", "route add fd00:25::/48 via fd00:1::2 table 100");
        lab.Ip("left", "route add fd00:26::/48 from fd00:1::/64 via fd00:1::2");
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        (string Destination, RouteKind Kind)[] expected =
        [
            ("fd00:21::1", RouteKind.Blackhole),
            ("fd00:22::1", RouteKind.Unreachable),
            ("fd00:23::1", RouteKind.Prohibit),
            ("fd00:25::1", RouteKind.None), // of another table
            ("fd00:26::1", RouteKind.None), // by source
            ("fd00:1::1", RouteKind.Local),
            ("::1", RouteKind.Local),
            ("fd00:1::", RouteKind.Broadcast), // a router's anycast address
            ("ff02::1", RouteKind.Broadcast),
            ("ff0e::1", RouteKind.Broadcast),
        ];
        Assert.Equal(expected, expected.Select(each => (each.Destination, Kind(watcher.View, Ip(each.Destination)))));
        Assert.Contains(Ip("fd00:1::"), watcher.View.HostBroadcasts);
    }

    [Fact]
    public void Link_local_destinations_are_looked_up_on_their_link()
    {
        using Lab lab = TwoHosts();
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        int eth0 = watcher.View.FindInterface("eth0")!.Index;
        int eth1 = watcher.View.FindInterface("eth1")!.Index;
        foreach (int link in (int[])[eth0, eth1])
        {
            Assert.True(watcher.View.TryRoute(PeersLinkLocal, out Route route, link));
            Assert.Equal(new Route(Ip("fe80::"), 64, RouteKind.Unicast, link, Metric: 256), route);
        }
        Assert.False(watcher.View.TryRoute(Ip("fe80::ff:fe00:1"), out Route own, eth0));
        Assert.Equal(RouteKind.Local, own.Kind);
        Assert.False(watcher.View.TryRoute(PeersLinkLocal, out _, watcher.View.FindInterface("lo")!.Index));
    }

    [Fact]
    public void Changes_come_by_subscription()
    {
        using Lab lab = TwoHosts();
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        Assert.False(watcher.Process());
        IpAddress far = Ip("2001:db8::1");

        lab.Ip("left", "route add default via fd00:1::2");
        Await(watcher, view => Kind(view, far) == RouteKind.Unicast);
        lab.Ip("left", "-6 route change default via fd00:2::2");
        Await(watcher, view => view.TryRoute(far, out Route route) && route.Gateway == Ip("fd00:2::2"));
        lab.Ip("left", "-6 route append default via fd00:1::2"); // becomes a second next hop of the same route
        lab.Ip("left", "-6 route del default via fd00:2::2");
        Await(watcher, view => view.TryRoute(far, out Route route) && route.Gateway == Peer);
        lab.Ip("left", "address add fd00:3::1/64 dev eth1");
        Await(watcher, view => view.IsHostAddress(Ip("fd00:3::1")) && view.TryRoute(Ip("fd00:3::2"), out Route route) && route.Gateway == default);
        lab.Ip("left", "address del fd00:3::1/64 dev eth1");
        Await(watcher, view => !view.IsHostAddress(Ip("fd00:3::1")) && view.TryRoute(Ip("fd00:3::2"), out Route route) && route.Gateway == Peer);
        lab.Ip("left", "link set eth0 down");
        Await(watcher, view => Kind(view, far) == RouteKind.None && !view.IsHostAddress(Ip("fd00:1::1")));
        lab.Sysctl("left", "net.ipv6.conf.eth1.disable_ipv6=1");
        Await(watcher, view => !view.IsHostAddress(Ip("fd00:2::1")) && Kind(view, Ip("fd00:2::2")) == RouteKind.None);
    }

    /// <summary>RFC 4862 section 5.4, with a neighbour that has the address already.</summary>
    [Fact]
    public void An_address_is_tentative_until_nobody_else_was_found()
    {
        using Lab lab = TwoHosts();
        lab.Sysctl("left", "net.ipv6.conf.eth0.accept_dad=1");
        lab.Sysctl("left", "net.ipv6.neigh.eth0.retrans_time_ms=300"); // how long an answer is waited for
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());

        lab.Ip("left", "address add fd00:1::2/64 dev eth0");
        Assert.True(watcher.Process());
        Assert.True(Find(watcher.View, Peer)?.IsTentative);
        lab.Ip("left", "address add fd00:1::3/64 dev eth0");
        Await(watcher, view => Find(view, Nobody) is { IsTentative: false } && Kind(view, Nobody) == RouteKind.Local);
        Assert.True(Find(watcher.View, Peer)?.IsTentative); // the peer has it
        Assert.True(watcher.View.IsHostAddress(Peer));
        Assert.Equal(RouteKind.Unicast, Kind(watcher.View, Peer));
    }

    [Fact]
    public void A_neighbour_is_resolved_when_asked_for()
    {
        using Lab lab = TwoHosts();
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        int eth0 = watcher.View.FindInterface("eth0")!.Index;
        foreach (IpAddress peer in (IpAddress[])[Peer, PeersLinkLocal])
        {
            Assert.False(watcher.View.TryNeighbour(eth0, peer, out _, out NeighbourState state));
            Assert.Equal(NeighbourState.None, state);
            Assert.True(watcher.Resolve(eth0, peer));
            Await(watcher, view => view.TryNeighbour(eth0, peer, out MacAddress mac, out NeighbourState known)
                && known == NeighbourState.Reachable && mac.ToString() == "02:00:00:00:00:02");
        }

        // Nobody has this address.
        lab.Sysctl("left", "net.ipv6.neigh.eth0.retrans_time_ms=10");
        Assert.True(watcher.Resolve(eth0, Nobody));
        Await(watcher, view => !view.TryNeighbour(eth0, Nobody, out _, out NeighbourState known) && known == NeighbourState.Failed);

        lab.Sysctl("left", "net.ipv6.neigh.eth0.delay_first_probe_time=0");
        lab.Ip("left", "neighbour change fd00:1::2 lladdr 02:00:00:00:00:02 dev eth0 nud stale");
        Await(watcher, view => view.TryNeighbour(eth0, Peer, out _, out NeighbourState known) && known == NeighbourState.Stale);
        Assert.True(watcher.Resolve(eth0, Peer));
        Await(watcher, view => view.TryNeighbour(eth0, Peer, out _, out NeighbourState known) && known == NeighbourState.Reachable);
        lab.Ip("left", "neighbour del fd00:1::2 dev eth0");
        Await(watcher, view => !view.TryNeighbour(eth0, Peer, out _, out _));
    }

    /// <summary>RFC 4861 sections 4.2, 4.6.4 and 6.3.4: an advertisement with an MTU option, and another without it.</summary>
    [Fact]
    public void A_router_may_lower_the_MTU_of_IPv6()
    {
        using Lab lab = TwoHosts();
        lab.Sysctl("left", "net.ipv6.conf.eth0.accept_ra=1");
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        byte[] header = [134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // lifetime 0: no default router
        Advertise(lab, [.. header, 5, 1, 0, 0, 0, 0, 1300 >> 8, 1300 & 0xFF]);
        Await(watcher, view => view.FindInterface("eth0") is { Mtu: 1500, Ipv6Mtu: 1300 });
        NetworkView lowered = watcher.View;
        Advertise(lab, header);
        lab.Ip("left", "address add fd00:9::1/64 dev eth0");
        Await(watcher, view => view.IsHostAddress(Ip("fd00:9::1")));
        Assert.Equal(lowered.FindInterface("eth0")!.Ipv6Mtu, watcher.View.FindInterface("eth0")!.Ipv6Mtu);
    }

    [Fact]
    public void A_lifetime_that_is_renewed_changes_nothing()
    {
        using Lab lab = TwoHosts();
        lab.Ip("left", "address add fd00:1::7/64 dev eth0 valid_lft 1000 preferred_lft 1000");
        using RouteWatcher watcher = lab.In("left", () => new RouteWatcher());
        NetworkView before = watcher.View;
        lab.Ip("left", "address change fd00:1::7/64 dev eth0 valid_lft 2000 preferred_lft 2000");
        Assert.False(watcher.Process());
        Assert.Same(before, watcher.View);
    }

    // From the right host, to all nodes; with the hop limit that the receiver insists on. The kernel fills in the checksum.
    private static void Advertise(Lab lab, byte[] message) => lab.In("right", () =>
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
        socket.Bind(new IPEndPoint(IPAddress.Parse("fe80::ff:fe00:2%eth0"), 0));
        return socket.SendTo(message, new IPEndPoint(IPAddress.Parse("ff02::1%eth0"), 0));
    });

    private static InterfaceAddress? Find(NetworkView view, IpAddress address) =>
        view.FindInterface("eth0")!.Addresses.Where(each => each.Address == address).Select(each => (InterfaceAddress?)each).FirstOrDefault();

    private static Lab TwoHosts()
    {
        var lab = new Lab("left", "right");
        lab.EnableIpv6("left");
        lab.EnableIpv6("right");
        lab.Connect("left", "eth0", "02:00:00:00:00:01", "right", "eth0", "02:00:00:00:00:02");
        lab.Connect("left", "eth1", "02:00:00:00:00:03", "right", "eth1", "02:00:00:00:00:04");
        lab.Ip("left", "address add 10.9.1.1/24 dev eth0");
        lab.Ip("left", "address add fd00:1::1/64 dev eth0");
        lab.Ip("left", "address add fd00:2::1/64 dev eth1");
        lab.Ip("right", "address add fd00:1::2/64 dev eth0");
        return lab;
    }
}
