using System.Collections.Immutable;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>What an operator should know of the replication, in words that say what to do.</summary>
public static class ReplicationWarnings
{
    /// <param name="replicator">As it stands.</param>
    /// <param name="table">As it is in the journal.</param>
    public static ImmutableArray<string> Of(Replicator replicator, ServiceTable table) =>
    [
        .. replicator.Peers.Values.Select(peer => Of(peer, replicator, table)).OfType<string>(),
        .. Undeclared(replicator, table),
        .. table.Replica.Overridden.Values.Where(overridden => Stands(overridden, table)).OrderBy(overridden => overridden.At).Select(Of),
    ];

    public static string Of(EditOverridden overridden) =>
        $"{overridden.Object} was edited at two directors that did not reach each other: the edit {overridden.Version} ({overridden.Was}) is overridden by {overridden.By} ({overridden.Stands}); edit it again to settle it";

    public static string Stranger(Peer peer, ServiceTable table) =>
        $"{peer.Name} has the journal of another cluster ({peer.Cluster?.Cluster}, here {table.Replica.Cluster?.Cluster}): nothing is exchanged with it. "
        + "Stop the director whose services are not wanted, move director.db (with director.db-wal and director.db-shm) out of its data-directory, and start it again: it takes over the other's";

    private static string? Of(Peer peer, Replicator replicator, ServiceTable table) => peer switch
    {
        { Standing: PeerStanding.Stranger } => Stranger(peer, table),
        { IsBehind: true } => $"{peer.Name} does not store edits in time: they are answered without it until it has caught up",
        { Declares: { } theirs } when replicator.Declares is { } ours && ours != theirs =>
            $"{peer.Name} declares other services or settings than this director: make director.services and director.settings the same in both configuration files",
        _ => null,
    };

    private static IEnumerable<string> Undeclared(Replicator replicator, ServiceTable table) => replicator.Declares is { } ours && ours != Declare.AppliedTo(table)
        ? ["the services and settings that this director's configuration declares are not those that were applied last: they are applied when they change at the owner, or when all directors declare the same"]
        : [];

    // Whoever edits the object again has seen what became of it.
    private static bool Stands(EditOverridden overridden, ServiceTable table) =>
        ObjectKey.TryParse(overridden.Object, out ObjectKey? key) && Objects.StampOf(table, key)?.Version == overridden.By;
}
