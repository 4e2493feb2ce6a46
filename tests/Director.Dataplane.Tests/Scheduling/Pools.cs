using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>Services with real servers rs1, rs2, ... (10.2.0.11, .12 ...) of given weights, added in this order.</summary>
internal static class Pools
{
    // rs0, so to speak: 10.2.0.10.
    private static readonly IpAddress Base = IpAddress.Of(IPAddress.Parse("10.2.0.10"));

    public static Service Of(string scheduler, params ReadOnlySpan<int> weights) => Of(new SchedulingContext(seed: 1), scheduler, weights);

    public static Service Of(SchedulingContext context, string scheduler, params ReadOnlySpan<int> weights)
    {
        Service service = new(new VirtualService { Key = ServiceKey.ForMark(1), Scheduler = scheduler }, context);
        foreach (int weight in weights)
            service.Add(new Server(RealServer(service.Servers.Length + 1, weight), (uint)service.Servers.Length));
        return service;
    }

    public static RealServer RealServer(int number, int weight, uint upperThreshold = 0, uint lowerThreshold = 0) => new()
    {
        Address = IpAddress.FromIpv4(Base.Ipv4 + (uint)number).ToIPAddress(),
        Port = 80,
        Weight = weight,
        UpperThreshold = upperThreshold,
        LowerThreshold = lowerThreshold,
    };

    /// <summary>With counts: active and inactive connections of rs1, then of rs2, and so on.</summary>
    public static Service WithConnections(this Service service, params ReadOnlySpan<int> counts)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            for (int connection = 0; connection < counts[i]; connection++)
                service.Number(i / 2 + 1).ConnectionBound(active: i % 2 == 0);
        }
        return service;
    }

    /// <summary>With flags: 1 is sh-fallback or mh-fallback, 2 is sh-port or mh-port.</summary>
    public static Service WithFlags(this Service service, ServiceFlags flags)
    {
        service.Edit(service.Configuration with { Flags = flags });
        return service;
    }

    /// <summary>rs1 for 1: the first one added.</summary>
    public static Server Number(this Service service, int number) => service.Find(RealServer(number, 0)) ?? throw new ArgumentOutOfRangeException(nameof(number));

    public static int NumberOf(Server? server) => server is null ? 0 : (int)(server.Address.Ipv4 - Base.Ipv4);

    public static void SetWeight(this Service service, int number, int weight) =>
        service.EditServer(service.Number(number), service.Number(number).Configuration with { Weight = weight });

    /// <summary>An upper threshold that it has reached already.</summary>
    public static void Overload(this Service service, int number)
    {
        service.EditServer(service.Number(number), service.Number(number).Configuration with { UpperThreshold = 1 });
        service.Number(number).ConnectionBound(active: false);
    }

    /// <summary>The numbers of the next servers chosen, 0 for none, without their counts changing.</summary>
    public static int[] Next(this Service service, int count) => [.. Enumerable.Range(0, count).Select(_ => service.Next())];

    public static int Next(this Service service) => service.Next(default(FlowKey));

    public static int Next(this Service service, in FlowKey flow) => NumberOf(service.Scheduler.Choose(service, flow));

    /// <summary>To destinations 10.9.0.1, .2 ... (1, 2 ...), as a mark service for caches gets them.</summary>
    public static int NextTo(this Service service, int destination) =>
        service.Next(new FlowKey(IpProtocol.Tcp, 0x0A010002, 1024, 0x0A090000 + (uint)destination, 80));
}
