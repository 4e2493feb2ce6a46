using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>wlc</c>: the server with the least load (<see cref="LeastConnection.Load"/>) for its weight; among equals the first in the
/// list, the one added last.
/// </summary>
public sealed class WeightedLeastConnection : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow)
    {
        Server? least = null;
        foreach (Server server in service.Servers)
        {
            if (server is { IsAvailable: true, Weight: > 0 } && (least is null || IsLess(server, least)))
                least = server;
        }
        return least;
    }

    // load / weight, cross-multiplied: exact while a server has fewer than 2^25 connections.
    private static bool IsLess(Server server, Server than) =>
        LeastConnection.Load(server) * (uint)than.Weight < LeastConnection.Load(than) * (uint)server.Weight;
}
