using System.Collections.Immutable;
using Akka.Actor;
using Director.Actors.Replication;

namespace Director.Actors.Services;

/// <summary>
/// States of other directors that waited when the last round ended: merged, written to the journal as one, published as one revision.
/// Nothing is decided, so no service and no engine is asked.
/// </summary>
internal sealed class MergeRound
{
    private readonly ImmutableArray<(MergeStates Asked, IActorRef ReplyTo)> _requests;

    public MergeRound(ImmutableArray<(MergeStates Asked, IActorRef ReplyTo)> requests, ServiceTable table, long now)
    {
        _requests = requests;
        Events = [.. requests.SelectMany(request => request.Asked.Notes).Where(note => IsNews(table, note)), .. Merging.Merge(table, requests.SelectMany(request => request.Asked.States), now)];
    }

    /// <summary>What the table goes through; empty: it holds all of it already.</summary>
    public ImmutableArray<DirectorEvent> Events { get; }

    public void Answer(string? failure = null)
    {
        foreach ((MergeStates asked, IActorRef replyTo) in _requests.Where(request => !request.ReplyTo.IsNobody()))
            replyTo.Tell(new Merged(asked, failure));
    }

    private static bool IsNews(ServiceTable table, ReplicationEvent note) => note switch
    {
        ClusterIdentified identified => identified != table.Replica.Cluster,
        DeclarationSeen seen => seen.Fingerprint != table.Replica.DeclarationSeen,
        _ => false,
    };
}
