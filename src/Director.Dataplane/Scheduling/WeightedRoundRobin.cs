using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>wrr</c>: passes over the list, each at a level; a server takes part in those passes whose level its weight reaches. A round
/// goes down from the highest level to the lowest in steps of the weights' greatest common divisor, so in each round every server
/// is chosen weight/divisor times.
/// </summary>
public sealed class WeightedRoundRobin : Scheduler
{
    // IPVS's cl, cw, mw and di. Positions are list indexes, -1 is the head. Levels are 1, 1 + step, 1 + 2 * step ... highest.
    private int _position = -1;
    private int _level;
    private int _highest;
    private int _step = 1;

    public override Server? Choose(Service service, in FlowKey flow)
    {
        int reachable = service.Weights.Highest;
        if (reachable == 0)
        {
            GiveUp();
            return null;
        }
        while ((_position = service.Weights.Next(_position, _level)) < 0)
            DescendTo(reachable);
        return service.Servers[_position];
    }

    /// <summary>A scheduler bound to servers that are there begins with a whole round.</summary>
    public override void Start(Service service) => Recompute(service);

    public override void ServerAdded(Service service, Server server) => Recompute(service);

    public override void ServerRemoved(Service service, Server server) => Recompute(service);

    public override void ServerEdited(Service service, Server server) => Recompute(service);

    // The level is kept through edits, so that servers being added one by one begin with a short round: weights 1, 2, 3, 4
    // added in this order give 4 3 2 1, and only then 4 4 3 4 3 2 4 3 2 1.
    private void Recompute(Service service)
    {
        int divisor = 0, highest = 0;
        foreach (Server server in service.Servers)
        {
            divisor = GreatestCommonDivisor.Of(divisor, server.Weight);
            highest = Math.Max(highest, server.Weight);
        }
        _position = -1;
        _step = Math.Max(divisor, 1);
        _highest = highest - (_step - 1);
        if (_level == 0 || _level > _highest)
            _level = _highest;
        else if (_step > 1)
            _level = _level / _step * _step + 1;
    }

    // The next pass. Levels that no available server reaches are empty passes: NOTE IPVS walks through every one of them, which
    // with weights in the millions and the heavy server overloaded takes seconds; leaving them out chooses the same.
    private void DescendTo(int reachable)
    {
        _level -= _step;
        if (_level <= 0)
            _level = _highest;
        if (_level > reachable)
            _level -= (int)(((long)_level - reachable + _step - 1) / _step * _step);
    }

    // Where IPVS stands after a search in vain: at the start of a round, unless it began within the round's last pass.
    private void GiveUp()
    {
        if (_position >= 0 && _level <= _step)
            return;
        _position = -1;
        _level = _highest;
    }
}
