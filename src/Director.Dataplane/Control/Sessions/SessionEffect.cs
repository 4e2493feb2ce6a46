namespace Director.Dataplane.Control.Sessions;

/// <summary>What a session wants done; the outcome comes back as <see cref="SessionInput"/>.</summary>
public abstract record SessionEffect;

public sealed record ConnectToEngine : SessionEffect;

public sealed record StartEngine : SessionEffect;

/// <summary>Hand the connection memory of the engine before to this one.</summary>
public sealed record HandOverMemory : SessionEffect;

/// <summary>Configuration and timeouts as given last.</summary>
public sealed record Configure : SessionEffect;

/// <summary>The actors shall push the full table.</summary>
public sealed record AskForTable : SessionEffect;

public sealed record Own(bool Owner) : SessionEffect;

public sealed record Wait(TimeSpan Delay) : SessionEffect;

/// <summary>Let go of the connection, if there is one.</summary>
public sealed record Detach : SessionEffect;

public sealed record Tell(EngineLogLevel Level, string Text) : SessionEffect;

public sealed record OpenSucceeded : SessionEffect;

/// <summary>The first attach failed for good.</summary>
public sealed record OpenFailed(string Reason) : SessionEffect;
