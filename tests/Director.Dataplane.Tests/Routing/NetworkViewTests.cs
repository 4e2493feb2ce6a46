using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Routing;

public sealed class NetworkViewTests
{
    private static readonly MacAddress Mac = new(0x0200_0000_0001);

    private static readonly NetworkView View = new(
        [
            new NetworkInterface(1, "lo") { Addresses = [new(0x7F00_0001, 8)] },
            new NetworkInterface(2, "eth0") { Mac = Mac, Addresses = [new(0x0A01_0002, 24, 0x0A01_00FF), new(0x0A01_0003, 24, 0x0A01_00FF)] },
        ],
        localRoutes: [new(0x0A01_0002, 32, RouteKind.Local, 2), new(0x0A01_00FF, 32, RouteKind.Broadcast, 2)],
        mainRoutes: [new(0x0A01_0000, 24, RouteKind.Unicast, 2), new(0x0A01_0002, 32, RouteKind.Unicast, 3), new(0x0B00_0000, 8, RouteKind.Prohibit, 0)],
        neighbours:
        [
            new(2, 0x0A01_0009, Mac, NeighbourState.Reachable),
            new(2, 0x0A01_000A, Mac, NeighbourState.Stale),
            new(2, 0x0A01_000B, default, NeighbourState.Failed),
            new(2, 0x0A01_000C, default, NeighbourState.Incomplete),
            new(3, 0x0A01_000C, Mac, NeighbourState.Permanent),
        ]);

    [Theory]
    [InlineData(0x0A01_0001u, RouteKind.Unicast)]
    [InlineData(0x0A01_0002u, RouteKind.Local)] // table local comes first, whatever main says
    [InlineData(0x0A01_00FFu, RouteKind.Broadcast)]
    [InlineData(0x0B01_0000u, RouteKind.Prohibit)]
    [InlineData(0x0808_0808u, RouteKind.None)]
    public void Only_a_unicast_route_leads_anywhere(uint destination, RouteKind kind)
    {
        Assert.Equal(kind == RouteKind.Unicast, View.TryRoute(destination, out Route route));
        Assert.Equal(kind, route.Kind);
    }

    [Theory]
    [InlineData(2, 0x0A01_0009u, true, NeighbourState.Reachable)]
    [InlineData(2, 0x0A01_000Au, true, NeighbourState.Stale)]
    [InlineData(2, 0x0A01_000Bu, false, NeighbourState.Failed)]
    [InlineData(2, 0x0A01_000Cu, false, NeighbourState.Incomplete)]
    [InlineData(3, 0x0A01_000Cu, true, NeighbourState.Permanent)]
    [InlineData(3, 0x0A01_0009u, false, NeighbourState.None)]
    [InlineData(0, 0u, false, NeighbourState.None)]
    public void A_neighbour_can_be_used_or_its_state_says_why_not(int index, uint address, bool usable, NeighbourState state)
    {
        Assert.Equal(usable, View.TryNeighbour(index, address, out MacAddress mac, out NeighbourState found));
        Assert.Equal((state, usable ? Mac : default), (found, mac));
    }

    [Fact]
    public void The_hosts_addresses_are_known()
    {
        Assert.Equal([0x0A01_0002, 0x0A01_0003, 0x7F00_0001], View.HostAddresses.ToArray());
        Assert.Equal([0x0A01_00FF], View.HostBroadcasts);
        Assert.True(View.IsHostAddress(0x0A01_0003));
        Assert.False(View.IsHostAddress(0x0A01_0004));
        Assert.Equal("eth0", View.FindInterface(2)?.Name);
        Assert.Equal(2, View.FindInterface("eth0")?.Index);
        Assert.Null(View.FindInterface("eth1"));
    }

    [Fact]
    public void Ten_thousand_neighbours_are_all_found()
    {
        Neighbour[] all = [.. Enumerable.Range(0, 10_000).Select(i => new Neighbour(1 + i % 3, 0x0A00_0000 + (uint)i, new((ulong)i), NeighbourState.Reachable))];
        var table = new NeighbourTable(all);
        foreach (Neighbour each in all)
        {
            Assert.True(table.TryFind(each.InterfaceIndex, each.Address, out Neighbour found));
            Assert.Equal(each, found);
            Assert.False(table.TryFind(each.InterfaceIndex + 3, each.Address, out _));
        }
    }
}
