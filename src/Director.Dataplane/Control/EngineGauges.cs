namespace Director.Dataplane.Control;

/// <summary>Names among the engine's counters (<see cref="Model.EngineStatus"/>) that stand for a state: they go down again.</summary>
public static class EngineGauges
{
    /// <summary>Directions of connections that the engine has handed over to the fast path. This one only grows.</summary>
    public const string FastPathFlows = nameof(FastPathFlows);

    /// <summary>Local ports of full NAT that connections have, over all servers.</summary>
    public const string LocalPortsInUse = nameof(LocalPortsInUse);

    /// <summary>All of them: ports times local addresses times servers.</summary>
    public const string LocalPortsCapacity = nameof(LocalPortsCapacity);

    /// <summary>How much of its local ports the server has used that has used most, in per cent.</summary>
    public const string LocalPortsFullestPercent = nameof(LocalPortsFullestPercent);

    /// <summary>Owner: milliseconds since the oldest batch was sent that a standby has not answered.</summary>
    public const string SyncLagMilliseconds = nameof(SyncLagMilliseconds);

    /// <summary>Owner: connections and templates that wait to be sent.</summary>
    public const string SyncWaiting = nameof(SyncWaiting);

    /// <summary>Owner: directors that it keeps in sync.</summary>
    public const string SyncStandbys = nameof(SyncStandbys);

    /// <summary>Owner: those of them that could take over with what they have.</summary>
    public const string SyncStandbysInSync = nameof(SyncStandbysInSync);

    /// <summary>Standby: 1 while its table is the owner's.</summary>
    public const string SyncInSync = nameof(SyncInSync);

    /// <summary>Standby: milliseconds since it last heard of the owner's table; absent before that.</summary>
    public const string SyncLastMilliseconds = nameof(SyncLastMilliseconds);

    /// <summary>1 while strict connections are made that no standby knows of.</summary>
    public const string SyncStrictDegraded = nameof(SyncStrictDegraded);

    /// <summary>One of connection sync's.</summary>
    public static bool IsOfSync(string name) => name
        is SyncLagMilliseconds or SyncWaiting or SyncStandbys or SyncStandbysInSync or SyncInSync or SyncLastMilliseconds or SyncStrictDegraded;

    /// <summary>Connections that got no port since the engine started. This one only grows.</summary>
    public const string LocalPortsRefused = nameof(LocalPortsRefused);

    /// <summary>Garbage collections of the engine, each of which stops it. This one only grows.</summary>
    public const string Collections = nameof(Collections);

    /// <summary>How long they stopped it, in all. This one only grows.</summary>
    public const string CollectionMilliseconds = nameof(CollectionMilliseconds);
}
