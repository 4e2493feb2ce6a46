using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary><c>wlc</c>, the default: the server with the fewest connections for its weight, counted as <c>lc</c> does.</summary>
public sealed class WeightedLeastConnection : LeastBurdened
{
    private protected override Burden BurdenOf(Server server) => Burden.OfWeightedConnections(server);
}
