using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>
/// Whether a link still leads to those whom it should lead to: addresses on it are asked for by ARP, and what answered counts as
/// there for a while. Pure; times are milliseconds.
/// </summary>
/// <param name="targets">On this link.</param>
/// <param name="all">Each of them must be there (a list, a gateway); else one is enough (real servers may be down for their own reasons).</param>
public sealed class TrackedLink(IpAddress[] targets, bool all)
{
    /// <summary>Between two questions to one target.</summary>
    public const long AskEvery = 150;

    /// <summary>Three questions without an answer: it is lost.</summary>
    public const long LostAfter = 400;

    private readonly long[] _heard = [.. targets.Select(_ => long.MinValue / 2)];

    public IReadOnlyList<IpAddress> Targets => targets;

    public bool All => all;

    /// <summary>The sender of an ARP packet on this link.</summary>
    public void Heard(IpAddress sender, long now)
    {
        int at = Array.IndexOf(targets, sender);
        if (at >= 0)
            _heard[at] = now;
    }

    /// <summary>Who is missed; none: the link is sound.</summary>
    public IpAddress[] Lost(long now)
    {
        IpAddress[] lost = [.. targets.Where((_, at) => now - _heard[at] > LostAfter)];
        return all || lost.Length == targets.Length ? lost : [];
    }

    /// <summary>Keeps what is known of targets that both have.</summary>
    public void Follow(TrackedLink before)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            int at = before.Targets.ToList().IndexOf(targets[i]);
            if (at >= 0)
                _heard[i] = before._heard[at];
        }
    }
}
