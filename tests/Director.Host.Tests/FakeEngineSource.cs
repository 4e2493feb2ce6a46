using Director.Actors.Forwarding;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Host.Engine;

namespace Director.Host.Tests;

/// <summary>An engine in memory where directord looks for a process.</summary>
internal sealed class FakeEngineSource(FakeEngine engine) : IEngineSource
{
    /// <summary>Set: there is no engine to be had.</summary>
    public string? Failure { get; init; }

    public Task<EngineUp> OpenAsync(Action resync, Action<EngineEvent> told, CancellationToken cancellation) => Failure is null
        ? Task.FromResult(new EngineUp(engine, () => engine.Serves))
        : throw new EngineException(Failure);

    public Task UndoOpenAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation) => engine.StopAsync(cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
