using Akka.Cluster;

namespace Director.Actors.Cluster.Joining;

/// <summary>
/// How directors become one cluster, whatever the order in which they start and find each other. Akka's own seed nodes either keep
/// one of a pair from starting alone or leave two clusters of one for ever.
/// </summary>
/// <remarks>
/// | phase | sees | does |
/// |---|---|---|
/// | Outside | that an operator had it leave | nothing, until told to join |
/// | Outside | a contact that is in a cluster | joins it |
/// | Outside | contacts outside, all that there are, own address the lowest | founds |
/// | Outside | nobody in a cluster for <see cref="JoinSettings.FoundPatience"/>, own address the lowest of those that are there | founds |
/// | Outside | one that should found and does not for <see cref="JoinSettings.RivalPatience"/> | founds |
/// | Joining | no membership for <see cref="JoinSettings.JoinPatience"/> | Outside |
/// | Member | another cluster that <see cref="Island.Outweighs"/> the own one for <see cref="JoinSettings.IslandPatience"/> | starts anew |
/// | Member | a member that no longer counts us among its own, likewise | starts anew |
/// | Member | a newcomer that an unreachable and silent member keeps from being Up | declares that one dead |
/// </remarks>
public static class JoinStep
{
    public static (JoinState State, JoinEffect? Effect) Step(JoinSettings settings, JoinState state, JoinInput input, TimeSpan now)
    {
        state = Take(state, settings, input, now);
        return state.Phase switch
        {
            JoinPhase.Outside or JoinPhase.Joining when state.Held => (state, null),
            JoinPhase.Outside => Outside(settings, state, now),
            JoinPhase.Joining when now - state.Since >= settings.JoinPatience => Outside(settings, state with { Phase = JoinPhase.Outside, Since = now }, now),
            JoinPhase.Member => Member(settings, state, now),
            _ => (state, null),
        };
    }

    private static JoinState Take(JoinState state, JoinSettings settings, JoinInput input, TimeSpan now) => input switch
    {
        JoinInput.Hello hello when hello.Contact.Address != settings.Self => state with { Heard = state.Heard.SetItem(hello.Contact.Address, new HeardHello(hello.Contact, now)) },
        JoinInput.Members { Seen: var members } when members.Any(member => member.Address == settings.Self) =>
            state with { Members = members, Phase = JoinPhase.Member, Since = state.Phase == JoinPhase.Member ? state.Since : now },
        _ => state,
    };

    private static (JoinState, JoinEffect?) Outside(JoinSettings settings, JoinState state, TimeSpan now)
    {
        ContactHello[] there = Fresh(settings, state, now);
        ContactHello? best = null;
        foreach (ContactHello contact in there.Where(contact => contact.Members.Length > 0))
        {
            if (best is null || Island.Of(contact.Members).Outweighs(Island.Of(best.Members)))
                best = contact;
        }
        JoinState joining = state with { Phase = JoinPhase.Joining, Since = now };
        if (best is not null)
            return (joining, new JoinEffect.Join(best.Address));

        TimeSpan looked = now - state.Started;
        bool first = there.All(contact => string.CompareOrdinal(settings.Self, contact.Address) < 0);
        bool everybody = settings.Contacts.All(contact => there.Any(one => one.Address == contact));
        return (first && (everybody || looked >= settings.FoundPatience)) || looked >= settings.RivalPatience
            ? (joining, new JoinEffect.Found())
            : (state, null);
    }

    private static (JoinState, JoinEffect?) Member(JoinSettings settings, JoinState state, TimeSpan now)
    {
        ContactHello[] there = Fresh(settings, state, now);
        string? reason = there.Select(contact => WhyLeave(settings, state, contact)).FirstOrDefault(why => why is not null);
        string? inTheWay = InTheWay(settings, state, there);
        state = state with
        {
            IslandSince = reason is null ? null : state.IslandSince ?? now,
            BlockedSince = inTheWay is null ? null : state.BlockedSince ?? now,
        };
        if (reason is not null && now - state.IslandSince >= settings.IslandPatience)
            return (state with { IslandSince = now }, new JoinEffect.Restart(reason));
        if (inTheWay is not null && now - state.BlockedSince >= settings.BlockedPatience)
            return (state with { BlockedSince = now }, new JoinEffect.Down(inTheWay, "it is unreachable and silent, and keeps another member from being Up"));
        return (state, null);
    }

    /// <summary>Why the own cluster has to be given up for the contact's; null: it has not.</summary>
    private static string? WhyLeave(JoinSettings settings, JoinState state, ContactHello contact)
    {
        if (Find(contact.Members, contact.Address) is not { } it || Find(state.Members, settings.Self) is not { } self)
            return null;
        bool weCountIt = Find(state.Members, contact.Address)?.Uid == it.Uid;
        bool itCountsUs = Find(contact.Members, settings.Self)?.Uid == self.Uid;
        return (weCountIt, itCountsUs) switch
        {
            (_, true) => null,
            (true, false) => $"{contact.Name} at {contact.Address} no longer counts this director as a member",
            _ => Island.Of(contact.Members) is var theirs && theirs.Outweighs(Island.Of(state.Members))
                ? $"{contact.Name} at {contact.Address} is in another cluster, which stays ({theirs.Size} members, first {theirs.Lowest})"
                : null,
        };
    }

    /// <summary>The first of those that work does it, or each would.</summary>
    private static string? InTheWay(JoinSettings settings, JoinState state, ContactHello[] there)
    {
        bool somebodyWaits = state.Members.Any(member => member.Reachable && member.Status is not (MemberStatus.Up or MemberStatus.Down or MemberStatus.Removed));
        bool ours = state.Members.Where(member => member is { Reachable: true, Status: MemberStatus.Up }).Select(member => member.Address).Min(StringComparer.Ordinal) == settings.Self;
        return somebodyWaits && ours
            ? state.Members.FirstOrDefault(member => member is { Reachable: false, Status: not MemberStatus.Down } && there.All(contact => contact.Address != member.Address))?.Address
            : null;
    }

    private static ContactHello[] Fresh(JoinSettings settings, JoinState state, TimeSpan now) =>
        [.. state.Heard.Values.Where(heard => now - heard.At < settings.Fresh).Select(heard => heard.Hello)];

    private static ClusterMember? Find(IEnumerable<ClusterMember> members, string address) => members.FirstOrDefault(member => member.Address == address);
}
