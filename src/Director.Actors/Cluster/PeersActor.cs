using Akka.Actor;

namespace Director.Actors.Cluster;

/// <summary>
/// Who hears of peers. Lives as long as the director (<c>/user/peers</c>), with no cluster too: then there are no peers.
/// </summary>
/// <remarks>
/// | message | does |
/// |---|---|
/// | <see cref="SubscribePeers"/>, <see cref="ServePeers"/> | tells the peers that are up, then every change |
/// | <see cref="PeerUp"/>, <see cref="PeerDown"/> | from the link to the peers; goes to every subscriber |
/// | <see cref="Terminated"/> | forgets the subscriber |
/// </remarks>
public sealed class PeersActor : ReceiveActor
{
    private readonly Dictionary<string, PeerInfo> _up = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _subscribers = [];

    public PeersActor()
    {
        Receive<SubscribePeers>(message => Add(message.Subscriber));
        Receive<ServePeers>(message => Add(message.Actor));
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
        Receive<Terminated>(gone => _subscribers.Remove(gone.ActorRef));
    }

    private void Add(IActorRef subscriber)
    {
        if (!_subscribers.Add(subscriber))
            return;
        Context.Watch(subscriber);
        foreach (PeerInfo peer in _up.Values)
            subscriber.Tell(new PeerUp(peer));
    }

    private void TellAll(object change)
    {
        foreach (IActorRef subscriber in _subscribers)
            subscriber.Tell(change);
    }
}
