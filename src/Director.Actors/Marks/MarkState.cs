using System.Collections.Immutable;
using System.Globalization;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Marks;

/// <summary>
/// The mark rules in the order in which they apply: those of the configuration, then those that commands added. Only the latter are
/// decided on and journaled; the configuration's are what its file says, each time directord starts.
/// </summary>
public sealed record MarkState
{
    public static readonly MarkState Empty = new();

    /// <summary><c>director.firewall-marks</c>.</summary>
    public ImmutableArray<MarkRule> Configured { get; init; } = [];

    public ImmutableArray<MarkRule> Added { get; init; } = [];

    /// <summary><c>director.interfaces</c>: packets come in by these.</summary>
    public ImmutableArray<string> Interfaces { get; init; } = [];

    public IEnumerable<MarkRule> All => Configured.Concat(Added);

    public Decision Decide(DirectorCommand command) => command switch
    {
        AddMarks add => Add(add.Rules),
        DeleteMarks delete => Delete(delete.Rules),
        DeleteMark delete => Delete(delete.Number),
        ClearMarks => Added.IsEmpty ? Decision.Nothing : Decision.Accept(new MarksCleared()),
        _ => throw new ArgumentException($"{command.GetType().Name} is not a command of the mark rules", nameof(command)),
    };

    public MarkState Apply(MarkEvent happened) => happened switch
    {
        MarkAdded added => this with { Added = Added.Add(added.Rule) },
        MarkDeleted deleted => this with { Added = Added.Remove(deleted.Rule) },
        MarksCleared => this with { Added = [] },
        MarksPut put => this with { Added = [.. put.Rules] },
        _ => throw new ArgumentException($"{happened.GetType().Name} is not an event of the mark rules", nameof(happened)),
    };

    public MarkEntry[] List()
    {
        List<MarkRule> before = [];
        List<MarkEntry> entries = [];
        foreach (MarkRule rule in All)
        {
            MarkOrigin origin = before.Count < Configured.Length ? MarkOrigin.Configuration : MarkOrigin.Command;
            entries.Add(new MarkEntry(before.Count + 1, rule, origin, NeverArrives(rule) ?? rule.UselessBehind(before)));
            before.Add(rule);
        }
        return [.. entries];
    }

    /// <summary>Rules that are of no use, for the status.</summary>
    public IEnumerable<string> Warnings() => List().Where(entry => entry.Warning is not null).Select(entry =>
        string.Create(CultureInfo.InvariantCulture, $"mark rule {entry.Number} ({entry.Rule}) is of no use: {entry.Warning}"));

    private Decision Add(MarkRule[] rules)
    {
        List<MarkRule> all = [.. All];
        foreach (MarkRule rule in rules)
        {
            if (NeverArrives(rule) is { } never)
                return Decision.Refuse(CommandError.InvalidOperation, $"{rule}: {never}");
            int place = all.IndexOf(rule);
            if (place >= 0)
                return Decision.Refuse(CommandError.MarkExists, string.Create(CultureInfo.InvariantCulture, $"{rule}: it is rule {place + 1} already"));
            all.Add(rule);
        }
        return new Decision(CommandResult.Done, [.. rules.Select(rule => new MarkAdded(rule))]);
    }

    private Decision Delete(MarkRule[] rules)
    {
        ImmutableArray<MarkRule> left = Added;
        foreach (MarkRule rule in rules)
        {
            if (!left.Contains(rule))
                return Configured.Contains(rule) ? OfConfiguration(rule) : Decision.Refuse(CommandError.NoSuchMark, $"{rule}: there is no such rule");
            left = left.Remove(rule);
        }
        return new Decision(CommandResult.Done, [.. rules.Select(rule => new MarkDeleted(rule))]);
    }

    private Decision Delete(int number)
    {
        MarkRule[] all = [.. All];
        return number < 1 || number > all.Length
                ? Decision.Refuse(CommandError.NoSuchMark, string.Create(CultureInfo.InvariantCulture, $"there is no rule {number}; there are {all.Length}"))
            : number <= Configured.Length ? OfConfiguration(all[number - 1])
            : Decision.Accept(new MarkDeleted(all[number - 1]));
    }

    /// <summary>Why no packet that the director sees can match; null if one can.</summary>
    public string? NeverArrives(MarkRule rule) => rule.CanArriveAt(Interfaces)
        ? null
        : $"{(rule.Interface!.Negated ? "! " : "")}-i {rule.Interface.Name} is none of director.interfaces ({string.Join(", ", Interfaces)})";

    private static Decision OfConfiguration(MarkRule rule) => Decision.Refuse(
        CommandError.InvalidOperation, $"{rule}: it stands in the configuration (director.firewall-marks); remove it there and restart");
}
