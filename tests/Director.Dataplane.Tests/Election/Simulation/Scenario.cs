namespace Director.Dataplane.Tests.Election.Simulation;

/// <summary>What is alike in the runs of one test; the rest comes from the seed.</summary>
/// <param name="Directors">Two or three.</param>
/// <param name="AnnounceInterval">Microseconds.</param>
/// <param name="Preempt">Priorities differ, and the better want to own.</param>
internal sealed record Scenario(int Directors, long AnnounceInterval, bool Preempt)
{
    /// <summary>Microseconds of faults.</summary>
    public long Storm => 50 * AnnounceInterval;

    /// <summary>How long it may take after the last fault until one director owns, in silences (M x I).</summary>
    public const int SettledAfterSilences = 6;

    /// <summary>Then nothing changes for so long, in silences.</summary>
    public int QuietSilences => Preempt ? 8 : 4;

    public override string ToString() => $"{Directors} directors, I = {AnnounceInterval / 1000} ms{(Preempt ? ", preempt" : "")}";
}
