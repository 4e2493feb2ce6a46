using Akka.Actor;
using Director.Actors.Cluster.Link;

namespace Director.Actors.Cluster;

/// <summary>
/// Who hears of peers. Lives as long as the director (<c>/user/peers</c>), with no cluster too: then there are no peers.
/// </summary>
/// <remarks>
/// | message | does |
/// |---|---|
/// | <see cref="SubscribePeers"/>, <see cref="ServePeers"/> | tells the peers that are up, then every change |
/// | <see cref="ServePeers"/>, <see cref="LinkUp"/> | opens a door in the link for each actor that peers may speak to |
/// | <see cref="PeerUp"/>, <see cref="PeerDown"/> | from the link to the peers; goes to every subscriber |
/// | <see cref="Terminated"/> | forgets the subscriber, closes its door |
/// </remarks>
public sealed class PeersActor : ReceiveActor
{
    private readonly Dictionary<string, PeerInfo> _up = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _subscribers = [];
    private readonly Dictionary<string, IActorRef> _served = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IActorRef> _doors = new(StringComparer.Ordinal);
    private ClusterLink? _link;

    public PeersActor()
    {
        Receive<SubscribePeers>(message => Add(message.Subscriber));
        Receive<ServePeers>(message =>
        {
            _served[message.Name] = message.Actor;
            Open(message.Name);
            Add(message.Actor);
        });
        Receive<LinkUp>(up =>
        {
            _link = up.Link;
            _doors.Clear();
            foreach (string name in _served.Keys)
                Open(name);
        });
        Receive<LinkDown>(_ => _link = null);
        Receive<PeerUp>(up =>
        {
            _up[up.Peer.Name] = up.Peer;
            TellAll(up);
        });
        Receive<PeerDown>(down =>
        {
            _up.Remove(down.Peer.Name);
            TellAll(down);
        });
        Receive<Terminated>(gone => Forget(gone.ActorRef));
    }

    private void Add(IActorRef subscriber)
    {
        if (!_subscribers.Add(subscriber))
            return;
        Context.Watch(subscriber);
        foreach (PeerInfo peer in _up.Values)
            subscriber.Tell(new PeerUp(peer));
    }

    private void Open(string name)
    {
        if (_link is null)
            return;
        if (!_doors.ContainsKey(name))
            _doors[name] = _link.Open(name);
        _doors[name].Tell(new DoorActor.Behind(_served[name]));
    }

    private void Forget(IActorRef subscriber)
    {
        _subscribers.Remove(subscriber);
        foreach (string name in _served.Where(served => served.Value.Equals(subscriber)).Select(served => served.Key).ToArray())
        {
            _served.Remove(name);
            if (_doors.TryGetValue(name, out IActorRef? door))
                door.Tell(new DoorActor.Behind(ActorRefs.Nobody));
        }
    }

    private void TellAll(object change)
    {
        foreach (IActorRef subscriber in _subscribers)
            subscriber.Tell(change);
    }
}
