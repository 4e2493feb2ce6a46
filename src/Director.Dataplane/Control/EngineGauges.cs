namespace Director.Dataplane.Control;

/// <summary>Names among the engine's counters (<see cref="Model.EngineStatus"/>) that stand for a state: they go down again.</summary>
public static class EngineGauges
{
    /// <summary>Local ports of full NAT that connections have, over all servers.</summary>
    public const string LocalPortsInUse = nameof(LocalPortsInUse);

    /// <summary>All of them: ports times local addresses times servers.</summary>
    public const string LocalPortsCapacity = nameof(LocalPortsCapacity);

    /// <summary>How much of its local ports the server has used that has used most, in per cent.</summary>
    public const string LocalPortsFullestPercent = nameof(LocalPortsFullestPercent);

    /// <summary>Connections that got no port since the engine started. This one only grows.</summary>
    public const string LocalPortsRefused = nameof(LocalPortsRefused);
}
