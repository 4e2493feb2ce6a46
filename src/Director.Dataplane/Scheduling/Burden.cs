using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// What a server carries for each unit of what it can carry: the measure by which lc, wlc, sed, nq, lblc, lblcr and twos compare.
/// Compared by cross-multiplication as IPVS does, so exact (below 2^25 connections at any weight).
/// </summary>
internal readonly record struct Burden(ulong Load, int Capacity)
{
    /// <summary>An active connection weighs as much as 256 inactive ones (ip_vs_dest_conn_overhead).</summary>
    public static Burden OfConnections(Server server) => new(((ulong)server.ActiveConnections << 8) + server.InactiveConnections, 1);

    public static Burden OfWeightedConnections(Server server) => OfConnections(server) with { Capacity = server.Weight };

    /// <summary>The delay that a new connection would see, (active + 1) / weight. Inactive connections do not count.</summary>
    public static Burden OfExpectedDelay(Server server) => new(server.ActiveConnections + 1UL, server.Weight);

    public static bool operator <(Burden left, Burden right) => left.Load * (uint)right.Capacity < right.Load * (uint)left.Capacity;

    public static bool operator >(Burden left, Burden right) => right < left;
}
