using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>sed</c>: the server on which the new connection would wait the least, (active + 1) / weight. Inactive connections do not
/// count, so all UDP goes to one server, as with IPVS.
/// </summary>
public sealed class ShortestExpectedDelay : LeastBurdened
{
    private protected override Burden BurdenOf(Server server) => Burden.OfExpectedDelay(server);
}
