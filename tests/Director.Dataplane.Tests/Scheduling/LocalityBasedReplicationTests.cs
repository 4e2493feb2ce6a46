using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>Sets of several servers; a destination's first one is <see cref="LocalitySchedulerTests"/>'s.</summary>
public sealed class LocalityBasedReplicationTests
{
    private const long Day = 24 * 60 * 60 * 1000;

    private readonly SchedulingContext _context = new(seed: 1);

    [Fact]
    public void The_least_loaded_of_the_set_is_chosen_though_another_has_less()
    {
        Service service = SetOfTwo();
        Assert.Equal(2, service.NextTo(1));
        service.WithConnections(0, 0, 0, 700); // beyond rs1's 2 * 256
        Assert.Equal(1, service.NextTo(1));
    }

    [Fact]
    public void A_tie_in_the_set_goes_to_the_server_that_joined_last()
    {
        Service service = SetOfTwo();
        service.WithConnections(0, 0, 0, 512);
        Assert.Equal(2, service.NextTo(1));
    }

    [Fact]
    public void A_set_that_did_not_change_for_longer_than_the_expiration_loses_its_most_loaded_server()
    {
        Service service = SetOfTwo(); // rs1 with 2 active, rs2 with none
        _context.Now = Day / 2;
        Assert.Equal(2, service.NextTo(1));
        _context.Now = Day;
        Assert.Equal(2, service.NextTo(1));
        service.WithConnections(0, 0, 3, 0);
        Assert.Equal(1, service.NextTo(1)); // so rs1 is still in the set
        _context.Now = Day + 1;
        Assert.Equal(1, service.NextTo(1)); // and now the most loaded, rs2, leaves it
        service.WithConnections(9, 0, 0, 0);
        service.SetWeight(1, 100);
        Assert.Equal(1, service.NextTo(1));
    }

    [Fact]
    public void The_most_loaded_server_is_chosen_once_more_if_nobody_else_of_the_set_can()
    {
        Service service = SetOfTwo();
        service.SetWeight(2, 0);
        _context.Now = Day / 2;
        Assert.Equal(1, service.NextTo(1));
        _context.Now = Day + 1;
        Assert.Equal(1, service.NextTo(1)); // leaves: weight 0 is none to be the most loaded
        service.SetWeight(2, 1);
        service.WithConnections(0, 0, 0, 2000);
        Assert.Equal(2, service.NextTo(1)); // alone in the set again
    }

    [Fact]
    public void Having_lost_a_server_counts_as_a_change()
    {
        Service service = SetOfTwo();
        service.WithConnections(0, 0, 5, 0);
        service.SetWeight(3, 100);
        Assert.Equal(3, service.NextTo(1)); // both have too much: three in the set
        _context.Now = Day / 2;
        Assert.Equal(3, service.NextTo(1));
        _context.Now = Day + 1;
        Assert.Equal(3, service.NextTo(1)); // rs2 leaves
        _context.Now = Day + 2;
        Assert.Equal(3, service.NextTo(1)); // nobody does
        service.WithConnections(0, 0, 0, 0, 300, 0);
        Assert.Equal(1, service.NextTo(1));
    }

    [Fact]
    public void Deleted_servers_are_not_chosen_but_count_until_they_leave()
    {
        Service service = SetOfTwo();
        service.Remove(service.Number(1)); // with 2 active connections
        Assert.Equal(2, service.NextTo(1));
        _context.Now = Day / 2;
        Assert.Equal(2, service.NextTo(1));
        _context.Now = Day + 1;
        Assert.Equal(2, service.NextTo(1)); // the deleted one leaves
        service.Add(new Server(Pools.RealServer(1, 1), 9));
        service.WithConnections(0, 0, 0, 99);
        Assert.Equal(2, service.NextTo(1));
    }

    // Destination 1 has rs1, with more than its weight, and rs2, that joined; rs3 of weight 0 could be put to use.
    private Service SetOfTwo()
    {
        Service service = Pools.Of(_context, "lblcr", 1, 0, 0);
        Assert.Equal(1, service.NextTo(1));
        service.WithConnections(2, 0);
        service.SetWeight(2, 1);
        Assert.Equal(2, service.NextTo(1));
        return service;
    }
}
