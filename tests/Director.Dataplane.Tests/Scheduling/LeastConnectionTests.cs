using Director.Dataplane.Tables;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class LeastConnectionTests
{
    // Counts are active, inactive of rs1, rs2, rs3; 0 expects nobody.
    [Theory]
    [InlineData("lc", new[] { 1, 1, 1 }, new[] { 0, 0, 0, 0, 0, 0 }, 3)] // a tie goes to the one added last
    [InlineData("lc", new[] { 1, 9, 9 }, new[] { 0, 0, 0, 1, 0, 1 }, 1)] // weights do not matter
    [InlineData("lc", new[] { 1, 1, 1 }, new[] { 1, 0, 0, 255, 1, 0 }, 2)] // 255 inactive weigh less than one active
    [InlineData("lc", new[] { 1, 1, 1 }, new[] { 1, 0, 0, 256, 1, 1 }, 2)] // 256 as much
    [InlineData("lc", new[] { 1, 1, 1 }, new[] { 1, 0, 0, 257, 1, 1 }, 1)] // 257 more
    [InlineData("lc", new[] { 1, 0, 0 }, new[] { 9, 9, 0, 0, 0, 0 }, 1)] // weight 0 gets nothing
    [InlineData("lc", new[] { 0, 0, 0 }, new[] { 0, 0, 0, 0, 0, 0 }, 0)]
    [InlineData("wlc", new[] { 1, 2, 3 }, new[] { 0, 0, 0, 0, 0, 0 }, 3)] // unused ones are equal, whatever their weights
    [InlineData("wlc", new[] { 1, 2, 3 }, new[] { 1, 0, 2, 0, 3, 0 }, 3)] // in proportion: a tie
    [InlineData("wlc", new[] { 1, 2, 3 }, new[] { 1, 0, 2, 0, 3, 1 }, 2)]
    [InlineData("wlc", new[] { 1, 2, 3 }, new[] { 1, 0, 2, 1, 3, 1 }, 1)]
    [InlineData("wlc", new[] { 0, 2, 0 }, new[] { 0, 0, 9, 9, 0, 0 }, 2)]
    [InlineData("wlc", new[] { 0, 0, 0 }, new[] { 0, 0, 0, 0, 0, 0 }, 0)]
    [InlineData("wlc", new[] { int.MaxValue, int.MaxValue - 1, 1 }, new[] { 9, 0, 9, 0, 9, 0 }, 1)]
    public void Takes_the_least_loaded(string scheduler, int[] weights, int[] counts, int expected) =>
        Assert.Equal(expected, Pools.Of(scheduler, weights).WithConnections(counts).Next());

    [Theory]
    [InlineData("lc")]
    [InlineData("wlc")]
    public void Leaves_out_overloaded_servers(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 1);
        service.EditServer(service.Number(2), Pools.RealServer(2, 9, upperThreshold: 1));
        service.Number(2).ConnectionBound(active: false);
        for (int i = 0; i < 5; i++)
            service.Number(1).ConnectionBound(active: true);
        Assert.Equal(1, service.Next());
        service.Number(1).Edit(service.Number(1).Configuration with { UpperThreshold = 1 });
        service.Number(1).ConnectionBound(active: true);
        Assert.Equal(0, service.Next());
    }
}
