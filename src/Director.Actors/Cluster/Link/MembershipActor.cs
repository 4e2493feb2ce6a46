using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;

namespace Director.Actors.Cluster.Link;

/// <summary>
/// Follows Akka's membership and connections for the <see cref="ClusterActor"/>. It keeps the members from the events: Akka's own
/// view is kept by another subscriber and may be behind.
/// </summary>
internal sealed class MembershipActor : ReceiveActor
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Dictionary<UniqueAddress, Member> _members = [];
    private readonly HashSet<UniqueAddress> _unreachable = [];
    private readonly IActorRef _owner;
    private readonly ulong _incarnation;
    private Address? _leader;

    public MembershipActor(IActorRef owner, ulong incarnation)
    {
        (_owner, _incarnation) = (owner, incarnation);
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            _members.Remove(removed.Member.UniqueAddress);
            _unreachable.Remove(removed.Member.UniqueAddress);
            Tell(removed);
        });
        Receive<ClusterEvent.IMemberEvent>(changed =>
        {
            _members[changed.Member.UniqueAddress] = changed.Member;
            Tell(changed);
        });
        Receive<ClusterEvent.UnreachableMember>(lost =>
        {
            _unreachable.Add(lost.Member.UniqueAddress);
            Tell(lost);
        });
        Receive<ClusterEvent.ReachableMember>(found =>
        {
            _unreachable.Remove(found.Member.UniqueAddress);
            Tell(found);
        });
        Receive<ClusterEvent.LeaderChanged>(changed =>
        {
            _leader = changed.Leader;
            Tell(changed);
        });
        Receive<DisassociatedEvent>(closed => _owner.Tell(new ConnectionClosed(_incarnation, closed.RemoteAddress.ToString())));
        Receive<ThisActorSystemQuarantinedEvent>(told => _owner.Tell(new LinkQuarantined(_incarnation, told.RemoteAddress.ToString())));
    }

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent), typeof(ClusterEvent.LeaderChanged));
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
    }

    private void Tell(ClusterEvent.IClusterDomainEvent change)
    {
        _owner.Tell(new MembershipSeen(_incarnation, View()));
        _owner.Tell(new DomainEventSeen(_incarnation, change));
    }

    private ClusterView View() => new()
    {
        Self = _cluster.SelfAddress.ToString(),
        SelfUid = _cluster.SelfUniqueAddress.Uid,
        Leader = _leader?.ToString(),
        Members = [.. _members.Values.Order(Member.AgeOrdering).Select(member => new MemberView(
            new ClusterMember(member.Address.ToString(), member.UniqueAddress.Uid, member.Status, !_unreachable.Contains(member.UniqueAddress)), [.. member.Roles]))],
    };
}
