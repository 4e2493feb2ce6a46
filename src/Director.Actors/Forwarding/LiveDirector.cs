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

    /// <summary>Null while there is none.</summary>
    public IForwardingEngine? Engine { get; init; }

    /// <summary>Why <see cref="Engine"/> is null.</summary>
    public string EngineTrouble { get; init; } = "the engine is starting";

    /// <summary>What an operator should know and mend, e.g. an address that another host answers for.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Engine up, table restored and live there, addresses owned.</summary>
    public bool Ready => Engine is not null;
}
