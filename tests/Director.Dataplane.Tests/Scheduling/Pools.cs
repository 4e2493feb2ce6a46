using System.Net;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>Services with real servers rs1, rs2, ... (10.2.0.11, .12 ...) of given weights, added in this order.</summary>
internal static class Pools
{
    public static Service Of(string scheduler, params ReadOnlySpan<int> weights)
    {
        Service service = new(new VirtualService { Key = ServiceKey.ForMark(1), Scheduler = scheduler });
        foreach (int weight in weights)
            service.Add(new Server(RealServer(service.Servers.Length + 1, weight), (uint)service.Servers.Length));
        return service;
    }

    public static RealServer RealServer(int number, int weight, uint upperThreshold = 0, uint lowerThreshold = 0) => new()
    {
        Address = new IPAddress([10, 2, 0, (byte)(10 + number)]),
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

    /// <summary>rs1 for 1: the first one added.</summary>
    public static Server Number(this Service service, int number)
    {
        foreach (Server server in service.Servers)
        {
            if ((server.Address.Ipv4 & 0xFF) == 10 + number)
                return server;
        }
        throw new ArgumentOutOfRangeException(nameof(number));
    }

    /// <summary>The numbers of the next servers chosen, 0 for none, without their counts changing.</summary>
    public static int[] Next(this Service service, int count) => [.. Enumerable.Range(0, count).Select(_ => service.Next())];

    public static int Next(this Service service) =>
        service.Scheduler.Choose(service, default) is { } server ? (int)(server.Address.Ipv4 & 0xFF) - 10 : 0;
}
