using System.Collections.Immutable;
using System.Net.Sockets;
using Director.Model;

namespace Director.Host.Marks;

/// <summary>
/// The rules of the host's own table mangle, chain PREROUTING: those that mark packets as ours would, and those that ours cannot say.
/// The kernel applies them behind the engine, to packets that the engine left alone.
/// </summary>
/// <param name="Rules">In their order, IPv4's before IPv6's.</param>
/// <param name="Left">Lines that are no mark rule of ours, and why.</param>
/// <param name="Trouble">Why they could not be read, or not all; null if they were.</param>
public sealed record HostMarks(ImmutableArray<MarkRule> Rules, ImmutableArray<LeftRule> Left, string? Trouble = null)
{
    public static readonly HostMarks None = new([], []);

    public HostMarks With(HostMarks more) =>
        new([.. Rules, .. more.Rules], [.. Left, .. more.Left], Trouble is null ? more.Trouble : more.Trouble is null ? Trouble : $"{Trouble}; {more.Trouble}");

    /// <summary>Reads what iptables-save (or ip6tables-save) writes; tables other than mangle are skipped.</summary>
    public static HostMarks Parse(string saved, AddressFamily family)
    {
        List<MarkRule> rules = [];
        List<LeftRule> left = [];
        string table = "";
        foreach (string line in saved.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith('*'))
                table = line[1..];
            if (table != "mangle" || !IsOfPrerouting(line))
                continue;
            if (MarkRule.TryParse(line, family, out ImmutableArray<MarkRule> parsed, out string? error))
                rules.AddRange(parsed);
            else
                left.Add(new LeftRule(line, error));
        }
        return new HostMarks([.. rules], [.. left]);
    }

    // Written with counters, the chain comes behind them: [12:3400] -A PREROUTING ...
    private static bool IsOfPrerouting(string line) =>
        line.Split(' ') is ["-A", "PREROUTING", ..] or [['[', ..], "-A", "PREROUTING", ..];
}
