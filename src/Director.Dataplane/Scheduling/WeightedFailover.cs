using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>fo</c>: always the server with the highest weight, until it is overloaded, deleted or its weight lowered; among equals the
/// first in the list, the one added last.
/// </summary>
public sealed class WeightedFailover : Scheduler
{
    public override Server? Choose(Service service, in FlowKey flow) =>
        service.Weights.Highest is > 0 and int highest ? service.Servers[service.Weights.Next(-1, highest)] : null;
}
