namespace Director.Dataplane.FastPath;

/// <summary>
/// Tells when no program runs any more that began before a moment (RCU's grace period). Asking and looking never wait; one period at a
/// time.
/// </summary>
public interface IGracePeriods
{
    /// <summary>The number of the last period that ended.</summary>
    long Ended { get; }

    /// <summary>Begins the period of this number, one more than <see cref="Ended"/>, if it has not begun.</summary>
    void Begin(long number);
}
