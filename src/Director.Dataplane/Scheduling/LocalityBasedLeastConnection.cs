using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>lblc</c>: a destination keeps its server until that one is deleted, has weight 0 or too much to do; then it gets another. As
/// with IPVS the upper threshold does not part them: it keeps new destinations away only.
/// </summary>
public sealed class LocalityBasedLeastConnection(SchedulingContext context) : LocalityScheduler(context)
{
    private readonly SchedulingContext _context = context;

    public override Server? Choose(Service service, in FlowKey flow)
    {
        int known = Known.Recall(this, flow.Destination, _context.Settings.LblcExpiration);
        if (known != 0 && Known[known].Server is { Position: >= 0, Weight: > 0 } server && !HasTooMuch(server, service))
            return server;
        Server? least = LeastLoaded(service, flow);
        if (least is null)
            return null;
        if (known != 0)
            Known[known].Server = least;
        else
            Known.Add(this, flow.Destination, least);
        return least;
    }
}
