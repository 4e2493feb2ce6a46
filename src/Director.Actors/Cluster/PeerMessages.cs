using System.Collections.Immutable;
using Akka.Actor;

namespace Director.Actors.Cluster;

/// <summary>
/// Another director that this one talks to, as long as <see cref="Incarnation"/> lives. Both have the same election key and
/// different names.
/// </summary>
/// <param name="Name">Its <c>director.name</c>.</param>
/// <param name="Address">The root of its actors: <c>akka.tcp://director@10.3.0.2:4053</c>.</param>
/// <param name="Incarnation">Another one: the peer, or its side of the link, was started anew.</param>
/// <param name="Protocol">The highest version of messages that both sides speak.</param>
public sealed record PeerInfo(string Name, string Address, ulong Incarnation, ushort Protocol)
{
    /// <summary>
    /// The actor system that speaks with peers: not the one that the director's actors live in (docs/decisions/0006). Null: the
    /// caller's own.
    /// </summary>
    public ActorSystem? Link { get; init; }

    /// <summary>Of the declared configuration, see <see cref="ContactHello.ConfigurationDigest"/>.</summary>
    public string ConfigurationDigest { get; init; } = "";

    /// <summary>Its engine's.</summary>
    public ImmutableArray<string> Interfaces { get; init; } = [];

    /// <summary>
    /// The peer's actor <c>/user/{name}</c>, if it said there <see cref="ServePeers"/>. Messages are <see cref="Wire.IWireMessage"/>;
    /// the sender is the caller's own top-level actor, which must have said <see cref="ServePeers"/> to get the answer.
    /// </summary>
    public ActorSelection Select(IActorContext context, string name) => (Link ?? context.System).ActorSelection($"{Address}/user/{name}");
}

/// <summary>
/// From the <see cref="PeersActor"/> to its subscribers: this peer is there. A new incarnation of a peer is told as down and up.
/// </summary>
public sealed record PeerUp(PeerInfo Peer);

/// <summary>From the <see cref="PeersActor"/> to its subscribers: this peer is gone, or cannot be heard.</summary>
/// <param name="Reason">Whether its process is known to have ended.</param>
/// <param name="Detail">For the log.</param>
public sealed record PeerDown(PeerInfo Peer, PeerDownReason Reason, string Detail);

public enum PeerDownReason
{
    /// <summary>Nothing was heard for a while; it may live.</summary>
    Silent,

    /// <summary>Its end closed the connection, as the kernel does when the process dies.</summary>
    Closed,

    /// <summary>It said that it goes (stops, or leaves this cluster to join another).</summary>
    Left,

    /// <summary>Its next incarnation was heard; that one's <see cref="PeerUp"/> follows.</summary>
    Replaced,
}

/// <summary>
/// To the <see cref="PeersActor"/> (<c>/user/peers</c>): tell <paramref name="Subscriber"/> of peers, those that are up at once.
/// Ends with the subscriber.
/// </summary>
public sealed record SubscribePeers(IActorRef Subscriber);

/// <summary>
/// To the <see cref="PeersActor"/> (<c>/user/peers</c>): as <see cref="SubscribePeers"/>, and what peers send to
/// <see cref="PeerInfo.Select"/>(..., <paramref name="Name"/>) goes to <paramref name="Actor"/>, with a sender that can be answered.
/// </summary>
/// <param name="Name">The actor's own name, by which it is <c>/user/{Name}</c>.</param>
public sealed record ServePeers(string Name, IActorRef Actor);
