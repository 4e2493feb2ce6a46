namespace Director.Model;

/// <summary><c>GET /api/v1/election</c>: who owns the addresses, as this director sees it.</summary>
/// <param name="Role"><c>owner</c>, <c>standby</c>, <c>probing</c>, or <c>alone</c> where there is no other director.</param>
/// <param name="Epoch">Of the ownership; each take-over has a higher one.</param>
/// <param name="SinceSeconds">How long this director is what it is.</param>
/// <param name="Reason">Why it came to be that.</param>
/// <param name="TakeOvers">How often it became owner since directord started.</param>
/// <param name="Peers">Directors heard lately.</param>
/// <param name="Warnings">What should be mended.</param>
/// <param name="Owner">Name of the owner; null if nobody is known to be.</param>
/// <param name="LastGapMilliseconds">Of its last take-over: from the last word of the owner before to its own first; null: none yet.</param>
public sealed record ElectionListing(
    string Role, ulong Epoch, long SinceSeconds, string Reason, long TakeOvers, ElectionPeerListing[] Peers, string[] Warnings,
    string? Owner = null, long? LastGapMilliseconds = null);

/// <summary>Another director; times in milliseconds since it was heard, null: never.</summary>
public sealed record ElectionPeerListing(string Name, string Role, ulong Epoch, long? HeardOnSegment = null, long? HeardOverCluster = null);

/// <summary><c>POST /api/v1/election/failover</c>.</summary>
/// <param name="To">Name of the director that is to own; null: the best.</param>
public sealed record FailOverRequest(string? To = null);

/// <summary>Its answer: who owns now.</summary>
public sealed record FailOverResult(string Owner);
