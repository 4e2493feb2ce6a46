using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>nq</c>: the first idle server in the list, however small its weight; when none is idle, as <c>sed</c>
/// (<see cref="ShortestExpectedDelay"/>).
/// </summary>
public sealed class NeverQueue : LeastBurdened
{
    // Nothing is less than no burden at all, and what has an active connection has more.
    private protected override Burden BurdenOf(Server server) => server.ActiveConnections == 0 ? new(0, 1) : Burden.OfExpectedDelay(server);
}
