using Director.Dataplane.Connections;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>What holds for every scheduler.</summary>
public sealed class SchedulerTests
{
    public static TheoryData<string> Names => [.. SchedulerRegistry.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Choosing_allocates_nothing(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 2, 3, 4, 0);
        FlowKey flow = new(IpProtocol.Tcp, 0x0A010002, 1024, 0x0A010064, 80);
        service.Scheduler.Choose(service, flow);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 10_000; i++)
                service.Scheduler.Choose(service, flow);
        }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_available_servers_of_the_service_are_chosen_through_any_edits(string scheduler)
    {
        Random random = new(7);
        Service service = Pools.Of(scheduler);
        for (int step = 0; step < 5000; step++)
        {
            Server[] servers = service.Servers.ToArray();
            Server? some = servers.Length == 0 ? null : servers[random.Next(servers.Length)];
            switch (random.Next(12))
            {
                case 0 when servers.Length < 6:
                    int number = Enumerable.Range(1, 9).First(n => !servers.Any(server => (server.Address.Ipv4 & 0xFF) == 10 + n));
                    service.Add(new Server(Pools.RealServer(number, random.Next(4), (uint)random.Next(3)), 0));
                    break;
                case 1 when some is not null:
                    service.Remove(some);
                    break;
                case 2 when some is not null:
                    service.EditServer(some, some.Configuration with { Weight = random.Next(5), UpperThreshold = (uint)random.Next(5) });
                    break;
                case 3 when some is { ActiveConnections: > 0 }:
                    some.ConnectionUnbound(active: true);
                    break;
                default:
                    Server? chosen = service.Scheduler.Choose(service, default);
                    // For ovf the weight is a limit, too, so that all may be full.
                    if (scheduler != "ovf")
                        Assert.Equal(servers.Any(server => server is { Overloaded: false, Weight: > 0 }), chosen is not null);
                    if (chosen is null)
                        break;
                    Assert.Contains(chosen, servers);
                    Assert.True(chosen is { Overloaded: false, Weight: > 0 });
                    chosen.ConnectionBound(active: true);
                    break;
            }
        }
    }

    [Fact]
    public void An_unknown_name_is_refused()
    {
        Assert.False(SchedulerRegistry.Knows("twos"));
        Assert.Throws<ArgumentException>(() => SchedulerRegistry.Create("twos"));
    }
}
