namespace Director.Dataplane.Control.Messages;

/// <summary>
/// The messages of the control socket (docs/engine-protocol.md). Numbers are for ever: append, never reuse.
/// The answer to a request has the request's number with <see cref="Answer"/> set, or is an <see cref="Error"/>.
/// </summary>
public enum MessageType : ushort
{
    None = 0,

    // Either side, or the engine by itself; correlation 0 except for Error.
    Hello = 1,
    Error = 2,
    Event = 3,
    /// <summary>The hello was accepted: the version that is spoken, the live revision, the connection memory's descriptors.</summary>
    Attached = 4,
    /// <summary>The connection memory is another one now; descriptors travel with it.</summary>
    Memory = 5,

    // Requests of directord.
    Adopt = 16,
    Configure = 17,
    Apply = 18,
    Probe = 19,
    Own = 20,
    Zero = 21,
    SetTimeouts = 22,
    Statistics = 23,
    Connections = 24,
    Status = 25,
    Stop = 26,
    SetMarks = 32,
    SetSettings = 33,
    SetElection = 34,

    // Of directord, without an answer.
    Hear = 35,
    Hint = 36,

    Answer = 0x8000,
}
