using Akka.Cluster;

namespace Director.Actors.Cluster.Joining;

/// <summary>
/// How much a cluster counts when it meets another: the one with more members that work stays, of equal ones that with the lowest
/// address. Both sides see the same two, so both come to the same end; where a view is late, both may give way, which costs time
/// and nothing else.
/// </summary>
public readonly record struct Island(int Size, string Lowest)
{
    public static Island Of(IEnumerable<ClusterMember> members)
    {
        string[] working = [.. members.Where(member => member.Reachable && member.Status is not (MemberStatus.Down or MemberStatus.Removed)).Select(member => member.Address)];
        return new Island(working.Length, working.Min(StringComparer.Ordinal) ?? "");
    }

    public bool Outweighs(Island other) =>
        Size != other.Size ? Size > other.Size : string.CompareOrdinal(Lowest, other.Lowest) < 0;
}
