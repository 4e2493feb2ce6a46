using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>
/// Whether a link still leads to those whom it should lead to: addresses on it are asked for by ARP, and who leaves several questions
/// unanswered is lost. Questions are counted, not time: who asks may have stood still himself.
/// </summary>
/// <param name="targets">On this link; new ones are taken to be there until they had their chance to answer.</param>
/// <param name="all">Each of them must be there (a list, a gateway); else one is enough (real servers may be down for their own reasons).</param>
public sealed class TrackedLink(IpAddress[] targets, bool all)
{
    /// <summary>So many milliseconds an answer has: the time between two questions.</summary>
    public const long AskEvery = 100;

    /// <summary>Who leaves so many unanswered is lost.</summary>
    public const int MostUnanswered = 3;

    private readonly int[] _unanswered = new int[targets.Length];

    public IReadOnlyList<IpAddress> Targets => targets;

    public bool All => all;

    /// <summary>Every target is asked; the questions before had their time.</summary>
    /// <returns>Who is missed; none: the link is sound.</returns>
    public IpAddress[] Ask()
    {
        IpAddress[] lost = [.. targets.Where((_, at) => _unanswered[at] >= MostUnanswered)];
        for (int i = 0; i < targets.Length; i++)
            _unanswered[i]++;
        return all || lost.Length == targets.Length ? lost : [];
    }

    /// <summary>The sender of an ARP packet on this link.</summary>
    public void Heard(IpAddress sender)
    {
        int at = Array.IndexOf(targets, sender);
        if (at >= 0)
            _unanswered[at] = 0;
    }

    /// <summary>Keeps what is known of targets that both have.</summary>
    public void Follow(TrackedLink before)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            int at = before.Targets.ToList().IndexOf(targets[i]);
            if (at >= 0)
                _unanswered[i] = before._unanswered[at];
        }
    }
}
