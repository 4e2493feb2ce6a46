using Director.Dataplane.Routing;

namespace Director.Dataplane.Tests.Routing;

public sealed class RouteTableTests
{
    [Fact]
    public void The_longest_prefix_wins_then_the_lowest_metric_then_the_first()
    {
        var table = new RouteTable(
        [
            new(0, 0, RouteKind.Unicast, 1),
            new(0x0A00_0000, 8, RouteKind.Unicast, 2, Metric: 100),
            new(0x0A00_0000, 8, RouteKind.Unicast, 3, Metric: 50),
            new(0x0A00_0000, 8, RouteKind.Unicast, 4, Metric: 50),
            new(0x0A01_0000, 16, RouteKind.Blackhole, 0),
            new(0x0A01_0203, 32, RouteKind.Unicast, 5),
        ]);
        Assert.Equal(1, Find(table, 0x0808_0808).InterfaceIndex);
        Assert.Equal(3, Find(table, 0x0A02_0000).InterfaceIndex);
        Assert.Equal(RouteKind.Blackhole, Find(table, 0x0A01_FFFF).Kind);
        Assert.Equal(5, Find(table, 0x0A01_0203).InterfaceIndex);
    }

    [Fact]
    public void An_empty_table_finds_nothing() => Assert.False(RouteTable.Empty.TryFind(0x0A00_0001, out _));

    /// <summary>Random tables against a search through the whole list.</summary>
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
            byte length = (byte)random.Next(0, 33);
            return new Route(RandomAddress(random) & RouteTable.Mask(length), length, RouteKind.Unicast, i, Metric: (uint)random.Next(3));
        })];
        var table = new RouteTable(routes);
        for (int i = 0; i < 3000; i++)
        {
            uint destination = random.Next(2) == 0 ? RandomAddress(random) : routes[random.Next(size)].Destination;
            Route expected = routes.Where(route => ((route.Destination ^ destination) & RouteTable.Mask(route.PrefixLength)) == 0)
                .OrderByDescending(route => route.PrefixLength).ThenBy(route => route.Metric).FirstOrDefault();
            Assert.Equal(expected, Find(table, destination));
        }
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        var table = new RouteTable([new(0, 0, RouteKind.Unicast, 1), new(0x0A00_0000, 8, RouteKind.Unicast, 2)]);
        Find(table, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 0; i < 1000; i++)
            Find(table, i << 22);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static Route Find(RouteTable table, uint destination) => table.TryFind(destination, out Route route) ? route : default;

    // All in 10.0.0.0/12, so that prefixes meet.
    private static uint RandomAddress(Random random) => 0x0A00_0000 | (uint)random.Next(1 << 20);
}
