namespace Director.Actors.Replication;

/// <summary>What a director stamps its edits with, beside the epoch.</summary>
/// <param name="Director">Its <c>director.name</c>.</param>
/// <param name="Time">For the stamps.</param>
/// <param name="DrawCluster">An identity that no other cluster has, for a new journal.</param>
public sealed record ReplicaIdentity(string Director, TimeProvider Time, Func<string> DrawCluster)
{
    /// <summary>Seconds since 1970.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();
}
