using Akka.Cluster;
using Director.Actors.Cluster.Wire;

namespace Director.Actors.Cluster.Link;

// What a link (one start of the actor system that speaks with peers) tells the ClusterActor. Each message carries the link's
// incarnation: what an earlier one still has to say is of no interest.

/// <param name="Link">Null: it could not be started, see <paramref name="Failure"/>.</param>
internal sealed record LinkStarted(ClusterLink? Link, string? Failure);

internal sealed record LinkEnded(ulong Incarnation);

/// <summary>For <c>/user/contacts</c>, from the director at <paramref name="Address"/>.</summary>
internal sealed record FromContact(ulong Incarnation, string Address, IWireMessage Message);

internal sealed record MembershipSeen(ulong Incarnation, ClusterView View);

/// <summary>The last connection with the other side was closed, or broke.</summary>
internal sealed record ConnectionClosed(ulong Incarnation, string Address);

/// <summary>Another director takes nothing from this link any more, ever.</summary>
internal sealed record LinkQuarantined(ulong Incarnation, string By);

internal sealed record DomainEventSeen(ulong Incarnation, ClusterEvent.IClusterDomainEvent Event);

/// <summary>To the <see cref="PeersActor"/>: peers are reached through this link from now on.</summary>
internal sealed record LinkUp(ClusterLink Link);

/// <summary>To the <see cref="PeersActor"/>: it ended.</summary>
internal sealed record LinkDown;
