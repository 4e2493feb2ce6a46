namespace Director.Dataplane.Election;

/// <summary>Listens, says hello, and begins to probe when it hears nobody or knows that the owner is gone.</summary>
internal static class Standby
{
    /// <summary>From any phase; listens before it probes.</summary>
    public static void Enter(ref ElectionTurn turn, ElectionReason reason)
    {
        turn.Become(ElectionPhase.Standby, reason);
        turn.State.HelloAt = turn.Now;
        Listen(ref turn);
    }

    /// <summary>
    /// There was a sign of an owner or of a rival, or there may be one that this director missed: a whole silence from now, and
    /// a little more for each director that goes first.
    /// </summary>
    public static void Listen(ref ElectionTurn turn)
    {
        turn.State.HeardAt = turn.Now;
        turn.State.ProbeAt = turn.Now + turn.Settings.Silence + Stagger(turn);
        turn.State.ProbeReason = ElectionReason.Silence;
    }

    /// <summary>After a sleep: what waits in the sockets may be old, and what did not fit in there is lost.</summary>
    public static void WakeUp(ref ElectionTurn turn)
    {
        Listen(ref turn);
        turn.State.TrustAt = long.MaxValue;
        turn.State.HelloAt = turn.Now;
        if (turn.Settings.Alone)
            (turn.State.ProbeAt, turn.State.ProbeReason) = (turn.Now, ElectionReason.Alone);
    }

    public static void On(ref ElectionTurn turn, in ElectionInput input)
    {
        switch (input.Kind)
        {
            case ElectionInputKind.Time:
                // All that waited while this one slept has been read: the thread says time after it, however often it stalled again.
                if (turn.State.TrustAt == long.MaxValue)
                    turn.State.TrustAt = turn.Now + turn.Settings.AnnounceInterval;
                if (turn.CanProbe && turn.Now >= ProbeTime(turn))
                    Probing.Enter(ref turn, turn.State.ProbeReason);
                else if (turn.Now >= turn.State.HelloAt)
                    SayHello(ref turn);
                break;
            case ElectionInputKind.Heard:
                OnHeard(ref turn, input.Message);
                break;
            case ElectionInputKind.PeerDead when input.Number == turn.State.OwnerId:
                OwnerIsOver(ref turn);
                ProbeEarly(ref turn, turn.Now, ElectionReason.PeerDead);
                break;
            case ElectionInputKind.PeerGone when input.Number == turn.State.OwnerId:
                ProbeEarly(ref turn, Math.Max(turn.Now, turn.State.HeardAt + turn.Settings.Lease), ElectionReason.PeerGone);
                break;
            case ElectionInputKind.Objection:
                Heed(ref turn, input);
                break;
            case ElectionInputKind.StrangerOwns when turn.Now < turn.State.ObjectedUntil:
                turn.State.ObjectedUntil = turn.Now + ElectionSettings.ObjectionHolds;
                break;
            case ElectionInputKind.CarrierFound:
                Listen(ref turn); // the segment was not heard meanwhile
                break;
            case ElectionInputKind.Resign when input.Reason != ElectionReason.Stopping:
                turn.Do(ElectionAction.Refused);
                break;
        }
    }

    /// <summary>Lets a stranger be, for a while; asks again after it. False: its objection counts for nothing.</summary>
    public static bool Heed(ref ElectionTurn turn, in ElectionInput objection)
    {
        if (objection.Number == 0 && turn.HasTakenPart)
            return false;
        turn.State.ObjectedUntil = turn.Now + ElectionSettings.ObjectionHolds;
        return true;
    }

    public static long NextAt(in ElectionTurn turn)
    {
        if (turn.State.TrustAt == long.MaxValue)
            return turn.Now; // relays would put the next hello off for as long as there is an owner
        return turn.CanProbe ? Math.Min(turn.State.HelloAt, ProbeTime(turn)) : turn.State.HelloAt;
    }

    private static void OnHeard(ref ElectionTurn turn, in ElectionMessage message)
    {
        switch (message.Kind)
        {
            case ElectionMessageKind.Announcement:
                turn.NoteOwner(message);
                Listen(ref turn);
                Relay(ref turn);
                break;
            case ElectionMessageKind.Probe:
                turn.State.RivalAt = turn.Now;
                Listen(ref turn);
                break;
            case ElectionMessageKind.Hello when Relays(turn, message):
                Listen(ref turn);
                break;
            case ElectionMessageKind.Resignation:
                OnResignation(ref turn, message);
                break;
        }
    }

    /// <summary>Second-hand: a standby hears an owner that is not known to be over.</summary>
    public static bool Relays(in ElectionTurn turn, in ElectionMessage hello) =>
        hello.OtherId != 0 && hello.OtherId != turn.Settings.Id && hello.OtherEpoch > turn.State.EndedEpoch;

    private static void OnResignation(ref ElectionTurn turn, in ElectionMessage message)
    {
        bool isOwner = message.Id == turn.State.OwnerId && message.Epoch == turn.State.OwnerEpoch;
        if (!isOwner || turn.Now < turn.State.TrustAt)
            return;
        bool isFresh = turn.State.OwnerHeardAt >= turn.AliveSince && turn.State.RivalAt < turn.AliveSince;
        OwnerIsOver(ref turn);
        if (isFresh && message.OtherId == turn.Settings.Id && turn.CanProbe)
            Owner.Take(ref turn, ElectionReason.HandedOver);
        else if (isFresh && message.OtherId == 0)
            ProbeEarly(ref turn, turn.Now, ElectionReason.OwnerResigned);
        else
            Listen(ref turn); // the one that it names goes first
    }

    private static void OwnerIsOver(ref ElectionTurn turn)
    {
        turn.State.EndedEpoch = Math.Max(turn.State.EndedEpoch, turn.State.OwnerEpoch);
        turn.State.OwnerId = 0;
    }

    private static void ProbeEarly(ref ElectionTurn turn, long at, ElectionReason reason)
    {
        at += Stagger(turn);
        if (at >= turn.State.ProbeAt || turn.State.RivalAt >= turn.AliveSince)
            return;
        turn.State.ProbeAt = at;
        turn.State.ProbeReason = reason;
    }

    // So that two standbys seldom probe at once: the better goes first.
    private static long Stagger(in ElectionTurn turn)
    {
        int before = turn.State.Peers.Before(turn.Settings.Priority, turn.Settings.Id, turn.State.OwnerId, turn.AliveSince);
        return Math.Min(before, 3) * turn.Settings.Stagger;
    }

    private static long ProbeTime(in ElectionTurn turn)
    {
        long handicap = turn.State.IsFit || turn.Settings.Alone ? 0 : 2 * turn.Settings.Silence;
        return Math.Max(Math.Max(turn.State.ProbeAt, turn.State.HoldUntil) + handicap, turn.State.ObjectedUntil);
    }

    private static void SayHello(ref ElectionTurn turn)
    {
        turn.Do(ElectionAction.Hello);
        turn.Actions.Standby = turn.Standby;
        turn.State.HelloAt = turn.Now + turn.Settings.AnnounceInterval;
    }

    // At once, so that a third director's silence begins when this one's does. The next hello waits for the next announcement.
    private static void Relay(ref ElectionTurn turn)
    {
        bool isOfOwner = turn.State.OwnerHeardAt == turn.Now; // and not of a stale one beside it
        if (!isOfOwner || turn.Now - turn.State.RelayedAt < turn.Settings.AnnounceInterval / 2
            || !turn.State.Peers.HasStandby(turn.State.OwnerId, turn.AliveSince))
            return;
        SayHello(ref turn);
        turn.Do(ElectionAction.Relay);
        turn.State.RelayedAt = turn.Now;
        turn.State.HelloAt += turn.Settings.AnnounceInterval / 2;
    }
}
