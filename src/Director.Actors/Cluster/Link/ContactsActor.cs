using Akka.Actor;
using Akka.Event;
using Director.Actors.Cluster.Wire;

namespace Director.Actors.Cluster.Link;

/// <summary><c>/user/contacts</c> of a link: what other directors say there goes to the <see cref="ClusterActor"/>, with who said it.</summary>
internal sealed class ContactsActor : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public ContactsActor(IActorRef owner, ulong incarnation)
    {
        Receive<IWireMessage>(message => owner.Tell(new FromContact(incarnation, Sender.Path.Address.ToString(), message)));
        Receive<UnreadableMessage>(message => _log.Warning("{Message}", message.Describe(Sender.Path.Address.ToString())));
    }
}
