namespace Director.Dataplane.Control;

/// <summary>Something that the engine tells by itself.</summary>
public abstract record EngineEvent;

/// <summary>A line for directord's log.</summary>
public sealed record EngineLogLine(EngineLogLevel Level, string Text) : EngineEvent;

/// <summary>There is no engine any more, or no way to it.</summary>
public sealed record EngineLost(string Reason) : EngineEvent;

public enum EngineLogLevel : byte
{
    Debug = 1,
    Information = 2,
    Warning = 3,
    Error = 4,
}
