using System.Collections.Immutable;
using Director.Actors.Services;
using Director.Dataplane.Control;

namespace Director.Actors.Forwarding;

/// <summary>
/// What readers see, in one immutable snapshot behind one reference: a listing never waits for an actor. The
/// <see cref="ForwardingActor"/> is the only writer.
/// </summary>
public sealed class LiveDirector
{
    private volatile LiveSnapshot _current = new();

    public LiveSnapshot Current => _current;

    internal void Set(LiveSnapshot snapshot) => _current = snapshot;
}

public sealed record LiveSnapshot
{
    public ServiceTable Table { get; init; } = ServiceTable.Empty;

    public ulong Revision { get; init; }

    /// <summary>The engine, as long as it can be asked; null while it restarts, or before the first.</summary>
    public IForwardingEngine? Engine => Attached is { } attached && attached.Serves() ? attached.Engine : null;

    /// <summary>Why <see cref="Engine"/> is null, and what to do.</summary>
    public string Trouble => Attached is null ? Failure ?? "the engine is starting" : "the engine is restarting: try again in a moment";

    /// <summary>What an operator should know and mend, e.g. an address that another host answers for.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Engine up, table restored and live there, addresses owned.</summary>
    public bool Ready => Engine is not null;

    internal EngineUp? Attached { get; init; }

    /// <summary>Why no engine could be attached.</summary>
    internal string? Failure { get; init; }
}
