using System.Collections.Immutable;
using Director.Actors.Services;

namespace Director.Actors.Journal;

/// <summary>Asks the <see cref="JournalActor"/> to write these events, all or none. Answered with <see cref="Appended"/> or <see cref="AppendFailed"/>.</summary>
public sealed record Append(ImmutableArray<DirectorEvent> Events);

/// <param name="Sequence">Of the last event: it numbers the table's revisions, over restarts too.</param>
public sealed record Appended(ulong Sequence);

/// <summary>None of the events is kept (should some be after all, the recovery that follows shows them).</summary>
public sealed record AppendFailed(string Reason);

/// <summary>The journal to its parent, once: what it holds.</summary>
public sealed record Recovered(ServiceTable Table, ulong Sequence);

/// <summary>The journal to its parent: it cannot be read.</summary>
public sealed record RecoveryFailed(Exception Cause);
