using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Routing;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux.Netlink;

/// <summary>What the kernel says about IPv6, and about IPv4 by way of IPv6.</summary>
public sealed class RecordedMessagesTests
{
    private const int Loopback = 1;
    private const int Eth0 = 3;
    private const int Eth1 = 5;

    private static readonly (string Name, uint Table, Route Route)[] Routes =
    [
        ("route fd00:20::/32 via fd00:1::2 dev eth0 src fd00:1::1 metric 50 mtu 1400", Rtnetlink.TableMain,
            new(Ip("fd00:20::"), 32, RouteKind.Unicast, Eth0, Ip("fd00:1::2"), Ip("fd00:1::1"), 1400, 50)),
        ("route default via fe80::1 dev eth0", Rtnetlink.TableMain, new(Ip("::"), 0, RouteKind.Unicast, Eth0, Ip("fe80::1"), Metric: 1024)),
        ("route fd00:21::/48 nexthop via fd00:1::2 dev eth0 nexthop via fe80::1 dev eth1", Rtnetlink.TableMain,
            new(Ip("fd00:21::"), 48, RouteKind.Unicast, Eth0, Ip("fd00:1::2"), Metric: 1024)),
        ("route blackhole fd00:22::/48", Rtnetlink.TableMain, new(Ip("fd00:22::"), 48, RouteKind.Blackhole, Loopback, Metric: 1024)),
        ("route unreachable fd00:23::/48", Rtnetlink.TableMain, new(Ip("fd00:23::"), 48, RouteKind.Unreachable, Loopback, Metric: 1024)),
        ("route prohibit fd00:24::/48", Rtnetlink.TableMain, new(Ip("fd00:24::"), 48, RouteKind.Prohibit, Loopback, Metric: 1024)),
        ("route fd00:28::/48 table 100", 100, new(Ip("fd00:28::"), 48, RouteKind.Unicast, Eth0, Ip("fd00:1::2"), Metric: 1024)),
        ("route fd00:30::/48 encap ip6 dev eth0", Rtnetlink.TableMain, new(Ip("fd00:30::"), 48, RouteKind.Unreachable, Eth0, Metric: 1024)),
        ("route fd00:31::/48 nhid 1 via fe80::7 dev eth0", Rtnetlink.TableMain,
            new(Ip("fd00:31::"), 48, RouteKind.Unicast, Eth0, Ip("fe80::7"), Metric: 1024)),
        ("route fe80::/64 dev eth1", Rtnetlink.TableMain, new(Ip("fe80::"), 64, RouteKind.Unicast, Eth1, Metric: 256)),
        ("route multicast ff00::/8 dev eth0 table local", Rtnetlink.TableLocal, new(Ip("ff00::"), 8, RouteKind.Broadcast, Eth0, Metric: 256)),
        ("route local fd00:1::1 dev eth0 table local", Rtnetlink.TableLocal, new(Ip("fd00:1::1"), 128, RouteKind.Local, Eth0)),
        ("route anycast fd00:1:: dev eth0 table local", Rtnetlink.TableLocal, new(Ip("fd00:1::"), 128, RouteKind.Broadcast, Eth0)),
        ("route local ::1 dev lo table local", Rtnetlink.TableLocal, new(Ip("::1"), 128, RouteKind.Local, Loopback)),
        ("route 10.20.0.0/16 via inet6 fe80::1 dev eth0", Rtnetlink.TableMain,
            new(Ip("10.20.0.0"), 16, RouteKind.Unicast, Eth0, Ip("fe80::1"))),
        ("route 10.21.0.0/16 nexthop via inet6 fe80::1 dev eth0 nexthop via inet6 fe80::2 dev eth1", Rtnetlink.TableMain,
            new(Ip("10.21.0.0"), 16, RouteKind.Unicast, Eth0, Ip("fe80::1"))),
    ];

    private static readonly (string Name, int Interface, InterfaceAddress Address)[] InterfaceAddresses =
    [
        ("address fe80::ff:fe00:1/64 dev eth0", Eth0, new(Ip("fe80::ff:fe00:1"), 64)),
        ("address fd00:1::1/64 dev eth0 nodad", Eth0, new(Ip("fd00:1::1"), 64)),
        ("address fd00:2::1 peer fd00:2::2/64 dev eth1", Eth1, new(Ip("fd00:2::1"), 64)),
        ("address fd00:1::9/64 dev eth0 tentative", Eth0, new(Ip("fd00:1::9"), 64) { IsTentative = true }),
        ("address fd00:1::a/64 dev eth0 optimistic", Eth0, new(Ip("fd00:1::a"), 64)),
        ("address fd00:1::b/64 dev eth0 dadfailed", Eth0, new(Ip("fd00:1::b"), 64) { IsTentative = true }),
    ];

    private static readonly (string Name, Neighbour Neighbour)[] Neighbours =
    [
        ("neighbour fd00:1::2 lladdr 02:00:00:00:00:02 dev eth0 router reachable",
            new(Eth0, Ip("fd00:1::2"), new(0x0200_0000_0002), NeighbourState.Reachable)),
        ("neighbour fe80::1 lladdr 02:00:00:00:00:04 dev eth1 stale",
            new(Eth1, Ip("fe80::1"), new(0x0200_0000_0004), NeighbourState.Stale)),
        ("neighbour fd00:1::5 dev eth0 failed", new(Eth0, Ip("fd00:1::5"), default, NeighbourState.Failed)),
    ];

    public static TheoryData<string> RouteNames => [.. Routes.Select(each => each.Name)];

    public static TheoryData<string> AddressNames => [.. InterfaceAddresses.Select(each => each.Name)];

    public static TheoryData<string> NeighbourNames => [.. Neighbours.Select(each => each.Name)];

    public static TheoryData<string> AllNames => [.. RecordedMessage.All.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(RouteNames))]
    public void A_route_means_what_was_set_up(string name)
    {
        Assert.True(MessageParser.TryRoute(RecordedMessage.Of(name).Body(Rtnetlink.NewRoute), out uint table, out Route route));
        Assert.Equal(Routes.Where(each => each.Name == name).Select(each => (each.Table, each.Route)), [(table, route)]);
    }

    [Theory]
    [InlineData("route throw fd00:25::/48")] // back to the rules, as if it were not there
    [InlineData("route fd00:29::/48 from fd00:1::/64")] // by source
    [InlineData("route unreachable ::ffff:0.0.0.0/96")] // not what is IPv4 here
    public void Routes_that_are_not_by_destination_alone_are_left_out(string name) =>
        Assert.False(MessageParser.TryRoute(RecordedMessage.Of(name).Body(Rtnetlink.NewRoute), out _, out _));

    [Theory]
    [InlineData(0, "fe80::2", Eth1)] // of the first next hop: a dead one gives way to the second
    [InlineData(1, "fe80::1", Eth0)]
    public void A_dead_next_hop_of_the_other_family_gives_way(int dead, string gateway, int index)
    {
        byte[] body = RecordedMessage.Of("route 10.21.0.0/16 nexthop via inet6 fe80::1 dev eth0 nexthop via inet6 fe80::2 dev eth1")
            .Body(Rtnetlink.NewRoute);
        const int hops = 12 + 8 + 8 + 4; // struct rtmsg, table, destination, the list's header
        const int hop = 8 + 4 + 18 + 2; // struct rtnexthop, its one attribute, padding
        body[hops + dead * hop + 2] |= (byte)Rtnetlink.NextHopDead;
        Assert.True(MessageParser.TryRoute(body, out _, out Route route));
        Assert.Equal((Ip(gateway), index), (route.Gateway, route.InterfaceIndex));
    }

    [Theory]
    [MemberData(nameof(AddressNames))]
    public void An_address_means_what_was_set_up(string name)
    {
        Assert.True(MessageParser.TryAddress(RecordedMessage.Of(name).Body(Rtnetlink.NewAddress), out int index, out InterfaceAddress address));
        Assert.Equal(InterfaceAddresses.Where(each => each.Name == name).Select(each => (each.Interface, each.Address)), [(index, address)]);
    }

    [Theory]
    [MemberData(nameof(NeighbourNames))]
    public void A_neighbour_means_what_was_set_up(string name)
    {
        Assert.True(MessageParser.TryNeighbour(RecordedMessage.Of(name).Body(Rtnetlink.NewNeighbour), out Neighbour neighbour));
        Assert.Equal(Neighbours.Where(each => each.Name == name).Select(each => each.Neighbour), [neighbour]);
    }

    [Fact]
    public void What_goes_is_named_as_what_came()
    {
        Assert.True(MessageParser.TryNeighbour(
            RecordedMessage.Of("neighbour deleted fd00:1::2 dev eth0").Body(Rtnetlink.DeleteNeighbour), out Neighbour neighbour));
        Assert.Equal((Eth0, Ip("fd00:1::2")), (neighbour.InterfaceIndex, neighbour.Address));
        Assert.True(MessageParser.TryAddress(
            RecordedMessage.Of("address deleted fd00:1::9/64 dev eth0").Body(Rtnetlink.DeleteAddress), out int index, out InterfaceAddress address));
        Assert.Equal((Eth0, Ip("fd00:1::9")), (index, address.Address));
        Assert.True(MessageParser.TryRoute(
            RecordedMessage.Of("route deleted fd00:20::/32").Body(Rtnetlink.DeleteRoute), out uint table, out Route route));
        Assert.Equal((Rtnetlink.TableMain, Ip("fd00:20::")), (table, route.Destination));
    }

    [Fact]
    public void A_link_has_an_MTU_for_IPv6()
    {
        Assert.True(MessageParser.TryLink(RecordedMessage.Of("link eth0 mtu 1500 ipv6 mtu 1380").Body(Rtnetlink.NewLink), out NetworkInterface? link));
        Assert.Equal(new NetworkInterface(Eth0, "eth0") { Mac = new(0x0200_0000_0001), Mtu = 1500, Ipv6Mtu = 1380, IsUp = true, HasCarrier = true }, link);
        byte[] settings = RecordedMessage.Of("ipv6 of link eth0 mtu 1500").Body(Rtnetlink.NewLink);
        Assert.False(MessageParser.TryLink(settings, out _)); // not about the link: it lacks what links have
        Assert.True(MessageParser.TryIpv6Mtu(settings, out int index, out int mtu));
        Assert.Equal((Eth0, 1500), (index, mtu));
    }

    /// <summary>Every truncation, and every byte set to every value: no exception, no endless loop.</summary>
    [Theory]
    [MemberData(nameof(AllNames))]
    public void Damaged_messages_are_survived(string name)
    {
        byte[] body = RecordedMessage.Of(name).Bytes[NetlinkReader.HeaderLength..];
        for (int length = 0; length <= body.Length; length++)
            Parse(body.AsSpan(0, length));
        for (int at = 0; at < body.Length; at++)
        {
            byte right = body[at];
            for (int value = 0; value < 256; value++)
            {
                body[at] = (byte)value;
                Parse(body);
            }
            body[at] = right;
        }
    }

    private static void Parse(ReadOnlySpan<byte> body)
    {
        if (MessageParser.TryRoute(body, out _, out Route route))
            Assert.InRange(route.PrefixLength, 0, route.Destination.Bits);
        if (MessageParser.TryAddress(body, out _, out InterfaceAddress address))
            Assert.InRange(address.PrefixLength, 0, address.Address.Bits);
        _ = MessageParser.TryLink(body, out _);
        _ = MessageParser.TryIpv6Mtu(body, out _, out _);
        _ = MessageParser.TryNeighbour(body, out _);
    }
}
