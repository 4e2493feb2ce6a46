using System.Collections.Immutable;

namespace Director.Actors.Cluster.Peering;

/// <summary>Whether another director may be a peer, and what an operator should know about the two.</summary>
internal static class PeerJudgement
{
    /// <param name="self">What this director says of itself.</param>
    /// <param name="it">What the other says.</param>
    /// <param name="all">Everybody heard lately, it included.</param>
    /// <returns>Why not, or null.</returns>
    public static string? Refusal(ContactHello self, ContactHello it, IEnumerable<ContactHello> all)
    {
        if (it.Protocols.Common(self.Protocols) == 0)
            return $"{Who(it)} runs version {it.Version}, which speaks formats {it.Protocols} with other directors; this one speaks {self.Protocols}: upgrade the older of the two";
        if (it.KeyFingerprint != self.KeyFingerprint)
            return $"{Who(it)} has another director.election.key than this one: it is no peer until both have the same";
        if (it.Name == self.Name)
            return $"two directors are called '{self.Name}', this one at {self.Address} and one at {it.Address}: give {(IsLater(it, self) ? "that" : "this")} one, which came later, another director.name";
        if (all.FirstOrDefault(other => other.Name == self.Name && IsLater(self, other)) is { } first)
            return $"no peer of {Who(it)}: this director is called '{self.Name}' as the one at {first.Address}, which was there first; give this one another director.name";
        return all.FirstOrDefault(other => other.Name == it.Name && other.Address != it.Address && IsLater(it, other)) is { } before
            ? $"two directors are called '{it.Name}', at {before.Address} and at {it.Address}: the latter came later and is no peer until it has another director.name"
            : null;
    }

    public static ImmutableArray<string> Remarks(ContactHello self, ContactHello it)
    {
        List<string> remarks = [];
        if (!it.Interfaces.SequenceEqual(self.Interfaces))
        {
            remarks.Add($"{Who(it)} has director.interfaces [{string.Join(", ", it.Interfaces)}], this director [{string.Join(", ", self.Interfaces)}]: "
                + "their order must be that of the segments, which virtual MACs and owned addresses go by");
        }
        if (it.Protocols.Maximum > self.Protocols.Maximum && it.Protocols.Common(self.Protocols) is > 0 and var common)
            remarks.Add($"{Who(it)} runs the newer version {it.Version}; both speak format {common} until this one is upgraded too");
        return [.. remarks];
    }

    // Who is there longer was there first, on no common clock; the addresses decide where both started at once.
    private static bool IsLater(ContactHello it, ContactHello than) =>
        it.Uptime != than.Uptime ? it.Uptime < than.Uptime : string.CompareOrdinal(it.Address, than.Address) > 0;

    private static string Who(ContactHello it) => $"director {it.Name} at {it.Address}";
}
