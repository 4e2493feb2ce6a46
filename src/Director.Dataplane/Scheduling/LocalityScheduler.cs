using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// Knows which servers serve a destination, and sends it there as long as they can: for caches behind a firewall mark, of which each
/// is to keep something else. New destinations, and those whose server is gone or has too much to do, go to the least loaded as with
/// <c>wlc</c>.
/// </summary>
public abstract class LocalityScheduler(SchedulingContext context) : Scheduler
{
    private readonly WeightedLeastConnection _leastConnection = new();

    private protected DestinationTable Known { get; } = context.Destinations;

    public override void ServerAdded(Service service, Server server) => Known.Restore(server);

    private protected Server? LeastLoaded(Service service, in FlowKey flow) => _leastConnection.Choose(service, flow);

    /// <summary>More active connections than its weight, while another server has fewer than half of its own.</summary>
    private protected static bool HasTooMuch(Server server, Service service)
    {
        if (server.ActiveConnections <= server.Weight)
            return false;
        foreach (Server other in service.Servers)
        {
            if (other.ActiveConnections * 2L < other.Weight)
                return true;
        }
        return false;
    }
}
