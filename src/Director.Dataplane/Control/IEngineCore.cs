namespace Director.Dataplane.Control;

/// <summary>All that the control socket needs of an engine.</summary>
public interface IEngineCore : IEngineCommands, IConnectionMemoryOwner, IDisposable;
