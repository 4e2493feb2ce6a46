using System.Collections.Immutable;
using Director.Actors.Marks;
using Director.Actors.Services;
using Director.Model;

namespace Director.Host.Marks;

/// <summary>What the host's own mark rules are to the director.</summary>
internal static class MarkTakeover
{
    /// <summary>What <c>director mark import</c> would add, has already, and leaves.</summary>
    public static MarkImportResult Plan(HostMarks host, MarkState ours)
    {
        List<MarkRule> added = [];
        List<MarkRule> known = [];
        List<LeftRule> left = [.. host.Left];
        foreach (MarkRule rule in host.Rules)
        {
            if (ours.All.Concat(added).Any(own => own.Covers(rule)))
                known.Add(rule);
            else if (ours.NeverArrives(rule) is { } never)
                left.Add(new LeftRule(rule.ToString(), never));
            else
                added.Add(rule);
        }
        return new MarkImportResult([.. added], [.. known], [.. left]);
    }

    /// <summary>
    /// Rules that look meant for the director and that it does not have: their mark is a service's of its, or their destination is an
    /// address of its.
    /// </summary>
    public static ImmutableArray<MarkRule> Missing(HostMarks host, ServiceTable table) =>
        [.. host.Rules.Where(rule => IsForServiceOf(table, rule) && !table.Marks.All.Any(own => own.Covers(rule)))];

    private static bool IsForServiceOf(ServiceTable table, MarkRule rule)
    {
        uint mark = rule.Action.Apply(0);
        bool named = mark != 0 && rule.Family is { } family && table.Find(ServiceKey.ForMark(mark, family)) is not null;
        return named || (rule.DestinationHost is { } destination && table.HasAddress(destination));
    }
}
