using Director.Dataplane.Tables;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class WeightedFailoverTests
{
    // Counts are active, inactive of rs1, rs2, rs3; 0 expects nobody.
    [Theory]
    [InlineData("fo", new[] { 1, 3, 2 }, new[] { 0, 0, 99, 99, 0, 0 }, 2)] // whatever its load
    [InlineData("fo", new[] { 3, 3, 1 }, new[] { 0, 0, 0, 0, 0, 0 }, 2)] // a tie goes to the one added last
    [InlineData("fo", new[] { 0, 0, 0 }, new[] { 0, 0, 0, 0, 0, 0 }, 0)]
    [InlineData("ovf", new[] { 1, 3, 2 }, new[] { 0, 0, 3, 0, 0, 0 }, 2)] // weight + 1 connections fit
    [InlineData("ovf", new[] { 1, 3, 2 }, new[] { 0, 0, 4, 0, 0, 0 }, 3)]
    [InlineData("ovf", new[] { 1, 3, 2 }, new[] { 0, 0, 4, 0, 3, 0 }, 1)]
    [InlineData("ovf", new[] { 1, 3, 2 }, new[] { 2, 0, 4, 0, 3, 0 }, 0)] // all full
    [InlineData("ovf", new[] { 1, 3, 2 }, new[] { 0, 0, 3, 99, 0, 0 }, 2)] // inactive ones take no place
    [InlineData("ovf", new[] { 0, 0, 0 }, new[] { 0, 0, 0, 0, 0, 0 }, 0)]
    public void Takes_the_heaviest(string scheduler, int[] weights, int[] counts, int expected) =>
        Assert.Equal(expected, Pools.Of(scheduler, weights).WithConnections(counts).Next());

    [Theory]
    [InlineData("fo")]
    [InlineData("ovf")]
    public void Goes_on_to_the_next_when_the_heaviest_is_overloaded_or_set_to_0_and_back(string scheduler)
    {
        Service service = Pools.Of(scheduler, 5, 7);
        service.EditServer(service.Number(2), Pools.RealServer(2, 7, upperThreshold: 1));
        service.Number(2).ConnectionBound(active: true);
        Assert.Equal(1, service.Next());
        service.EditServer(service.Number(2), Pools.RealServer(2, 7));
        Assert.Equal(2, service.Next());
        service.EditServer(service.Number(2), Pools.RealServer(2, 0));
        Assert.Equal(1, service.Next());
    }
}
