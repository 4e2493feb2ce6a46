namespace Director.Dataplane.Control.Sessions;

/// <summary>What happened to a session.</summary>
public abstract record SessionInput;

public sealed record Open : SessionInput;

/// <summary>End the session; the engine goes on.</summary>
public sealed record Close : SessionInput;

/// <summary>The engine is about to be told to stop: its end is no death.</summary>
public sealed record Stop : SessionInput;

public sealed record Connected(int ProcessId, ulong Revision, bool HasMemory) : SessionInput;

public sealed record ConnectFailed(EngineFault Fault, string Reason) : SessionInput;

public sealed record Started : SessionInput;

public sealed record StartFailed(string Reason) : SessionInput;

public sealed record Adopted : SessionInput;

public sealed record AdoptFailed(string Reason) : SessionInput;

public sealed record Configured : SessionInput;

public sealed record ConfigureFailed(string Reason) : SessionInput;

public sealed record Owned : SessionInput;

public sealed record OwnFailed(string Reason) : SessionInput;

public sealed record Disconnected(string Reason) : SessionInput;

public sealed record WaitOver : SessionInput;

/// <summary>directord configured the engine: the next one is to be configured alike.</summary>
public sealed record ConfigurationGiven : SessionInput;

/// <summary>The engine's memory descriptors are in our hands.</summary>
public sealed record MemoryGiven : SessionInput;

public sealed record OwnershipGiven(bool Owner) : SessionInput;

/// <summary>A table change of the actors is live.</summary>
public sealed record TableApplied(ulong Revision) : SessionInput;
