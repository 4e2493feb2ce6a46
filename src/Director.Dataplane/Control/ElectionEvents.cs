using Director.Model;

namespace Director.Dataplane.Control;

/// <summary>A signed frame of the election, to be carried to the other directors over the cluster link as it is: the second way.</summary>
public sealed record ElectionFrameSent(ReadOnlyMemory<byte> Frame) : EngineEvent;

/// <summary>What the election came to, after each change and once a second.</summary>
public sealed record OwnershipChanged(ElectionStatus Status) : EngineEvent;
