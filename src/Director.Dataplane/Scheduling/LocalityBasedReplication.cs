using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>lblcr</c>: as <c>lblc</c>, but a destination has a set of servers, of which the least loaded is chosen; when even that one has
/// too much to do, another joins the set. A set that has not changed for long loses its most loaded server.
/// </summary>
public sealed class LocalityBasedReplication(SchedulingContext context) : LocalityScheduler(context)
{
    private readonly SchedulingContext _context = context;

    public override Server? Choose(Service service, in FlowKey flow)
    {
        int first = Known.Recall(this, flow.Destination, _context.Settings.LblcrExpiration);
        Server? server = LeastLoadedOf(first);
        Shrink(ref first);
        if (server is not null && !HasTooMuch(server, service))
            return server;
        server = LeastLoaded(service, flow);
        if (server is not null && !Contains(first, server))
            Known.Add(this, flow.Destination, server);
        return server;
    }

    private Server? LeastLoadedOf(int first)
    {
        Server? least = null;
        for (int number = first; number != 0; number = Known.Next(number))
        {
            Server server = Known[number].Server!;
            if (server is { Position: >= 0, IsAvailable: true }
                && (least is null || Burden.OfWeightedConnections(server) < Burden.OfWeightedConnections(least)))
            {
                least = server;
            }
        }
        return least;
    }

    // Deleted servers count too, as with IPVS; those of weight 0 stay.
    private void Shrink(ref int first)
    {
        if (first == 0 || Known.Next(first) == 0)
            return;
        int most = 0;
        long changedAt = 0;
        for (int number = first; number != 0; number = Known.Next(number))
        {
            changedAt = Math.Max(changedAt, Known[number].ChangedAt);
            Server server = Known[number].Server!;
            if (server.Weight > 0
                && (most == 0 || Burden.OfWeightedConnections(server) > Burden.OfWeightedConnections(Known[most].Server!)))
            {
                most = number;
            }
        }
        if (most == 0 || _context.Now - changedAt <= _context.Settings.LblcrExpiration * 1000L)
            return;
        if (most == first)
            first = Known.Next(first);
        Known.Remove(most);
        Known[first].ChangedAt = _context.Now;
    }

    private bool Contains(int first, Server server)
    {
        for (int number = first; number != 0; number = Known.Next(number))
        {
            if (Known[number].Server == server)
                return true;
        }
        return false;
    }
}
