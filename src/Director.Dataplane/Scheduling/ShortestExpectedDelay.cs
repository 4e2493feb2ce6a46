using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>sed</c>: the server on which the new connection would wait the least, (active + 1) / weight; among equals the first in the
/// list, the one added last. Inactive connections do not count, so all UDP goes to one server, as with IPVS.
/// </summary>
public sealed class ShortestExpectedDelay : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow)
    {
        Server? shortest = null;
        foreach (Server server in service.Servers)
        {
            if (server is { IsAvailable: true, Weight: > 0 } && (shortest is null || IsShorter(server, shortest)))
                shortest = server;
        }
        return shortest;
    }

    /// <summary>Whether the delay (active + 1) / weight is shorter; cross-multiplied, so exact.</summary>
    internal static bool IsShorter(Server server, Server than) =>
        (server.ActiveConnections + 1UL) * (uint)than.Weight < (than.ActiveConnections + 1UL) * (uint)server.Weight;
}
