using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>
/// Whether what this director's configuration declares is to be applied. It is when it has changed since this director saw it last,
/// and this director is the owner: a standby's file must not undo what the owner's says, neither at its start nor when it takes over.
/// </summary>
public static class DeclarationJudgement
{
    /// <param name="table">As it is in the journal.</param>
    /// <param name="fingerprint">Of what is declared now.</param>
    /// <param name="isOwner">This director is the owner, or takes edits since nobody is.</param>
    /// <param name="director">Its name.</param>
    public static bool Applies(ServiceTable table, string fingerprint, bool isOwner, string director)
    {
        if (!isOwner || fingerprint == Declare.AppliedTo(table))
            return false;
        if (table.Replica.DeclarationSeen is { } seen)
            return fingerprint != seen;
        // Nothing was noted yet: a new journal, one from before there were notes, or one that another director's table came to first.
        Stamp? applied = Objects.StampOf(table, ObjectKey.Declaration);
        return applied is null || applied == Stamp.None || applied.Version.Director == director;
    }

    /// <summary>Files that were changed one after the other: once all directors declare the same, the owner applies it.</summary>
    public static bool AllAgree(Replicator replicator, ServiceTable table) => replicator.Declares is { } ours && ours != Declare.AppliedTo(table)
        && !replicator.Peers.IsEmpty && replicator.Peers.Values.All(peer => peer.Standing == PeerStanding.Joined && peer.Declares == ours);
}
