namespace Director.Dataplane.Election;

/// <summary>
/// Who owns the addresses of a group: a director's part in the election, as a function. docs/election.md has the transition table
/// and says why two never own at once. Allocates nothing.
/// </summary>
public static class ElectionStep
{
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
        actions = default;
        ElectionState next = state;
        if (input.Kind == ElectionInputKind.Time)
            next.NextAt = now + settings.AnnounceInterval;
        return next;
    }
}
