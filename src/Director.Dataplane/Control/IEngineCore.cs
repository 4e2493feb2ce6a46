namespace Director.Dataplane.Control;

/// <summary>All that the control socket needs of an engine.</summary>
public interface IEngineCore : IEngineCommands, IConnectionMemoryOwner, IDisposable
{
    /// <summary>What directord is told while one is attached; raised on any thread.</summary>
    event Action<EngineEvent>? Occurred;
}
