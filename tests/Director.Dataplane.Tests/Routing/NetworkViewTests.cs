using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Routing;

public sealed class NetworkViewTests
{
    private static readonly MacAddress Mac = new(0x0200_0000_0001);

    private static readonly NetworkView View = new(
        [
            new NetworkInterface(1, "lo") { Addresses = [new(Ip("127.0.0.1"), 8), new(Ip("::1"), 128)] },
            new NetworkInterface(2, "eth0")
            {
                Mac = Mac,
                Addresses =
                [
                    new(Ip("10.1.0.2"), 24, Ip("10.1.0.255")), new(Ip("10.1.0.3"), 24, Ip("10.1.0.255")),
                    new(Ip("fd00:1::2"), 64), new(Ip("fd00:1::3"), 64) { IsTentative = true }, new(Ip("fe80::2"), 64),
                ],
            },
            new NetworkInterface(3, "eth1") { Addresses = [new(Ip("fe80::2"), 64)] },
        ],
        localRoutes:
        [
            new(Ip("10.1.0.2"), 32, RouteKind.Local, 2), new(Ip("10.1.0.255"), 32, RouteKind.Broadcast, 2),
            new(Ip("fd00:1::2"), 128, RouteKind.Local, 2), new(Ip("fd00:1::"), 128, RouteKind.Broadcast, 2),
            new(Ip("fe80::2"), 128, RouteKind.Local, 2), new(Ip("ff00::"), 8, RouteKind.Broadcast, 2),
        ],
        mainRoutes:
        [
            new(Ip("10.1.0.0"), 24, RouteKind.Unicast, 2), new(Ip("10.1.0.2"), 32, RouteKind.Unicast, 3),
            new(Ip("11.0.0.0"), 8, RouteKind.Prohibit, 0), new(Ip("12.0.0.0"), 8, RouteKind.Unicast, 2, Gateway: Ip("fe80::9")),
            new(Ip("fd00:1::"), 64, RouteKind.Unicast, 2), new(Ip("fd00:2::"), 32, RouteKind.Unreachable, 1),
            new(Ip("fe80::"), 64, RouteKind.Unicast, 2), new(Ip("fe80::"), 64, RouteKind.Unicast, 3),
        ],
        neighbours:
        [
            new(2, Ip("10.1.0.9"), Mac, NeighbourState.Reachable),
            new(2, Ip("10.1.0.10"), Mac, NeighbourState.Stale),
            new(2, Ip("10.1.0.11"), default, NeighbourState.Failed),
            new(2, Ip("10.1.0.12"), default, NeighbourState.Incomplete),
            new(3, Ip("10.1.0.12"), Mac, NeighbourState.Permanent),
            new(2, Ip("fe80::9"), Mac, NeighbourState.Delay),
            new(3, Ip("fe80::9"), default, NeighbourState.Failed),
        ]);

    [Theory]
    [InlineData("10.1.0.1", RouteKind.Unicast)]
    [InlineData("10.1.0.2", RouteKind.Local)] // table local comes first, whatever main says
    [InlineData("10.1.0.255", RouteKind.Broadcast)]
    [InlineData("11.1.0.0", RouteKind.Prohibit)]
    [InlineData("8.8.8.8", RouteKind.None)]
    [InlineData("fd00:1::1", RouteKind.Unicast)]
    [InlineData("fd00:1::2", RouteKind.Local)]
    [InlineData("fd00:1::", RouteKind.Broadcast)]
    [InlineData("fd00:2::1", RouteKind.Unreachable)]
    [InlineData("ff02::1", RouteKind.Broadcast)]
    [InlineData("2001:db8::1", RouteKind.None)]
    public void Only_a_unicast_route_leads_anywhere(string destination, RouteKind kind)
    {
        Assert.Equal(kind == RouteKind.Unicast, View.TryRoute(Ip(destination), out Route route));
        Assert.Equal(kind, route.Kind);
    }

    [Theory]
    [InlineData("fe80::1", 2, RouteKind.Unicast)]
    [InlineData("fe80::1", 3, RouteKind.Unicast)]
    [InlineData("fe80::1", 4, RouteKind.None)]
    [InlineData("fe80::2", 2, RouteKind.Local)]
    [InlineData("fe80::2", 3, RouteKind.Unicast)] // another machine than we are on link 2
    public void A_link_local_destination_belongs_to_its_link(string destination, int link, RouteKind kind)
    {
        View.TryRoute(Ip(destination), out Route route, link);
        Assert.Equal((kind, kind == RouteKind.None ? 0 : link), (route.Kind, route.InterfaceIndex));
    }

    [Theory]
    [InlineData("10.1.0.1", "10.1.0.1")]
    [InlineData("12.1.0.1", "fe80::9")] // RFC 8950
    [InlineData("fd00:1::1", "fd00:1::1")]
    public void The_next_hop_is_the_gateway_or_the_destination(string destination, string nextHop)
    {
        Assert.True(View.TryRoute(Ip(destination), out Route route));
        Assert.Equal(Ip(nextHop), route.NextHop(Ip(destination)));
    }

    [Theory]
    [InlineData(2, "10.1.0.9", true, NeighbourState.Reachable)]
    [InlineData(2, "10.1.0.10", true, NeighbourState.Stale)]
    [InlineData(2, "10.1.0.11", false, NeighbourState.Failed)]
    [InlineData(2, "10.1.0.12", false, NeighbourState.Incomplete)]
    [InlineData(3, "10.1.0.12", true, NeighbourState.Permanent)]
    [InlineData(3, "10.1.0.9", false, NeighbourState.None)]
    [InlineData(2, "fe80::9", true, NeighbourState.Delay)]
    [InlineData(3, "fe80::9", false, NeighbourState.Failed)]
    [InlineData(0, "0.0.0.0", false, NeighbourState.None)]
    [InlineData(0, "::", false, NeighbourState.None)]
    public void A_neighbour_can_be_used_or_its_state_says_why_not(int index, string address, bool usable, NeighbourState state)
    {
        Assert.Equal(usable, View.TryNeighbour(index, Ip(address), out MacAddress mac, out NeighbourState found));
        Assert.Equal((state, usable ? Mac : default), (found, mac));
    }

    [Fact]
    public void The_hosts_addresses_are_known()
    {
        Assert.Equal("10.1.0.2 10.1.0.3 127.0.0.1 ::1 fd00:1::2 fd00:1::3 fe80::2".Split(' ').Select(Ip), View.HostAddresses.ToArray());
        Assert.Equal([Ip("10.1.0.255"), Ip("fd00:1::")], View.HostBroadcasts);
        Assert.True(View.IsHostAddress(Ip("10.1.0.3")));
        Assert.False(View.IsHostAddress(Ip("10.1.0.4")));
        Assert.True(View.IsHostAddress(Ip("fd00:1::3"))); // tentative: its own all the same
        Assert.False(View.IsHostAddress(Ip("fd00:1::4")));
        Assert.Equal("eth0", View.FindInterface(2)?.Name);
        Assert.Equal(2, View.FindInterface("eth0")?.Index);
        Assert.Null(View.FindInterface("eth2"));
    }

    [Theory]
    [InlineData(0, "fd00::1", 1500)] // no IPv6 there
    [InlineData(1400, "fd00::1", 1400)]
    [InlineData(1400, "10.1.0.1", 1500)]
    [InlineData(9000, "fd00::1", 1500)] // not more than the link takes
    public void IPv6_may_have_a_smaller_MTU_than_its_link(int ipv6, string destination, int expected) =>
        Assert.Equal(expected, new NetworkInterface(2, "eth0") { Mtu = 1500, Ipv6Mtu = ipv6 }.MtuTo(Ip(destination)));

    [Theory]
    [InlineData("10.1.0.2", 24, "10.1.0.255", true)]
    [InlineData("10.1.0.2", 24, "10.1.1.0", false)]
    [InlineData("fd00:1::2", 64, "fd00:1::ffff:0:0:1", true)]
    [InlineData("fd00:1::2", 64, "fd00:1:0:1::2", false)]
    [InlineData("fd00:1::2", 128, "fd00:1::3", false)]
    [InlineData("fd00:1::2", 0, "10.1.0.2", false)]
    public void A_subnet_contains_its_own_family(string address, byte prefixLength, string other, bool contained) =>
        Assert.Equal(contained, new InterfaceAddress(Ip(address), prefixLength).Contains(Ip(other)));

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("fd00::")]
    public void Ten_thousand_neighbours_are_all_found(string first)
    {
        Neighbour[] all = [.. Enumerable.Range(0, 10_000).Select(i =>
            new Neighbour(1 + i % 3, Ip(first).Plus((uint)i), new((ulong)i), NeighbourState.Reachable))];
        var table = new NeighbourTable(all);
        foreach (Neighbour each in all)
        {
            Assert.True(table.TryFind(each.InterfaceIndex, each.Address, out Neighbour found));
            Assert.Equal(each, found);
            Assert.False(table.TryFind(each.InterfaceIndex + 3, each.Address, out _));
        }
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        IpAddress[] addresses = [.. "8.8.8.8 10.1.0.9 10.1.0.2 fd00:1::1 fe80::9 fd00:1::2".Split(' ').Select(Ip)];
        int found = LookUp(addresses[0]);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 1000; i++)
                found += LookUp(addresses[i % addresses.Length]);
        }));
        Assert.InRange(found, 6000, 12_000);
    }

    private static int LookUp(IpAddress address) =>
        (View.TryRoute(address, out Route route, link: 2) ? 1 : 0)
        + (View.TryNeighbour(2, route.NextHop(address), out _, out _) ? 1 : 0)
        + (View.IsHostAddress(address) ? 1 : 0);
}
