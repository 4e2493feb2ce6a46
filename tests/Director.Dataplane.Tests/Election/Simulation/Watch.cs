namespace Director.Dataplane.Tests.Election.Simulation;

/// <summary>
/// What must hold. A lease counts while the director is up, stopped or not. Two may hold one only if neither could know of the other:
/// in a total partition between them, and for a silence (M x I) after it.
/// </summary>
internal sealed class Watch(Simulation simulation)
{
    private readonly Dictionary<ulong, (int Director, long At)> _epochs = [];
    private bool _isDiskLost;
    private int _settled = -1;
    private long _ownedAt;

    public string? Violation { get; private set; }

    public void DiskLost() => _isDiskLost = true;

    /// <summary>A lease began or was renewed; it can overlap another only from such a moment on.</summary>
    public void Renewed(SimulatedDirector owner, long now)
    {
        foreach (SimulatedDirector other in simulation.Directors)
        {
            if (other != owner && other.Owns(now) && !simulation.Network.WereApart(owner.Index, other.Index, now - owner.Settings.Silence))
                Fail($"{owner.Settings.Id} and {other.Settings.Id} both own");
        }
        ulong epoch = owner.State.Epoch;
        if (!_epochs.TryAdd(epoch, (owner.Index, now)) && _epochs[epoch].Director != owner.Index)
            Reused(owner, epoch, _epochs[epoch]);
    }

    /// <summary>The time to settle is over.</summary>
    public void Settled(long now)
    {
        SimulatedDirector[] owners = [.. simulation.Directors.Where(director => director.Owns(now))];
        if (owners.Length != 1 && !simulation.Scenario.Preempt)
            Fail($"{owners.Length} owners in the calm");
        _settled = owners.Length == 1 ? owners[0].Index : -1;
        _ownedAt = now;
    }

    /// <summary>The owner stays, but for a hand-over to a better one that preempts.</summary>
    public void StillSettled(long now)
    {
        SimulatedDirector? owner = Array.Find(simulation.Directors, director => director.Owns(now));
        long gap = simulation.Scenario.Preempt ? 4 * simulation.Network.LongestDelay : 0;
        if (owner is null && now - _ownedAt > gap)
            Fail("nobody owns in the calm");
        if (owner is null)
            return;
        bool mayChange = simulation.Scenario.Preempt && owner.Index > _settled;
        if (owner.Index != _settled && !mayChange)
            Fail($"{owner.Settings.Id} took over in the calm");
        _settled = owner.Index;
        _ownedAt = now;
    }

    // Who was down, deaf or apart when an epoch was claimed cannot know of it; neither can who lost its disk.
    private void Reused(SimulatedDirector owner, ulong epoch, (int Director, long At) before)
    {
        bool couldKnow = owner.AttentiveSince < before.At && !_isDiskLost
            && !simulation.Network.WereApart(owner.Index, before.Director, before.At - owner.Settings.Silence);
        if (couldKnow)
            Fail($"{owner.Settings.Id} owns epoch {epoch} of {simulation.Directors[before.Director].Settings.Id}");
    }

    private void Fail(string violation)
    {
        simulation.Trace(null, violation);
        Violation ??= violation;
    }
}
