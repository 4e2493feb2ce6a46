namespace Director.Dataplane.Election;

/// <summary>Announces, and owns as long as its announcements go out in time.</summary>
internal static class Owner
{
    /// <summary>Claims the next epoch. The lease begins with the first announcement.</summary>
    public static void Take(ref ElectionTurn turn, ElectionReason reason)
    {
        turn.Become(ElectionPhase.Owner, reason);
        turn.Do(ElectionAction.Take);
        turn.State.Epoch = ++turn.State.EpochSeen;
        // A full disk must not stop a take-over: the epoch is above all that live directors know in any case.
        if (turn.State.Epoch > turn.State.ReservedUntil)
            turn.Alarm(ElectionAlarm.EpochNotOnDisk);
        turn.State.OwnerId = turn.Settings.Id;
        turn.State.OwnerEpoch = turn.State.Epoch;
        turn.State.OwnerPriority = turn.Settings.Priority;
        turn.State.Changes.Add(turn.Now);
        turn.State.HoldUntil = 0;
        turn.State.LeaseUntil = 0;
        turn.State.FirstBy = turn.Now + turn.Settings.Slack;
        Announce(ref turn);
    }

    /// <summary>Before any input: an owner that did not announce in time has lost its lease, whatever else it would do.</summary>
    public static void Lapse(ref ElectionTurn turn)
    {
        if (turn.Now < Deadline(turn.State))
            return;
        Release(ref turn);
        // Nobody else can have claimed within a silence of its last word; later, somebody may.
        bool mayProbe = turn.CanProbe && (turn.Settings.Alone || turn.Now < turn.State.SpokenAt + turn.Settings.Silence);
        if (mayProbe)
            Probing.Enter(ref turn, ElectionReason.LeaseRanOut);
        else
            Standby.Enter(ref turn, ElectionReason.LeaseRanOut);
    }

    public static void On(ref ElectionTurn turn, in ElectionInput input)
    {
        switch (input.Kind)
        {
            case ElectionInputKind.Time:
                if (!StepAside(ref turn) && turn.Now >= turn.State.AnnounceAt)
                    Announce(ref turn);
                break;
            case ElectionInputKind.AnnouncementSent when input.At < Deadline(turn.State):
                turn.State.SpokenAt = input.At;
                turn.State.LeaseUntil = input.At + turn.Settings.Lease;
                turn.State.AnnounceAt = input.At + turn.Settings.AnnounceInterval;
                break;
            case ElectionInputKind.SendFailed:
                turn.State.AnnounceAt = turn.Now + turn.Settings.Slack;
                break;
            case ElectionInputKind.Heard:
                OnHeard(ref turn, input.Message);
                break;
            case ElectionInputKind.Objection when Standby.Heed(ref turn, input):
                Release(ref turn);
                Standby.Enter(ref turn, ElectionReason.Objected);
                break;
            case ElectionInputKind.ForeignClaim:
                Defend(ref turn);
                break;
            case ElectionInputKind.CarrierLost or ElectionInputKind.Unfit:
                StepAside(ref turn);
                break;
            case ElectionInputKind.Resign:
                OnResign(ref turn, input);
                break;
        }
    }

    public static long NextAt(in ElectionTurn turn) => Math.Min(turn.State.AnnounceAt, Deadline(turn.State));

    private static void OnHeard(ref ElectionTurn turn, in ElectionMessage message)
    {
        switch (message.Kind)
        {
            case ElectionMessageKind.Announcement when turn.IsHigher(message):
                Release(ref turn);
                turn.NoteOwner(message);
                Standby.Enter(ref turn, ElectionReason.Beaten);
                break;
            case ElectionMessageKind.Announcement or ElectionMessageKind.Probe:
                AnnounceSoon(ref turn);
                break;
            case ElectionMessageKind.Hello when MayPreempt(turn, message):
                HandOver(ref turn, message.Id, ElectionReason.Preempted);
                break;
        }
    }

    private static bool MayPreempt(in ElectionTurn turn, in ElectionMessage hello) =>
        (hello.Flags & StandbyFlags.Challenges) != 0 && hello.Priority > turn.Settings.Priority && turn.IsCalm
        && turn.State.Peers.Successor(hello.Id, turn.AliveSince) != 0;

    private static void OnResign(ref ElectionTurn turn, in ElectionInput input)
    {
        bool stops = input.Reason == ElectionReason.Stopping;
        ulong to = turn.State.Peers.Successor(input.Number, turn.AliveSince);
        if (to == 0 && stops)
            to = turn.State.Peers.Successor(0, turn.AliveSince);
        if (to != 0 || stops)
            HandOver(ref turn, to, input.Reason);
        else
            turn.Do(ElectionAction.Refused);
    }

    /// <summary>Something is lost that a standby still has.</summary>
    private static bool StepAside(ref ElectionTurn turn)
    {
        if (turn.State.IsFit && turn.State.HasCarrier)
            return false;
        ulong to = turn.State.Peers.Successor(0, turn.AliveSince);
        if (to == 0)
            return false;
        HandOver(ref turn, to, turn.State.HasCarrier ? ElectionReason.Unfit : ElectionReason.CarrierLost);
        return true;
    }

    private static void HandOver(ref ElectionTurn turn, ulong to, ElectionReason reason)
    {
        Release(ref turn);
        turn.State.EndedEpoch = Math.Max(turn.State.EndedEpoch, turn.State.Epoch);
        turn.Do(ElectionAction.TellResignation);
        turn.Actions.ResignTo = to;
        Standby.Enter(ref turn, reason);
        turn.State.HoldUntil = turn.Now + turn.Settings.Hold;
        turn.State.HelloAt = turn.Now + turn.Settings.AnnounceInterval; // at once, it could overtake the resignation
    }

    private static void Release(ref ElectionTurn turn)
    {
        turn.State.LeaseUntil = 0;
        turn.State.OwnerId = 0;
        turn.Do(ElectionAction.Release);
    }

    // RFC 5227 section 2.4: defended, not yielded; a foreign host is the operator's to find.
    private static void Defend(ref ElectionTurn turn)
    {
        if (turn.Now - turn.State.DefendedAt < ElectionSettings.DefendInterval)
            return;
        turn.State.DefendedAt = turn.Now;
        turn.Do(ElectionAction.Defend);
        turn.Alarm(ElectionAlarm.ForeignClaim);
    }

    private static void AnnounceSoon(ref ElectionTurn turn)
    {
        long soon = Math.Max(turn.Now, turn.State.SpokenAt + turn.Settings.AnswerSpacing);
        turn.State.AnnounceAt = Math.Min(turn.State.AnnounceAt, soon);
        if (turn.State.AnnounceAt <= turn.Now)
            Announce(ref turn);
    }

    private static void Announce(ref ElectionTurn turn)
    {
        turn.Do(ElectionAction.Announce);
        turn.State.AnnounceAt = turn.Now + turn.Settings.AnnounceInterval;
    }

    private static long Deadline(in ElectionState state) => state.LeaseUntil != 0 ? state.LeaseUntil : state.FirstBy;
}
