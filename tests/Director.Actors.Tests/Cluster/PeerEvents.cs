using System.Collections.Immutable;
using Akka.Actor;
using Director.Actors.Cluster;

namespace Director.Actors.Tests.Cluster;

/// <summary>Everything that a director's subscriber is told of peers.</summary>
internal sealed class PeerEvents
{
    private ImmutableQueue<object> _heard = [];

    public PeerEvents(ClusteredDirector director)
    {
        PeerEvents events = this;
        director.Peers.Tell(new SubscribePeers(director.System.ActorOf(Props.Create(() => new Ear(events)))));
    }

    public ImmutableQueue<object> Heard => Volatile.Read(ref _heard);

    private sealed class Ear : ReceiveActor
    {
        public Ear(PeerEvents events) => ReceiveAny(message => ImmutableInterlocked.Enqueue(ref events._heard, message));
    }
}
