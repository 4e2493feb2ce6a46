using System.Collections.Immutable;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>
/// Keeps the tables of directors the same: pushes edits, compares digests, sends what differs. Pure: the
/// replication actor does what it wants done, the simulation in the tests does it over a network that loses messages.
/// </summary>
/// <param name="Director">Who this is.</param>
public sealed record Replicator(string Director)
{
    /// <summary>How long an edit waits for a peer that stores nothing, in milliseconds.</summary>
    public const long Patience = 500;

    /// <summary>
    /// When nothing was stored for so long, what was sent is taken for lost, in milliseconds. Messages are lost only with the link that
    /// they were on, which is mostly told (<see cref="ReplicatorInput.Vanished"/>): a peer that is slow must not get them twice.
    /// </summary>
    public const long LostAfter = 5000;

    /// <summary>One who has not answered a hello is greeted again, in milliseconds.</summary>
    public const long GreetAgain = 1000;

    /// <summary>Digests are compared so often while tables differ, and while they are the same, in milliseconds.</summary>
    public const long CompareAgain = 200, CompareEvery = 10_000;

    private readonly record struct Moment(ServiceTable Table, ImmutableArray<ulong> Digest, long Now);

    /// <summary>The digest of the table that was looked at last: computing it takes milliseconds.</summary>
    private (ServiceTable? Table, ImmutableArray<ulong> Digest) Digested { get; init; }

    public ImmutableSortedDictionary<string, Peer> Peers { get; init; } = ImmutableSortedDictionary.Create<string, Peer>(StringComparer.Ordinal);

    /// <summary>What this director's configuration declares.</summary>
    public string? Declares { get; init; }

    /// <summary>The revision that waits for the peers; null: none does.</summary>
    public ulong? Waiting { get; init; }

    /// <param name="input">What happened.</param>
    /// <param name="table">As it is in the journal here.</param>
    /// <param name="now">Milliseconds, by a clock that never goes back.</param>
    public (Replicator Next, ImmutableArray<ReplicatorEffect> Effects) Step(ReplicatorInput input, ServiceTable table, long now)
    {
        List<ReplicatorEffect> effects = [];
        bool compares = !Peers.IsEmpty || input is ReplicatorInput.Appeared;
        if (compares && !ReferenceEquals(Digested.Table, table))
            return (this with { Digested = (table, ObjectDigest.Of(table)) }).Step(input, table, now);
        Moment moment = new(table, Digested.Digest, now);
        Replicator next = input switch
        {
            ReplicatorInput.Appeared appeared => Greet(With(new Peer(appeared.Peer, (ulong)now << 16, now)), appeared.Peer, moment, effects, isFirst: true),
            ReplicatorInput.Vanished vanished => this with { Peers = Peers.Remove(vanished.Peer) },
            ReplicatorInput.Heard heard when Peers.TryGetValue(heard.Peer, out Peer? peer) => Hear(peer, heard.Hello, moment, effects),
            ReplicatorInput.Receives receives when Peers.TryGetValue(receives.Peer, out Peer? peer) => With(peer with { Greeted = now }),
            ReplicatorInput.Stored stored when Peers.TryGetValue(stored.Peer, out Peer? peer) => Store(peer, stored.Transfer, moment, effects),
            ReplicatorInput.Committed committed => Commit(committed, moment, effects),
            ReplicatorInput.Identified => Peers.Keys.Aggregate(this, (grown, name) => Greet(grown, name, moment, effects)),
            ReplicatorInput.Tick => Peers.Values.Aggregate(this, (grown, peer) => grown.Look(peer, moment, effects)),
            _ => this,
        };
        return (next.Settle(effects), [.. effects]);
    }

    private Replicator With(Peer peer) => this with { Peers = Peers.SetItem(peer.Name, peer) };

    private static Replicator Greet(Replicator grown, string name, Moment moment, List<ReplicatorEffect> effects, bool isFirst = false, bool wantsAnswer = true)
    {
        Peer peer = grown.Peers[name];
        effects.Add(new ReplicatorEffect.Greet(name, new ReplicaHello
        {
            IsFirst = isFirst,
            WantsAnswer = wantsAnswer,
            Cluster = moment.Table.Replica.Cluster,
            Content = peer.Standing == PeerStanding.Joined ? null : Objects.ContentHash(moment.Table),
            Declares = grown.Declares,
            Digest = moment.Digest,
        }));
        return grown.With(peer with { Greeted = moment.Now });
    }

    private Replicator Hear(Peer peer, ReplicaHello hello, Moment moment, List<ReplicatorEffect> effects)
    {
        Peer known = Judge(peer with { Cluster = hello.Cluster, Declares = hello.Declares }, hello, moment, effects);
        if (known.Standing == PeerStanding.Joined && (hello.IsFirst || peer.Standing != PeerStanding.Joined || known.IsDrained))
        {
            ImmutableArray<ObjectKey> differing = ObjectDigest.Differing(moment.Table, moment.Digest, hello.Digest);
            bool same = differing.IsEmpty && known.Awaited.IsEmpty && moment.Digest.SequenceEqual(hello.Digest);
            known = known.Again(differing, moment.Now) with { InSync = same, IsBehind = known.IsBehind && !same };
        }
        Replicator next = With(known);
        if (hello.WantsAnswer)
            next = Greet(next, peer.Name, moment, effects, wantsAnswer: false);
        Tell(peer, known, effects);
        return next.Pump(peer.Name, moment, effects);
    }

    // Two settled identities are two clusters, unless both say the same anyway. Else one of them goes for both: a settled one before
    // one that is not, then the lower one.
    private static Peer Judge(Peer peer, ReplicaHello hello, Moment moment, List<ReplicatorEffect> effects)
    {
        if (moment.Table.Replica.Cluster is not { } ours || hello.Cluster is not { } theirs)
            return peer with { Standing = PeerStanding.Unknown };
        bool same = ours.Cluster == theirs.Cluster;
        if (!same && ours.IsSettled && theirs.IsSettled && hello.Content != Objects.ContentHash(moment.Table))
            return peer with { Standing = PeerStanding.Stranger };
        bool lower = string.CompareOrdinal(theirs.Cluster, ours.Cluster) < 0;
        if (same ? theirs.IsSettled && !ours.IsSettled : ours.IsSettled == theirs.IsSettled ? lower : theirs.IsSettled)
            effects.Add(new ReplicatorEffect.Identify(theirs));
        return peer with { Standing = same ? PeerStanding.Joined : PeerStanding.Unknown };
    }

    private Replicator Store(Peer peer, ulong transfer, Moment moment, List<ReplicatorEffect> effects)
    {
        Peer known = peer.Stored(transfer, moment.Now);
        Tell(peer, known, effects);
        Replicator next = With(known).Pump(peer.Name, moment, effects);
        // All is sent: now the two should be the same.
        return known.IsDrained && !known.InSync && moment.Now - known.Greeted >= CompareAgain ? Greet(next, peer.Name, moment, effects) : next;
    }

    private Replicator Commit(ReplicatorInput.Committed committed, Moment moment, List<ReplicatorEffect> effects)
    {
        Replicator next = this with { Waiting = committed.Revision };
        foreach (Peer peer in Peers.Values)
            next = next.With(peer.Edited(committed.Objects, moment.Now)).Pump(peer.Name, moment, effects);
        return next;
    }

    private Replicator Look(Peer peer, Moment moment, List<ReplicatorEffect> effects)
    {
        long silent = moment.Now - peer.Heeded;
        long greeted = moment.Now - peer.Greeted;
        Peer known = peer;
        if (!known.Awaited.IsEmpty && silent >= Patience)
            known = known with { Awaited = [], IsBehind = true, InSync = false };
        bool lost = !known.Sent.IsEmpty && silent >= LostAfter;
        if (lost)
            known = known.Again([], moment.Now) with { InSync = false };
        Tell(peer, known, effects);
        bool due = known.Standing != PeerStanding.Joined ? greeted >= (known.Standing == PeerStanding.Stranger ? CompareEvery : GreetAgain)
            : lost || (known.IsDrained && greeted >= (known.InSync ? CompareEvery : CompareAgain));
        Replicator next = With(known);
        return due ? Greet(next, peer.Name, moment, effects) : next;
    }

    private Replicator Pump(string name, Moment moment, List<ReplicatorEffect> effects)
    {
        (Peer next, ImmutableArray<ReplicaObjects> messages) = Peers[name].Pump(moment.Table);
        effects.AddRange(messages.Select(objects => new ReplicatorEffect.Send(name, objects)));
        return With(next);
    }

    // Nobody is waited for any more.
    private Replicator Settle(List<ReplicatorEffect> effects)
    {
        if (Waiting is not { } revision || Peers.Values.Any(peer => !peer.Awaited.IsEmpty))
            return this;
        effects.Add(new ReplicatorEffect.Replicated(revision));
        return this with { Waiting = null };
    }

    private static void Tell(Peer before, Peer after, List<ReplicatorEffect> effects)
    {
        if ((before.Standing, before.IsBehind, before.InSync) != (after.Standing, after.IsBehind, after.InSync))
            effects.Add(new ReplicatorEffect.Told(after));
    }
}
