using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>rr</c>: the servers in turn, in list order, so the one added last is first. Weights do not matter, but 0 is never chosen.
/// </summary>
public sealed class RoundRobin : Scheduler
{
    // The server chosen last, as an index into the list; -1 is the list's head, before the first. A failed search leaves it.
    private int _position = -1;

    public override Server? Choose(Service service, in FlowKey flow)
    {
        if (service.Weights.Highest == 0)
            return null;
        _position = service.Weights.Next(_position, weight: 1);
        if (_position < 0)
            _position = service.Weights.Next(-1, weight: 1);
        return service.Servers[_position];
    }

    /// <summary>It came in at the head, so the others moved on by one; standing before the first stays so.</summary>
    public override void ServerAdded(Service service, Server server)
    {
        if (_position >= 0)
            _position++;
    }

    /// <summary>If it was the one chosen last, its predecessor takes that role, as in IPVS: its successor is next.</summary>
    public override void ServerRemoving(Service service, Server server)
    {
        if (server.Position <= _position)
            _position--;
    }
}
