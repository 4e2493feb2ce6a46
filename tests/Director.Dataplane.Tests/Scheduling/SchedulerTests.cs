using System.Diagnostics;
using Director.Dataplane.Connections;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>What holds for every scheduler.</summary>
public sealed class SchedulerTests
{
    // Those of IPVS, in the order of its manual; twos came after Linux 5.10 (the recordings' kernel is built without it).
    private static readonly string[] All = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "fo", "ovf", "twos"];

    public static TheoryData<string> Names => [.. SchedulerRegistry.Names];

    [Fact]
    public void All_of_ipvs_are_there() => Assert.Equal(All, SchedulerRegistry.Names);

    [Fact]
    public void The_default_is_wlc()
    {
        Service service = new(new VirtualService { Key = ServiceKey.ForMark(1) }, new SchedulingContext(seed: 1));
        Assert.IsType<WeightedLeastConnection>(service.Scheduler);
    }

    [Fact]
    public void An_unknown_name_is_refused()
    {
        Assert.False(SchedulerRegistry.Knows("threes"));
        Assert.Throws<ArgumentException>(() => SchedulerRegistry.Create("threes", new SchedulingContext(seed: 1)));
    }

    // Also the first choice after an edit, when tables are filled anew, and choices that change what is known of a destination.
    [Theory]
    [MemberData(nameof(Names))]
    public void Choosing_among_a_thousand_allocates_nothing(string scheduler)
    {
        Service service = Pools.Of(scheduler, Weights(1000)).WithFlags(ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2);
        Server[] edited = [.. service.Servers.ToArray().Where((_, i) => i % 50 == 0)];
        RealServer[] edits = [.. edited.Select((server, i) => server.Configuration with { Weight = i % 3, UpperThreshold = 1 })];
        int flow = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int edit = 0; edit < edits.Length; edit++)
            {
                service.EditServer(edited[edit], edits[edit]);
                edited[edit].ConnectionBound(active: edit % 2 == 0);
                Choose(service, flow += 20, 20);
            }
        }));
    }

    // A fraction of a second on an idle machine (the benchmark says how much); what costs the square for each server takes minutes.
    [Theory]
    [MemberData(nameof(Names))]
    public void A_thousand_servers_are_soon_added_one_by_one_with_a_choice_after_each(string scheduler)
    {
        Stopwatch watch = Stopwatch.StartNew();
        Service service = Pools.Of(scheduler);
        for (int number = 1; number <= 1000; number++)
        {
            service.Add(new Server(Pools.RealServer(number, number % 10), (uint)number));
            Choose(service, number, 1);
        }
        Assert.Equal(1000, service.Servers.Length);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_available_servers_of_the_service_are_chosen_through_any_edits(string scheduler)
    {
        Random random = new(7);
        Service service = Pools.Of(scheduler).WithFlags(ServiceFlags.Scheduler1);
        for (int step = 0; step < 5000; step++)
        {
            Server[] servers = service.Servers.ToArray();
            Server? some = servers.Length == 0 ? null : servers[random.Next(servers.Length)];
            switch (random.Next(12))
            {
                case 0 when servers.Length < 6:
                    int number = Enumerable.Range(1, 9).First(number => !servers.Any(server => Pools.NumberOf(server) == number));
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
                    Server? chosen = service.Scheduler.Choose(service, FlowOf(random.Next(20)));
                    bool possible = servers.Any(server => server is { Overloaded: false, Weight: > 0 });
                    // ovf takes the weight as a limit, dh refuses who comes to an unavailable server, lblc goes on with an overloaded one.
                    Assert.True(chosen is null ? !possible || scheduler is "ovf" or "dh" : possible || scheduler == "lblc");
                    if (chosen is null)
                        break;
                    Assert.Contains(chosen, servers);
                    Assert.True(chosen is { Overloaded: false, Weight: > 0 } || (scheduler == "lblc" && chosen.Weight > 0));
                    chosen.ConnectionBound(active: true);
                    break;
            }
        }
    }

    private static int[] Weights(int count) => [.. Enumerable.Range(0, count).Select(i => i % 10)];

    private static void Choose(Service service, int from, int count)
    {
        for (int i = from; i < from + count; i++)
            service.Scheduler.Choose(service, FlowOf(i));
    }

    private static FlowKey FlowOf(int i) => new(IpProtocol.Tcp, 0x0A010002 + (uint)i * 7, (ushort)(1024 + i), 0x0A090000 + (uint)i, 80);
}
