using System.Net;
using Akka.Actor;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// One virtual service. Decides its commands on a pending state, which becomes its state when the coordinator has them in the
/// journal; keeps a child for each real server.
/// </summary>
internal sealed class VirtualServiceActor : ReceiveActor
{
    private readonly Capabilities _capabilities;
    private readonly Dictionary<(IPAddress Address, ushort Port), IActorRef> _servers = [];
    private ServiceState _state;
    private ServiceState _pending;

    public VirtualServiceActor(ServiceState state, Capabilities capabilities)
    {
        _capabilities = capabilities;
        _state = _pending = state;
        Receive<Decide>(Decide);
        Receive<Commit>(_ => Commit());
        Receive<Adopt>(Adopt);
        Receive<Abandon>(_ => _pending = _state);
        Receive<ServiceStatistics>(Observe);
    }

    protected override void PreStart() => Reconcile(_state.Service?.Servers ?? []);

    private void Decide(Decide decide)
    {
        var decisions = new (int Place, Decision)[decide.Commands.Length];
        for (int i = 0; i < decisions.Length; i++)
        {
            Decision decision = _pending.Decide(decide.Commands[i].Command, _capabilities);
            _pending = decision.Events.Aggregate(_pending, (state, happened) => state.Apply((ServiceEvent)happened));
            decisions[i] = (decide.Commands[i].Place, decision);
        }
        Condensation.Condense(decisions, _state, _pending);
        Sender.Tell(new Decided(decide.Round, _state.Key, [.. decisions]));
    }

    private void Commit()
    {
        _state = _pending;
        Reconcile(_state.Service?.Servers ?? []);
    }

    private void Adopt(Adopt adopt)
    {
        _state = _pending = adopt.State;
        Reconcile(_state.Service?.Servers ?? []);
    }

    private void Reconcile(IReadOnlyCollection<RealServer> servers)
    {
        HashSet<(IPAddress, ushort)> kept = [.. servers.Select(server => (server.Address, server.Port))];
        foreach ((IPAddress Address, ushort Port) gone in _servers.Keys.Where(at => !kept.Contains(at)).ToArray())
        {
            Context.Stop(_servers[gone]);
            _servers.Remove(gone);
        }
        foreach (RealServer server in servers)
        {
            if (_servers.TryGetValue((server.Address, server.Port), out IActorRef? child))
                child.Tell(server);
            else
                _servers.Add((server.Address, server.Port), Context.ActorOf(Made<RealServerActor>.By(() => new RealServerActor(server))));
        }
    }

    private void Observe(ServiceStatistics seen)
    {
        foreach (ServerStatus status in seen.Servers)
        {
            if (_servers.TryGetValue((status.Address, status.Port), out IActorRef? child))
                child.Tell(status);
        }
    }
}
