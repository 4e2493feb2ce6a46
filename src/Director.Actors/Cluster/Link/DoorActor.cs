using Akka.Actor;
using Akka.Event;
using Director.Actors.Cluster.Wire;

namespace Director.Actors.Cluster.Link;

/// <summary>
/// <c>/user/NAME</c> of a link: the way from peers to the director's actor of that name, which lives in the director's own actor
/// system.
/// </summary>
internal sealed class DoorActor : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef _actor = ActorRefs.Nobody;
    private ActorPath? _knownPath;
    private IActorRef _known = ActorRefs.Nobody;

    public DoorActor()
    {
        Receive<Behind>(behind => _actor = behind.Actor);
        Receive<IWireMessage>(message => _actor.Tell(message, Answerable(Sender)));
        Receive<UnreadableMessage>(message => _log.Warning("{Message}", message.Describe(Sender.Path.Address.ToString())));
    }

    // The sender's number is that of the actor behind the peer's door. By name alone an answer finds the door.
    private IActorRef Answerable(IActorRef sender)
    {
        if (!sender.Path.Equals(_knownPath))
        {
            _known = ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(sender.Path.WithUid(ActorCell.UndefinedUid));
            _knownPath = sender.Path;
        }
        return _known;
    }

    /// <summary>Whoever starts anew under the name takes the place of the one before.</summary>
    internal sealed record Behind(IActorRef Actor);
}
