using Director.Dataplane.Tables;
using Director.Dataplane.Tests.Scheduling;

namespace Director.Dataplane.Tests.Tables;

public sealed class ServerTests
{
    // Connections go up to the upper threshold and down again: at which total is it used again?
    [Theory]
    [InlineData(4, 0, 2)] // below three quarters: 3 is not
    [InlineData(8, 0, 5)]
    [InlineData(4, 3, 2)]
    [InlineData(4, 1, 0)]
    [InlineData(1, 0, 0)]
    public void An_overload_ends_below_the_lower_threshold(uint upper, uint lower, int usedAgainAt)
    {
        Server server = new(Pools.RealServer(1, 1, upper, lower), 0);
        for (int total = 1; total <= upper; total++)
        {
            Assert.True(server.IsAvailable);
            server.ConnectionBound(active: total % 2 == 0);
        }
        Assert.True(server.Overloaded);
        for (int total = (int)upper - 1; total >= usedAgainAt; total--)
        {
            Assert.True(server.Overloaded);
            server.ConnectionUnbound(active: (total + 1) % 2 == 0);
        }
        Assert.False(server.Overloaded);
    }

    [Theory]
    [InlineData(0, false)] // no limit any more
    [InlineData(3, false)] // raised
    [InlineData(2, true)] // the same
    [InlineData(1, true)] // lowered
    public void An_edit_ends_an_overload_only_by_a_higher_limit(uint upper, bool overloaded)
    {
        Server server = new(Pools.RealServer(1, 1, upperThreshold: 2), 0);
        server.ConnectionBound(active: true);
        server.ConnectionBound(active: true);
        server.Edit(server.Configuration with { UpperThreshold = upper, Weight = 5 });
        Assert.Equal(overloaded, server.Overloaded);
    }

    [Fact]
    public void A_lowered_limit_counts_from_the_next_connection_on()
    {
        Server server = new(Pools.RealServer(1, 1), 0);
        server.ConnectionBound(active: true);
        server.ConnectionBound(active: true);
        server.Edit(server.Configuration with { UpperThreshold = 2 });
        Assert.True(server.IsAvailable);
        server.ConnectionBound(active: true);
        Assert.False(server.IsAvailable);
    }
}
