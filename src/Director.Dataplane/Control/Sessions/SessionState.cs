namespace Director.Dataplane.Control.Sessions;

public enum SessionPhase
{
    Idle,
    Connecting,
    Starting,
    Adopting,
    Configuring,
    /// <summary>The engine's table is not ours: the actors were asked for all of it.</summary>
    AwaitingTable,
    Owning,
    Attached,
    Waiting,
    Closed,
}

/// <summary>
/// What directord knows of its engine, and what the next engine would have to be told. Times are on a clock of the caller's
/// that only goes forward.
/// </summary>
/// <param name="MayStart">Whether we start an engine where none listens; else somebody else (systemd) does.</param>
public sealed record SessionState(bool MayStart)
{
    public SessionPhase Phase { get; init; }

    /// <summary>Of the engine attached last; 0 before the first.</summary>
    public int ProcessId { get; init; }

    /// <summary>What the engine said was live when it was attached.</summary>
    public ulong EngineRevision { get; init; }

    /// <summary>What was applied last through us; null as long as nothing was.</summary>
    public ulong? Revision { get; init; }

    public bool HoldsMemory { get; init; }

    public bool HasConfiguration { get; init; }

    /// <summary>Null as long as nobody said whether the engine shall own the addresses.</summary>
    public bool? Owner { get; init; }

    /// <summary>Failures in a row; a long life of an engine ends the row.</summary>
    public int Failures { get; init; }

    public TimeSpan AttachedAt { get; init; }

    public TimeSpan OpenedAt { get; init; }

    /// <summary>Whether <see cref="OpenSucceeded"/> was said.</summary>
    public bool Opened { get; init; }

    /// <summary>Whether calls may go to the engine now.</summary>
    public bool Serves => Phase is SessionPhase.AwaitingTable or SessionPhase.Owning or SessionPhase.Attached;

    /// <summary>Whether there is a connection that can be lost.</summary>
    public bool IsConnected => Serves || Phase is SessionPhase.Adopting or SessionPhase.Configuring;
}
