using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Routing;

public sealed class RouteTableTests
{
    [Theory]
    [InlineData("0.0.0.0/0 10.0.0.0/8 10.1.0.0/16 10.1.2.3/32", "8.8.8.8 10.2.0.0 10.1.255.255 10.1.2.3")]
    [InlineData("::/0 fd00::/8 fd00:1::/32 fd00:1::3/128", "2001:db8::1 fd01:: fd00:1:ffff::9 fd00:1::3")]
    public void The_longest_prefix_wins_then_the_lowest_metric_then_the_first(string prefixes, string destinations)
    {
        Route[] routes = [.. prefixes.Split(' ').Select((prefix, i) => To(prefix, i + 1, metric: 50))];
        var table = new RouteTable(
            [routes[0], To(prefixes.Split(' ')[1], 90, metric: 100), routes[1], To(prefixes.Split(' ')[1], 91, metric: 50), .. routes[2..]]);
        Assert.Equal([1, 2, 3, 4], destinations.Split(' ').Select(each => Find(table, Ip(each)).InterfaceIndex));
    }

    [Fact]
    public void The_families_have_default_routes_of_their_own()
    {
        var table = new RouteTable([To("0.0.0.0/0", 4), To("fd00::/8", 6)]);
        Assert.Equal(4, Find(table, Ip("253.0.0.1")).InterfaceIndex);
        Assert.Equal(6, Find(table, Ip("fd00::1")).InterfaceIndex);
        Assert.False(table.TryFind(Ip("2001:db8::1"), RouteTable.AnyLink, out _));
        Assert.False(table.TryFind(Ip("::"), RouteTable.AnyLink, out _));
    }

    /// <summary>RFC 4007: fe80::/64 is another network on every link, and leads to no gateway.</summary>
    [Fact]
    public void Link_local_destinations_are_found_on_their_link()
    {
        var table = new RouteTable([To("::/0", 9), To("fe80::/64", 2, metric: 256), To("fe80::/64", 3, metric: 256), To("fe80::5/128", 3)]);
        Assert.Equal(2, Find(table, Ip("fe80::1"), link: 2).InterfaceIndex);
        Assert.Equal(3, Find(table, Ip("fe80::1"), link: 3).InterfaceIndex);
        Assert.Equal(2, Find(table, Ip("fe80::1")).InterfaceIndex); // asked without a link: the first
        Assert.Equal(64, Find(table, Ip("fe80::5"), link: 2).PrefixLength);
        Assert.Equal(128, Find(table, Ip("fe80::5"), link: 3).PrefixLength);
        Assert.False(table.TryFind(Ip("fe80::1"), 4, out _));
        Assert.Equal(9, Find(table, Ip("fd00::1"), link: 4).InterfaceIndex); // the link says nothing about others
    }

    [Fact]
    public void An_empty_table_finds_nothing()
    {
        Assert.False(RouteTable.Empty.TryFind(Ip("10.0.0.1"), RouteTable.AnyLink, out _));
        Assert.False(RouteTable.Empty.TryFind(Ip("fd00::1"), RouteTable.AnyLink, out _));
    }

    /// <summary>Random tables of both families against a search through the whole list.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 10)]
    [InlineData(3, 200)]
    [InlineData(4, 3000)]
    public void Every_destination_is_routed_as_by_a_search_through_the_list(int seed, int size)
    {
        var random = new Random(seed);
        Route[] routes = [.. Enumerable.Range(1, size).Select(i =>
        {
            IpAddress address = RandomAddress(random);
            byte length = (byte)random.Next(0, address.Bits + 1);
            return new Route(address.Masked(length), length, RouteKind.Unicast, i, Metric: (uint)random.Next(3));
        })];
        var table = new RouteTable(routes);
        for (int i = 0; i < 3000; i++)
        {
            IpAddress destination = random.Next(2) == 0 ? RandomAddress(random) : routes[random.Next(size)].Destination;
            Route expected = routes.Where(route => destination.IsIn(route.Destination, route.PrefixLength))
                .OrderByDescending(route => route.PrefixLength).ThenBy(route => route.Metric).FirstOrDefault();
            Assert.Equal(expected, Find(table, destination));
        }
    }

    /// <summary>Prefixes that differ in a few bits only, wherever these are, must not all want the same place.</summary>
    [Theory]
    [InlineData("10.0.0.0", 24)]
    [InlineData("10.0.0.0", 32)]
    [InlineData("2000::", 14)]
    [InlineData("2001:db8::", 44)]
    [InlineData("fd00:1::", 64)]
    [InlineData("fd00:1::", 77)]
    [InlineData("fd00:1::", 128)]
    public void Prefixes_of_one_length_spread(string first, byte length)
    {
        IpAddress start = Ip(first);
        int most = Math.Min(1000, 1 << Math.Min(10, (int)length));
        AddressSlots slots = new(most);
        int taken = Enumerable.Range(0, most).Select(i => slots.First(Nth(start, length, i), RouteTable.AnyLink)).Distinct().Count();
        Assert.InRange(taken, most / 2, most);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        var table = new RouteTable(
        [
            To("0.0.0.0/0", 1), To("10.0.0.0/8", 2), To("::/0", 1), To("fd00:1::/64", 2), To("fe80::/64", 2), To("fe80::/64", 3),
        ]);
        IpAddress[] destinations = [.. "8.8.8.8 10.0.0.1 2001:db8::1 fd00:1::1 fe80::1".Split(' ').Select(Ip)];
        Find(table, destinations[0]);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 1000; i++)
                Find(table, destinations[i % destinations.Length], link: i % 4);
        }));
    }

    private static Route To(string prefix, int index, uint metric = 0) =>
        new(Ip(prefix.Split('/')[0]), byte.Parse(prefix.Split('/')[1], null), RouteKind.Unicast, index, Metric: metric);

    private static Route Find(RouteTable table, IpAddress destination, int link = RouteTable.AnyLink) =>
        table.TryFind(destination, link, out Route route) ? route : default;

    // The i-th prefix of this length from the first on.
    private static IpAddress Nth(IpAddress first, byte length, int i)
    {
        int shift = first.Bits - length;
        return shift >= 64
            ? first with { High = first.High + ((ulong)i << (shift - 64)) }
            : new IpAddress(first.High + (shift == 0 ? 0 : (ulong)i >> (64 - shift)), first.Low + ((ulong)i << shift));
    }

    // All in 10.0.0.0/12, or in fd00::/16 with few distinct bits in each half, so that prefixes meet.
    private static IpAddress RandomAddress(Random random) => random.Next(2) == 0
        ? IpAddress.FromIpv4(0x0A00_0000 | (uint)random.Next(1 << 20))
        : new IpAddress(0xFD00_0000_0000_0000 | (ulong)random.Next(8) << random.Next(45), (ulong)random.Next(8) << random.Next(62));
}
