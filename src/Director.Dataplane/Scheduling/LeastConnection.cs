using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary><c>lc</c>: the server with the least load; among equals the first in the list, the one added last.</summary>
public sealed class LeastConnection : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow)
    {
        Server? least = null;
        foreach (Server server in service.Servers)
        {
            if (server is { IsAvailable: true, Weight: > 0 } && (least is null || Load(server) < Load(least)))
                least = server;
        }
        return least;
    }

    /// <summary>Connections as lc and wlc weigh them: an active one as much as 256 inactive ones.</summary>
    internal static ulong Load(Server server) => ((ulong)server.ActiveConnections << 8) + server.InactiveConnections;
}
