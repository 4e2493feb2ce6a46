using Director.Dataplane.Tables;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class RoundRobinTests
{
    [Fact]
    public void Begins_with_the_server_added_last_and_goes_back_in_time() =>
        Assert.Equal([3, 2, 1, 3, 2, 1], Pools.Of("rr", 1, 1, 1).Next(6));

    [Fact]
    public void Leaves_out_weight_0_and_overloaded_servers()
    {
        Service service = Pools.Of("rr", 1, 0, 1, 1);
        service.EditServer(service.Number(4), Pools.RealServer(4, 1, upperThreshold: 1));
        service.Number(4).ConnectionBound(active: true);
        Assert.Equal([3, 1, 3, 1], service.Next(4));
    }

    [Theory]
    [InlineData(2, new[] { 4, 3 }, new[] { 1, 4, 3, 1 })] // the next one goes: its successor is next
    [InlineData(3, new[] { 4, 3 }, new[] { 2, 1, 4, 2 })] // the last chosen goes: its successor is next
    [InlineData(4, new[] { 4, 3 }, new[] { 2, 1, 3, 2 })] // one before it goes
    [InlineData(4, new[] { 4 }, new[] { 3, 2, 1, 3 })] // the last chosen was the first: back to the head
    [InlineData(1, new[] { 4, 3, 2, 1 }, new[] { 4, 3, 2, 4 })] // the last chosen was the last
    public void Goes_on_behind_the_place_of_a_removed_server(int removed, int[] before, int[] after)
    {
        Service service = Pools.Of("rr", 1, 1, 1, 1);
        Assert.Equal(before, service.Next(before.Length));
        service.Remove(service.Number(removed));
        Assert.Equal(after, service.Next(after.Length));
    }

    [Fact]
    public void A_server_added_meanwhile_waits_for_its_turn()
    {
        Service service = Pools.Of("rr", 1, 1, 1);
        Assert.Equal([3], service.Next(1));
        service.Add(new Server(Pools.RealServer(4, 1), 3));
        Assert.Equal([2, 1, 4, 3], service.Next(4));
    }

    [Fact]
    public void Finds_nothing_in_an_empty_service_nor_when_all_are_out_and_recovers()
    {
        Service service = Pools.Of("rr");
        Assert.Equal([0, 0], service.Next(2));
        service.Add(new Server(Pools.RealServer(1, 0), 0));
        Assert.Equal([0, 0], service.Next(2));
        service.EditServer(service.Number(1), Pools.RealServer(1, 1));
        Assert.Equal([1, 1], service.Next(2));
    }
}
