namespace Director.Dataplane.Tests.Scheduling;

public sealed class ShortestExpectedDelayTests
{
    // Counts are active, inactive of rs1, rs2, rs3; 0 expects nobody.
    [Theory]
    [InlineData("sed", new[] { 1, 2, 3 }, new[] { 0, 0, 0, 0, 0, 0 }, 3)] // 1/1, 1/2, 1/3
    [InlineData("sed", new[] { 1, 2, 3 }, new[] { 0, 0, 0, 0, 1, 0 }, 2)] // 1/1, 1/2, 2/3
    [InlineData("sed", new[] { 1, 2, 3 }, new[] { 0, 0, 1, 0, 2, 0 }, 3)] // all 1: the one added last
    [InlineData("sed", new[] { 3, 3, 3 }, new[] { 0, 0, 0, 0, 0, 99 }, 3)] // inactive ones do not count
    [InlineData("sed", new[] { 5, 0, 0 }, new[] { 9, 0, 0, 0, 0, 0 }, 1)]
    [InlineData("sed", new[] { 0, 0, 0 }, new[] { 0, 0, 0, 0, 0, 0 }, 0)]
    [InlineData("sed", new[] { int.MaxValue, int.MaxValue - 1, 1 }, new[] { 9, 0, 9, 0, 0, 0 }, 1)]
    [InlineData("nq", new[] { 9, 1, 9 }, new[] { 1, 0, 0, 0, 1, 0 }, 2)] // an idle one before a shorter queue
    [InlineData("nq", new[] { 9, 1, 1 }, new[] { 0, 0, 0, 0, 1, 0 }, 2)] // the first idle one in the list, whatever its weight
    [InlineData("nq", new[] { 1, 0, 1 }, new[] { 1, 0, 0, 0, 2, 0 }, 1)] // weight 0 is not idle but out
    [InlineData("nq", new[] { 1, 2, 3 }, new[] { 1, 0, 1, 0, 2, 0 }, 3)] // none idle: as sed
    [InlineData("nq", new[] { 0, 0, 0 }, new[] { 0, 0, 0, 0, 0, 0 }, 0)]
    public void Takes_the_shortest_queue(string scheduler, int[] weights, int[] counts, int expected) =>
        Assert.Equal(expected, Pools.Of(scheduler, weights).WithConnections(counts).Next());
}
