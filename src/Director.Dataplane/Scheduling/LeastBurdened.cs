using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// Chooses the available server with the least burden, whatever a scheduler means by that; among equals the first in the list, the
/// one added last. NOTE a walk over the list, as in IPVS: an index would have to follow every connection that opens, closes or
/// changes its state, which is more work than the walk for any usual number of servers.
/// </summary>
public abstract class LeastBurdened : Scheduler
{
    public sealed override Server? Choose(Service service, in FlowKey flow)
    {
        Server? least = null;
        Burden lowest = default;
        foreach (Server server in service.Servers)
        {
            if (!server.IsAvailable)
                continue;
            Burden burden = BurdenOf(server);
            if (least is null || burden < lowest)
                (least, lowest) = (server, burden);
        }
        return least;
    }

    private protected abstract Burden BurdenOf(Server server);
}
