using System.Collections.Immutable;
using Director.Actors.Services;

namespace Director.Actors.Replication;

public enum PeerStanding
{
    /// <summary>It has not said yet what its table is like.</summary>
    Unknown,

    /// <summary>Its journal is of the same cluster: tables are kept the same.</summary>
    Joined,

    /// <summary>Its journal is another cluster's: nothing is exchanged.</summary>
    Stranger,
}

/// <summary>
/// What one director knows of another's table, and what it still has to send. States are read when they are sent, so what is sent is
/// never older than the table.
/// </summary>
/// <param name="Name">Its <c>director.name</c>.</param>
/// <param name="NextTransfer">Never one that an earlier life of the two may have used.</param>
/// <param name="Heeded">When it last stored something, or was last asked to begin, in milliseconds.</param>
public sealed record Peer(string Name, ulong NextTransfer, long Heeded)
{
    /// <summary>Bytes of states in one message. A single object may be larger.</summary>
    public const int Chunk = 48 * 1024;

    /// <summary>Messages that are on their way at once: more would hold up heartbeats behind them.</summary>
    public const int Window = 8;

    public PeerStanding Standing { get; init; }

    /// <summary>Its cluster, as it said last.</summary>
    public ClusterIdentified? Cluster { get; init; }

    /// <summary>What its configuration declares, as it said last.</summary>
    public string? Declares { get; init; }

    /// <summary>When it was last told what the table here is like, in milliseconds.</summary>
    public long Greeted { get; init; }

    /// <summary>It did not store something in time: edits are not held up for it until it has caught up.</summary>
    public bool IsBehind { get; init; }

    /// <summary>When it last said what its table is like, that was like the one here, and it has stored every edit since.</summary>
    public bool InSync { get; init; }

    /// <summary>To be sent, in this order.</summary>
    public ImmutableArray<ObjectKey> Backlog { get; init; } = [];

    /// <summary>Sent, and not yet stored as far as is known.</summary>
    public ImmutableDictionary<ulong, ImmutableArray<ObjectKey>> Sent { get; init; } = ImmutableDictionary<ulong, ImmutableArray<ObjectKey>>.Empty;

    /// <summary>An edit waits for these to be stored, by transfer <see cref="AwaitedFrom"/> or a later one.</summary>
    public ImmutableHashSet<ObjectKey> Awaited { get; init; } = [];

    public ulong AwaitedFrom { get; init; }

    public bool IsDrained => Backlog.IsEmpty && Sent.IsEmpty;

    /// <summary>What an edit changed goes before what is caught up with.</summary>
    public Peer Edited(ImmutableArray<ObjectKey> objects, long now) => Standing != PeerStanding.Joined ? this : this with
    {
        Backlog = [.. objects, .. Backlog.Except(objects)],
        Awaited = IsBehind ? [] : [.. objects],
        AwaitedFrom = NextTransfer,
        Heeded = IsDrained ? now : Heeded,
    };

    /// <summary>The peer stored a transfer.</summary>
    public Peer Stored(ulong transfer, long now)
    {
        if (!Sent.TryGetValue(transfer, out ImmutableArray<ObjectKey> objects))
            return this;
        Peer next = this with { Sent = Sent.Remove(transfer), Awaited = transfer >= AwaitedFrom ? Awaited.Except(objects) : Awaited, Heeded = now };
        return next.IsDrained ? next with { IsBehind = false } : next;
    }

    /// <summary>Everything that is under way is taken for lost; what an edit waits for is sent again.</summary>
    public Peer Again(IEnumerable<ObjectKey> differing, long now) => this with
    {
        Sent = Sent.Clear(),
        Backlog = [.. Awaited, .. differing.Except(Awaited)],
        AwaitedFrom = NextTransfer,
        Heeded = now,
    };

    /// <summary>Messages as far as the window lets them.</summary>
    public (Peer Next, ImmutableArray<ReplicaObjects> Messages) Pump(ServiceTable table)
    {
        Peer next = this;
        ImmutableArray<ReplicaObjects>.Builder messages = ImmutableArray.CreateBuilder<ReplicaObjects>();
        while (next.Sent.Count < Window && !next.Backlog.IsEmpty)
        {
            (ImmutableArray<EncodedState> states, int taken) = Take(next.Backlog, table);
            messages.Add(new ReplicaObjects(next.NextTransfer, states));
            next = next with
            {
                Sent = next.Sent.Add(next.NextTransfer, next.Backlog[..taken]),
                Backlog = next.Backlog[taken..],
                NextTransfer = next.NextTransfer + 1,
            };
        }
        return (next, messages.DrainToImmutable());
    }

    private static (ImmutableArray<EncodedState> States, int Taken) Take(ImmutableArray<ObjectKey> backlog, ServiceTable table)
    {
        ImmutableArray<EncodedState>.Builder states = ImmutableArray.CreateBuilder<EncodedState>();
        int taken = 0;
        for (int bytes = 0; taken < backlog.Length; taken++)
        {
            // Gone since: a tombstone that was old enough to be forgotten.
            if (Objects.StateOf(table, backlog[taken]) is not { } state)
                continue;
            EncodedState encoded = EncodedState.Of(state);
            bytes += encoded.Bytes.Length;
            if (bytes > Chunk && states.Count > 0)
                break;
            states.Add(encoded);
        }
        return (states.DrainToImmutable(), taken);
    }
}
