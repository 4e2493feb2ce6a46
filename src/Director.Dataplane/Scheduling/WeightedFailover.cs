using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>fo</c>: always the server with the highest weight, until it is overloaded, deleted or its weight lowered; among equals the
/// first in the list, the one added last.
/// </summary>
public sealed class WeightedFailover : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow)
    {
        Server? heaviest = null;
        foreach (Server server in service.Servers)
        {
            if (server.IsAvailable && server.Weight > (heaviest?.Weight ?? 0))
                heaviest = server;
        }
        return heaviest;
    }
}
