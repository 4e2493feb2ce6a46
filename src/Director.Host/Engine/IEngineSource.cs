using Director.Actors.Forwarding;
using Director.Dataplane.Control;

namespace Director.Host.Engine;

/// <summary>Where directord's engine comes from: a process of its own (<see cref="EngineProcessSource"/>), or memory in tests.</summary>
public interface IEngineSource : IAsyncDisposable
{
    /// <summary>Attaches to the engine, or starts one.</summary>
    /// <param name="resync">To be called when the engine has lost the table that it was given.</param>
    /// <param name="told">Takes what the engine tells, but for log lines; from any thread.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EngineException">There is none to be had; what to do.</exception>
    Task<EngineUp> OpenAsync(Action resync, Action<EngineEvent> told, CancellationToken cancellation);

    /// <summary>The director could not start: ends the engine if it was started for it. One that was there before goes on.</summary>
    Task UndoOpenAsync(CancellationToken cancellation);

    /// <summary>Releases the addresses and ends the engine. Without it, disposing leaves the engine forwarding.</summary>
    Task StopAsync(CancellationToken cancellation);
}
