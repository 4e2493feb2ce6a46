using System.Collections.Immutable;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>What a command comes to: events, or the reason why not and no event. Done without events: nothing to change.</summary>
public readonly record struct Decision(CommandResult Result, ImmutableArray<DirectorEvent> Events)
{
    public static readonly Decision Nothing = new(CommandResult.Done, []);

    public static Decision Accept(DirectorEvent happened) => new(CommandResult.Done, [happened]);

    public static Decision Refuse(CommandError error, string? detail = null) => new(new CommandResult(error, detail), []);

    public static Decision Refuse(CommandResult why) => new(why, []);
}
