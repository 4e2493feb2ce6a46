using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>twos</c>: draws two available servers at random, in proportion to their weights and maybe the same one twice, and takes the
/// first unless the second has fewer connections for its weight.
/// </summary>
public sealed class PowerOfTwoChoices(SchedulingContext context) : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow)
    {
        if (service.Weights.Highest == 0)
            return null;
        long total = 0;
        foreach (Server server in service.Servers)
            total += server.AvailableWeight;
        Server first = Draw(service, total);
        Server second = Draw(service, total);
        return Burden.OfWeightedConnections(second) < Burden.OfWeightedConnections(first) ? second : first;
    }

    // As IPVS does, 0 and the total are both drawn, so the first server in the list has one chance in total + 1 more than its due.
    private Server Draw(Service service, long total)
    {
        long left = context.Random.NextInt64(total + 1);
        Server? drawn = null;
        foreach (Server server in service.Servers)
        {
            if (!server.IsAvailable)
                continue;
            drawn = server;
            left -= server.Weight;
            if (left <= 0)
                break;
        }
        return drawn!;
    }
}
