namespace Director.Dataplane.Election;

/// <summary>Asks twice whether anybody owns (RFC 5227 section 2.1.1, faster), and claims if nobody objects.</summary>
internal static class Probing
{
    public static void Enter(ref ElectionTurn turn, ElectionReason reason)
    {
        turn.Become(ElectionPhase.Probing, reason);
        turn.State.ProbesSent = 0;
        Ask(ref turn);
    }

    public static void On(ref ElectionTurn turn, in ElectionInput input)
    {
        switch (input.Kind)
        {
            case ElectionInputKind.Time when turn.Now >= turn.State.DueAt:
                if (turn.State.ProbesSent < ElectionSettings.Probes)
                    Ask(ref turn);
                else
                    Owner.Take(ref turn, ElectionReason.NobodyAnswered);
                break;
            case ElectionInputKind.ProbeSent:
                turn.State.ProbesSent++;
                turn.State.SpokenAt = turn.Now;
                turn.State.DueAt = turn.Now + turn.Settings.ProbeSpacing; // counts from when others could hear it
                break;
            case ElectionInputKind.SendFailed:
                Standby.Enter(ref turn, ElectionReason.SendFailed);
                turn.State.ProbeAt += turn.Settings.Silence; // others, who wait for a silence after a probe, go first
                break;
            case ElectionInputKind.Heard:
                OnHeard(ref turn, input.Message);
                break;
            case ElectionInputKind.Objection when Standby.Heed(ref turn, input):
                Standby.Enter(ref turn, ElectionReason.Objected);
                break;
            case ElectionInputKind.CarrierLost:
                Standby.Enter(ref turn, ElectionReason.CarrierLost);
                break;
            case ElectionInputKind.NotEligible:
                Standby.Enter(ref turn, ElectionReason.NotEligible);
                break;
            case ElectionInputKind.Resign when input.Reason == ElectionReason.Stopping:
                Standby.Enter(ref turn, ElectionReason.Stopping);
                break;
            case ElectionInputKind.Resign:
                turn.Do(ElectionAction.Refused);
                break;
        }
    }

    private static void OnHeard(ref ElectionTurn turn, in ElectionMessage message)
    {
        switch (message.Kind)
        {
            case ElectionMessageKind.Announcement:
                turn.NoteOwner(message);
                Standby.Enter(ref turn, ElectionReason.OwnerHeard);
                break;
            case ElectionMessageKind.Hello when Standby.Relays(turn, message):
                Standby.Enter(ref turn, ElectionReason.OwnerHeard);
                break;
            case ElectionMessageKind.Probe:
                turn.State.RivalAt = turn.Now;
                // The better goes on; the worse hears its probes as this one does.
                if ((message.Priority, message.Id).CompareTo((turn.Settings.Priority, turn.Settings.Id)) > 0)
                    Standby.Enter(ref turn, ElectionReason.RivalProbed);
                break;
        }
    }

    private static void Ask(ref ElectionTurn turn)
    {
        turn.Do(ElectionAction.Probe);
        turn.State.DueAt = turn.Now + turn.Settings.ProbeSpacing;
    }
}
