using Director.Dataplane.Connections;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>What lblc and lblcr have in common.</summary>
public sealed class LocalitySchedulerTests
{
    private const long Hour = 60 * 60 * 1000;

    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void A_new_destination_goes_to_the_least_loaded_and_stays_there(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 1, 4).WithConnections(0, 5, 0, 4, 0, 30);
        Assert.Equal(2, service.NextTo(1));
        service.WithConnections(0, 0, 0, 90);
        Assert.Equal([2, 1, 1, 2], [service.NextTo(1), service.NextTo(2), service.NextTo(2), service.NextTo(1)]);
    }

    // Active connections of rs1 (weight 4) and of rs2 (weight 8): more than its weight are too much only if another has fewer than
    // half of its own.
    [Theory]
    [InlineData(4, 0, 1)]
    [InlineData(5, 4, 1)]
    [InlineData(5, 3, 2)]
    public void A_destination_leaves_a_server_with_too_much_for_one_with_little_to_do(int active, int other, int expected)
    {
        foreach (string scheduler in new[] { "lblc", "lblcr" })
        {
            Service service = Pools.Of(scheduler, 4, 0);
            Assert.Equal(1, service.NextTo(1));
            service.SetWeight(2, 8);
            service.WithConnections(active, 0, other, 0);
            Assert.Equal(expected, service.NextTo(1));
        }
    }

    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void A_destination_leaves_a_server_of_weight_0(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 1);
        Assert.Equal(2, service.NextTo(1));
        service.SetWeight(2, 0);
        Assert.Equal(1, service.NextTo(1));
        service.SetWeight(1, 0);
        Assert.Equal(0, service.NextTo(1));
    }

    [Theory]
    [InlineData("lblc", 2)]
    [InlineData("lblcr", 1)]
    public void An_upper_threshold_keeps_new_destinations_away_and_with_lblcr_known_ones_too(string scheduler, int known)
    {
        Service service = Pools.Of(scheduler, 1, 1);
        Assert.Equal(2, service.NextTo(1));
        service.Overload(2);
        Assert.Equal([known, 1], [service.NextTo(1), service.NextTo(2)]);
    }

    // The first destination finds another server meanwhile, the second is not asked for until the server is back: as a new object, or
    // as the same one if connections of its were left.
    [Theory]
    [InlineData("lblc", false)]
    [InlineData("lblc", true)]
    [InlineData("lblcr", false)]
    [InlineData("lblcr", true)]
    public void A_server_that_is_added_back_keeps_the_destinations_that_were_not_asked_for_meanwhile(string scheduler, bool same)
    {
        Service service = Pools.Of(scheduler, 9, 9).WithConnections(0, 1, 0, 0);
        Assert.Equal([2, 2], [service.NextTo(1), service.NextTo(2)]);
        Server gone = service.Number(2);
        service.Remove(gone);
        Assert.Equal(1, service.NextTo(1));
        service.Add(same ? gone : new Server(Pools.RealServer(2, 9), 7));
        service.WithConnections(0, 0, 0, 9);
        Assert.Equal([1, 2], [service.NextTo(1), service.NextTo(2)]);
    }

    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void A_destination_is_forgotten_when_nobody_asked_for_it_in_24_hours(string scheduler)
    {
        SchedulingContext context = new(seed: 1) { Now = 5 };
        Service service = Pools.Of(context, scheduler, 1, 1);
        Assert.Equal(2, service.NextTo(1));
        service.WithConnections(0, 0, 0, 9);
        context.Now += 24 * Hour - 1;
        Assert.Equal(2, service.NextTo(1));
        context.Now += 24 * Hour - 1;
        Assert.Equal(2, service.NextTo(1));
        context.Now += 24 * Hour;
        Assert.Equal(1, service.NextTo(1));
    }

    [Theory]
    [InlineData("lblc", 60, 1)]
    [InlineData("lblcr", 60, 2)]
    [InlineData("lblc", 61, 2)]
    public void The_setting_of_its_own_says_how_long(string scheduler, int lblcExpiration, int expected)
    {
        SchedulingContext context = new(seed: 1) { Settings = Settings.Default with { LblcExpiration = lblcExpiration } };
        Service service = Pools.Of(context, scheduler, 1, 1);
        Assert.Equal(2, service.NextTo(1));
        service.WithConnections(0, 0, 0, 9);
        context.Now += 60_000;
        Assert.Equal(expected, service.NextTo(1));
    }

    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void Services_do_not_share_what_they_know_nor_does_a_scheduler_outlive_a_change(string scheduler)
    {
        SchedulingContext context = new(seed: 1);
        Service service = Pools.Of(context, scheduler, 1, 1);
        Service other = Pools.Of(context, scheduler, 1, 1).WithConnections(0, 0, 0, 9);
        Assert.Equal([2, 1, 2], [service.NextTo(1), other.NextTo(1), service.NextTo(1)]);
        service.WithConnections(0, 0, 0, 9);
        service.WithFlags(ServiceFlags.Persistent);
        Assert.Equal(2, service.NextTo(1));
        service.Edit(service.Configuration with { Scheduler = "rr" });
        service.Edit(service.Configuration with { Scheduler = scheduler });
        Assert.Equal(1, service.NextTo(1));
    }

    // As dh and the others fold IPv6 addresses these two would be the same.
    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void All_of_an_ipv6_address_counts(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 1);
        Assert.Equal(2, service.Next(To("fd00::1:2")));
        service.WithConnections(0, 0, 0, 9);
        Assert.Equal([1, 2], [service.Next(To("fd00::2:1")), service.Next(To("fd00::1:2"))]);
    }

    private static FlowKey To(string destination) =>
        new(IpProtocol.Tcp, IpAddress.AnyIpv4, 1024, IpAddress.Of(System.Net.IPAddress.Parse(destination)), 80);
}
