namespace Director.Dataplane.Control;

public enum EngineLogLevel : byte
{
    Debug = 1,
    Information = 2,
    Warning = 3,
    Error = 4,
}

/// <summary>Something that the engine tells by itself: so far a line for directord's log.</summary>
public sealed record EngineEvent(EngineLogLevel Level, string Text);
