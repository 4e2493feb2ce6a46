using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary><c>lc</c>: the server with the fewest connections, an active one counted as 256 inactive ones.</summary>
public sealed class LeastConnection : LeastBurdened
{
    private protected override Burden BurdenOf(Server server) => Burden.OfConnections(server);
}
