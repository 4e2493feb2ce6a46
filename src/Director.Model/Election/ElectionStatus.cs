namespace Director.Model;

/// <summary>What a director is in the election of the owner.</summary>
public enum ElectionPhase : byte
{
    /// <summary>There is no election: a director alone owns what it is told to own.</summary>
    None = 0,

    /// <summary>Another one owns, or nobody yet.</summary>
    Standby = 1,

    /// <summary>The owner is silent; asks whether anybody answers for the addresses.</summary>
    Probing = 2,

    /// <summary>Answers for the addresses and forwards.</summary>
    Owner = 3,
}

/// <summary>The election as one director's engine sees it.</summary>
/// <param name="Phase">What this director is.</param>
/// <param name="Epoch">Of the owner; of the last one if nobody owns.</param>
/// <param name="Owner">Id of the owner; 0 if none was heard lately.</param>
/// <param name="SinceMilliseconds">How long it has been in this phase.</param>
/// <param name="Reason">Why it came into this phase, in words.</param>
/// <param name="GapMilliseconds">At the last take-over: from the last word of the owner before to the first of this one; -1: none yet.</param>
/// <param name="Peers">Directors heard in the last ten seconds.</param>
/// <param name="Warnings">What an operator should mend: other keys, forged announcements, no room for epochs, lost carriers.</param>
public sealed record ElectionStatus(
    ElectionPhase Phase, ulong Epoch, ulong Owner, long SinceMilliseconds, string Reason, long GapMilliseconds,
    ElectionPeer[] Peers, string[] Warnings)
{
    public static readonly ElectionStatus None = new(ElectionPhase.None, 0, 0, 0, "", -1, [], []);
}

/// <summary>Another director as the election hears it; times in milliseconds, -1: never.</summary>
/// <param name="Id">Of its name, see <c>DirectorId</c>.</param>
/// <param name="Phase">What it said that it is.</param>
/// <param name="Epoch">What it said last.</param>
/// <param name="HeardOnSegment">Since it was last heard on the service segment.</param>
/// <param name="HeardOverCluster">Since it was last heard over the cluster link.</param>
public sealed record ElectionPeer(ulong Id, ElectionPhase Phase, ulong Epoch, long HeardOnSegment, long HeardOverCluster);
