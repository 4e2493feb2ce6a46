using Director.Dataplane.Connections;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>What dh, sh and mh have in common. Which client goes where is in the recordings.</summary>
public sealed class HashingSchedulerTests
{
    private const ServiceFlags Fallback = ServiceFlags.Scheduler1;
    private const ServiceFlags Port = ServiceFlags.Scheduler2;

    [Theory]
    [InlineData("dh")]
    [InlineData("sh")]
    [InlineData("mh")]
    public void Only_the_address_that_it_is_about_matters(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 2, 3);
        FlowKey[] flows = [.. Enumerable.Range(0, 300).Select(i => new FlowKey(IpProtocol.Tcp, (uint)i, 0, (uint)i, 0))];
        int[] chosen = [.. flows.Select(flow => service.Next(flow))];
        Assert.Equal(3, chosen.Distinct().Count());
        Assert.Equal(chosen, flows.Select(flow => service.Next(scheduler == "dh"
            ? flow with { Source = flow.Source with { Low = ~flow.Source.Low }, SourcePort = 7, DestinationPort = 7 }
            : flow with { Destination = flow.Destination with { Low = ~flow.Destination.Low }, SourcePort = 7, DestinationPort = 7 })));
    }

    [Theory]
    [InlineData("sh", Port, true)]
    [InlineData("mh", Port, true)]
    [InlineData("sh", Fallback, false)]
    [InlineData("mh", Fallback, false)]
    [InlineData("dh", Fallback | Port, false)] // has no flags
    public void The_client_s_port_counts_with_its_flag(string scheduler, ServiceFlags flags, bool counts)
    {
        Service service = Pools.Of(scheduler, 1, 1, 1).WithFlags(flags);
        IEnumerable<int> chosen = Enumerable.Range(1024, 100).Select(port => service.Next(Flow() with { SourcePort = (ushort)port }));
        Assert.Equal(counts ? 3 : 1, chosen.Distinct().Count());
    }

    // Bit by bit the same as the 32-bit address that an IPv6 address folds to.
    [Theory]
    [InlineData("dh")]
    [InlineData("sh")]
    [InlineData("mh")]
    public void The_words_of_an_ipv6_address_are_folded_into_one(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 1, 1, 1);
        for (int bit = 0; bit < 128; bit++)
        {
            IpAddress six = IpAddress.Of(System.Net.IPAddress.Parse("fd00:1:2:3:4:5:6:7"));
            six = bit < 64 ? six with { Low = six.Low ^ (1UL << bit) } : six with { High = six.High ^ (1UL << (bit - 64)) };
            IpAddress four = IpAddress.FromIpv4(0xFD000001 ^ 0x00020003 ^ 0x00040005 ^ 0x00060007 ^ (1u << (bit % 32)));
            Assert.Equal(service.Next(Flow(four)), service.Next(Flow(six)));
        }
    }

    [Theory]
    [InlineData("dh", ServiceFlags.None, false)]
    [InlineData("dh", Fallback, false)]
    [InlineData("sh", ServiceFlags.None, false)]
    [InlineData("sh", Fallback, true)]
    [InlineData("mh", ServiceFlags.None, false)]
    [InlineData("mh", Fallback, true)]
    public void Clients_of_an_overloaded_server_are_refused_or_go_elsewhere_and_nobody_else_moves(string scheduler, ServiceFlags flags, bool elsewhere)
    {
        Service service = Pools.Of(scheduler, 1, 1, 1).WithFlags(flags);
        int[] before = Many(service);
        service.Overload(2);
        int[] after = Many(service);
        Assert.Contains(2, before);
        Assert.Equal(before.Select(number => number == 2 ? 0 : number), elsewhere ? after.Zip(before, (now, then) => then == 2 ? 0 : now) : after);
        Assert.All(after.Where((_, i) => before[i] == 2), number => Assert.True(elsewhere ? number is 1 or 3 : number == 0));
    }

    [Theory]
    [InlineData("dh")]
    [InlineData("sh")]
    [InlineData("mh")]
    public void Flags_are_read_when_choosing_and_the_same_scheduler_stays(string scheduler)
    {
        Service service = Pools.Of(scheduler, 1, 1, 1);
        object before = service.Scheduler;
        service.Overload(1);
        int[] refusing = Many(service);
        int[] falling = Many(service.WithFlags(Fallback));
        Assert.Equal(scheduler != "dh", !falling.Contains(0));
        Assert.Equal(refusing, Many(service.WithFlags(ServiceFlags.None)));
        Assert.Same(before, service.Scheduler);
    }

    [Theory]
    [InlineData("dh")]
    [InlineData("sh")]
    [InlineData("mh")]
    public void Without_an_available_server_everybody_is_refused_until_there_is_one(string scheduler)
    {
        Service service = Pools.Of(scheduler).WithFlags(Fallback);
        Assert.All(Many(service), number => Assert.Equal(0, number));
        service.Add(new Server(Pools.RealServer(1, 0), 0));
        Assert.All(Many(service), number => Assert.Equal(0, number));
        service.SetWeight(1, 1);
        Assert.All(Many(service), number => Assert.Equal(1, number));
        service.Remove(service.Number(1));
        Assert.All(Many(service), number => Assert.Equal(0, number));
    }

    [Theory]
    [InlineData("dh")]
    [InlineData("sh")]
    [InlineData("mh")]
    public void A_service_changed_to_it_hashes_as_one_made_with_it(string scheduler)
    {
        Service changed = Pools.Of("rr", 1, 2, 3);
        changed.Edit(changed.Configuration with { Scheduler = scheduler });
        Assert.Equal(Many(Pools.Of(scheduler, 1, 2, 3)), Many(changed));
    }

    // 256 buckets of dh and sh, 4093 of mh: what each of very many clients gets comes close to what the buckets say.
    [Theory]
    [InlineData("dh", new[] { 1, 1, 2, 4 }, new[] { 64, 64, 64, 64 }, 256)]
    [InlineData("sh", new[] { 1, 1, 2, 4 }, new[] { 32, 32, 64, 128 }, 256)]
    [InlineData("sh", new[] { 100, 200, 300, 400 }, new[] { 0, 0, 0, 256 }, 256)] // beyond 256 the rest starves
    [InlineData("mh", new[] { 1, 1, 2, 4 }, new[] { 512, 512, 1023, 2046 }, 4093)]
    [InlineData("mh", new[] { 100, 100, 200, 400 }, new[] { 512, 512, 1023, 2046 }, 4093)] // by their divisor
    [InlineData("mh", new[] { 200, 2, 1 }, new[] { 3935, 79, 79 }, 4093)] // in turns of 50, 1 and 1: 200 is more than 63, so all are shifted, but not below 1
    public void Buckets_are_shared_out_by_weight(string scheduler, int[] weights, int[] buckets, int size)
    {
        Service service = Pools.Of(scheduler, weights);
        const int Clients = 100_000;
        Random random = new(3);
        int[] got = new int[weights.Length];
        for (int i = 0; i < Clients; i++)
            got[service.Next(Flow(IpAddress.FromIpv4((uint)random.NextInt64(1L << 32)))) - 1]++;
        for (int server = 0; server < weights.Length; server++)
            Assert.InRange(got[server], Clients * (double)buckets[server] / size * 0.9, Clients * (double)buckets[server] / size * 1.1);
    }

    private static FlowKey Flow(IpAddress both) => new(IpProtocol.Tcp, both, 1024, both, 80);

    private static FlowKey Flow() => Flow(IpAddress.FromIpv4(0x0A010002));

    private static int[] Many(Service service) => [.. Enumerable.Range(0, 500).Select(i => service.Next(Flow(IpAddress.FromIpv4((uint)i * 77))))];
}
