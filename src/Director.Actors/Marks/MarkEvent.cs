using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Marks;

/// <summary>An event of the mark rules that commands add.</summary>
public abstract record MarkEvent : DirectorEvent;

/// <summary>The rule stands behind all others. Kept as its text: what <see cref="MarkRule"/> once read it must read for ever.</summary>
public sealed record MarkAdded(MarkRule Rule) : MarkEvent;

public sealed record MarkDeleted(MarkRule Rule) : MarkEvent;

public sealed record MarksCleared : MarkEvent;
