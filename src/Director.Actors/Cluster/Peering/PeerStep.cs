namespace Director.Actors.Cluster.Peering;

/// <summary>
/// Who is a peer: who says hello, may be one (<see cref="PeerJudgement"/>) and is heard. Membership of the cluster plays no part: two
/// directors that hear each other work together while Akka still makes up its mind.
/// </summary>
/// <remarks>
/// | input | does |
/// |---|---|
/// | hello | up, if nothing stands against it; another incarnation than before: down and up |
/// | beat | heard; of an unknown incarnation: ignored, its hello will come |
/// | closed | down until it is heard again |
/// | leaving | down until its next incarnation |
/// | link lost | everybody down |
/// | hello that says, for <see cref="Deafness"/>, that we are not heard | the link is to be started anew |
/// | silence of <see cref="Silence"/> | down until it is heard again |
/// | silence of <see cref="Forgotten"/> | forgotten, with what was said against it |
/// </remarks>
public static class PeerStep
{
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Who does not hear for so long will not hear any more: of two connections that were opened in the same moment Akka.Remote
    /// may leave one that nobody reads from.
    /// </summary>
    public static readonly TimeSpan Deafness = TimeSpan.FromSeconds(4);

    public static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(10);

    /// <param name="self">What this director says of itself, now.</param>
    public static (AcquaintanceState State, List<PeerEffect> Effects) Step(ContactHello self, AcquaintanceState state, PeerInput input, TimeSpan now)
    {
        List<PeerEffect> effects = [];
        state = Hear(state, input, now, effects);
        if (input is PeerInput.Hello { Contact: var hello })
            state = Listen(self, state, hello, now, effects);
        ContactHello[] lately = [.. state.All.Values.Select(one => one.Hello)];
        foreach ((string address, Acquaintance one) in state.All)
        {
            Acquaintance settled = Settle(self, one, lately, now, effects);
            state = now - one.At >= Forgotten
                ? state with { All = state.All.Remove(address) }
                : state with { All = state.All.SetItem(address, settled) };
        }
        return (state, effects);
    }

    private static AcquaintanceState Hear(AcquaintanceState state, PeerInput input, TimeSpan now, List<PeerEffect> effects)
    {
        switch (input)
        {
            case PeerInput.Hello { Contact: var hello }:
                return Known(state, hello.Address) is { } before ? With(state, Again(before, hello, now, effects)) : With(state, new Acquaintance(hello, now));
            case PeerInput.Beat beat when Known(state, beat.Address) is { } beating && beating.Hello.Incarnation == beat.Incarnation && beating.Gone?.Reason != PeerDownReason.Left:
                return With(state, beating with { At = now, Gone = null });
            case PeerInput.Closed closed when Known(state, closed.Address) is { Gone: null } cut:
                return With(state, cut with { Gone = (PeerDownReason.Closed, "its side closed the connection") });
            case PeerInput.Leaving leaving when Known(state, leaving.Address) is { } going && going.Hello.Incarnation == leaving.Message.Incarnation:
                return With(state, going with { Gone = (PeerDownReason.Left, leaving.Message.Detail) });
            case PeerInput.LinkLost lost:
                foreach (Acquaintance one in state.All.Values.Where(one => one.Gone is null))
                    state = With(state, one with { Gone = (PeerDownReason.Silent, lost.Detail) });
                return state;
            default:
                return state;
        }
    }

    private static AcquaintanceState Listen(ContactHello self, AcquaintanceState state, ContactHello hello, TimeSpan now, List<PeerEffect> effects)
    {
        if (Known(state, hello.Address) is not { } one)
            return state;
        if (one.Up is null || hello.Hears.Contains(self.Incarnation))
            return With(state, one with { DeafSince = null });
        if (one.DeafSince is not { } since)
            return With(state, one with { DeafSince = now });
        if (now - since < Deafness)
            return state;
        effects.Add(new PeerEffect.Deaf(hello.Name));
        return With(state, one with { DeafSince = null });
    }

    private static Acquaintance Again(Acquaintance known, ContactHello hello, TimeSpan now, List<PeerEffect> effects)
    {
        if (known.Hello.Incarnation == hello.Incarnation)
            return known.Gone?.Reason == PeerDownReason.Left ? known : known with { Hello = hello, At = now, Gone = null };
        if (known.Up is { } before)
            effects.Add(new PeerEffect.Down(new PeerDown(before, PeerDownReason.Replaced, "it was started anew")));
        return known with { Hello = hello, At = now, Gone = null, Up = null };
    }

    private static Acquaintance Settle(ContactHello self, Acquaintance one, ContactHello[] lately, TimeSpan now, List<PeerEffect> effects)
    {
        Acquaintance settled = one with { Refusal = PeerJudgement.Refusal(self, one.Hello, lately), Remarks = PeerJudgement.Remarks(self, one.Hello) };
        if (settled.Gone is null && now - settled.At >= Silence)
            settled = settled with { Gone = (PeerDownReason.Silent, $"nothing was heard of it for {Silence.TotalSeconds:0} s") };
        if (settled.Refusal is { } refusal && refusal != one.Refusal)
            effects.Add(new PeerEffect.Report(refusal, IsError: true));
        foreach (string remark in settled.Remarks.Except(one.Remarks))
            effects.Add(new PeerEffect.Report(remark, IsError: false));

        bool up = settled.Gone is null && settled.Refusal is null;
        if (up && one.Up is null)
        {
            PeerInfo peer = Introduce(self, one.Hello);
            effects.Add(new PeerEffect.Up(peer));
            return settled with { Up = peer };
        }
        if (!up && one.Up is { } was)
        {
            (PeerDownReason reason, string detail) = settled.Gone ?? (PeerDownReason.Left, settled.Refusal!);
            effects.Add(new PeerEffect.Down(new PeerDown(was, reason, detail)));
            return settled with { Up = null };
        }
        return settled;
    }

    private static PeerInfo Introduce(ContactHello self, ContactHello it) => new(it.Name, it.Address, it.Incarnation, it.Protocols.Common(self.Protocols))
    {
        ConfigurationDigest = it.ConfigurationDigest,
        Interfaces = it.Interfaces,
    };

    private static Acquaintance? Known(AcquaintanceState state, string address) => state.All.GetValueOrDefault(address);

    private static AcquaintanceState With(AcquaintanceState state, Acquaintance one) => state with { All = state.All.SetItem(one.Hello.Address, one) };
}
