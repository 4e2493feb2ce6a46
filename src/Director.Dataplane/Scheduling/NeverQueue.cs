using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>nq</c>: the first idle server in the list, however small its weight; when none is idle, as <c>sed</c>
/// (<see cref="ShortestExpectedDelay"/>).
/// </summary>
public sealed class NeverQueue : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow)
    {
        Server? shortest = null;
        foreach (Server server in service.Servers)
        {
            if (server is not { IsAvailable: true, Weight: > 0 })
                continue;
            if (server.ActiveConnections == 0)
                return server;
            if (shortest is null || ShortestExpectedDelay.IsShorter(server, shortest))
                shortest = server;
        }
        return shortest;
    }
}
