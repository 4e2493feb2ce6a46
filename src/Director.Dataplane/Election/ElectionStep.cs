namespace Director.Dataplane.Election;

/// <summary>
/// Who owns the addresses of a group: a director's part in the election, as a function. docs/election.md has the transition table
/// and says why two never own at once. Allocates nothing.
/// </summary>
public static class ElectionStep
{
    /// <summary>Epochs reserved ahead at a time; again when half of them are left.</summary>
    public const ulong ReservedAhead = 64;

    private const long ReservationRetry = 1_000_000;

    /// <summary>
    /// One step. The thread that runs it: waits until <see cref="ElectionState.NextAt"/> or for a message; reads all that waits in its
    /// sockets and steps with each; steps with Time; after each step publishes <see cref="ElectionState.LeaseUntil"/> and does what
    /// the actions say, in their order.
    /// </summary>
    /// <param name="now">Read just before the step.</param>
    /// <param name="actions">What to do.</param>
    /// <returns>The next state.</returns>
    public static ElectionState Step(
        in ElectionSettings settings, in ElectionState state, in ElectionInput input, long now, out ElectionActions actions)
    {
        ElectionTurn turn = new(settings, state, now);
        if (turn.State.Phase == ElectionPhase.Owner)
            Owner.Lapse(ref turn);
        else if (turn.Overslept)
            WakeUp(ref turn);
        if (input.Kind == ElectionInputKind.Heard && input.Message.Id == settings.Id)
            turn.Alarm(ElectionAlarm.DuplicateId);
        else
            On(ref turn, input);
        Reserve(ref turn);
        // Never past: one that may probe at last is due now, and has not overslept.
        turn.State.NextAt = Math.Max(now, turn.State.Phase switch
        {
            ElectionPhase.Standby => Standby.NextAt(turn),
            ElectionPhase.Probing => turn.State.DueAt,
            _ => Owner.NextAt(turn),
        });
        actions = turn.Actions;
        return turn.State;
    }

    private static void On(ref ElectionTurn turn, in ElectionInput input)
    {
        Note(ref turn, input);
        switch (turn.State.Phase)
        {
            case ElectionPhase.Standby:
                Standby.On(ref turn, input);
                break;
            case ElectionPhase.Probing:
                Probing.On(ref turn, input);
                break;
            default:
                Owner.On(ref turn, input);
                break;
        }
    }

    private static void WakeUp(ref ElectionTurn turn)
    {
        if (turn.State.Phase == ElectionPhase.Probing)
            Standby.Enter(ref turn, ElectionReason.Stalled);
        Standby.WakeUp(ref turn);
    }

    /// <summary>What an input says, whatever the phase.</summary>
    private static void Note(ref ElectionTurn turn, in ElectionInput input)
    {
        ref ElectionState state = ref turn.State;
        switch (input.Kind)
        {
            case ElectionInputKind.Heard:
                state.EpochSeen = Math.Max(state.EpochSeen, input.Message.Epoch);
                state.Peers.Note(input.Message, turn.Now);
                break;
            case ElectionInputKind.EpochSeen:
                state.EpochSeen = Math.Max(state.EpochSeen, input.Number);
                break;
            case ElectionInputKind.EpochsReserved:
                state.ReservedUntil = Math.Max(state.ReservedUntil, input.Number);
                state.Reserving = 0;
                break;
            case ElectionInputKind.ReservationFailed:
                state.Reserving = 0;
                state.ReserveAt = turn.Now + ReservationRetry;
                turn.Alarm(ElectionAlarm.ReservationFailed);
                break;
            case ElectionInputKind.Eligible or ElectionInputKind.NotEligible:
                state.IsEligible = input.Kind == ElectionInputKind.Eligible;
                break;
            case ElectionInputKind.Resign when input.Reason == ElectionReason.Stopping:
                state.IsEligible = false;
                break;
            case ElectionInputKind.Synced or ElectionInputKind.NotSynced:
                state.IsSynced = input.Kind == ElectionInputKind.Synced;
                break;
            case ElectionInputKind.CarrierLost or ElectionInputKind.CarrierFound:
                state.HasCarrier = input.Kind == ElectionInputKind.CarrierFound;
                break;
            case ElectionInputKind.Fit or ElectionInputKind.Unfit:
                state.IsFit = input.Kind == ElectionInputKind.Fit;
                break;
            case ElectionInputKind.PeerGone or ElectionInputKind.PeerDead:
                state.Peers.Forget(input.Number);
                break;
        }
    }

    private static void Reserve(ref ElectionTurn turn)
    {
        ref ElectionState state = ref turn.State;
        if (state.Reserving != 0 || turn.Now < state.ReserveAt || state.ReservedUntil >= state.EpochSeen + (ReservedAhead / 2))
            return;
        state.Reserving = state.EpochSeen + ReservedAhead;
        turn.Actions.ReserveUntil = state.Reserving;
        turn.Do(ElectionAction.Reserve);
    }
}
