using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>ovf</c>: the server with the highest weight that is not full, then the next one. The weight is also the limit: as with IPVS a
/// server is full with more active connections than that, so it takes weight + 1. All full: nobody.
/// </summary>
public sealed class WeightedOverflow : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow)
    {
        Server? heaviest = null;
        foreach (Server server in service.Servers)
        {
            if (server.AvailableWeight > (heaviest?.Weight ?? 0) && server.ActiveConnections <= server.Weight)
                heaviest = server;
        }
        return heaviest;
    }
}
