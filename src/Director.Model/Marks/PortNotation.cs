using System.Collections.Immutable;

namespace Director.Model;

/// <summary>Ports as iptables takes them: numbers, names of services, ranges with a colon, lists.</summary>
internal static class PortNotation
{
    /// <exception cref="MarkSyntaxException">The message lacks the option's name.</exception>
    public static ImmutableArray<PortRange> List(string text)
    {
        ImmutableArray<PortRange> ranges = [.. text.Split(',').Select(each => Range(each, openEnds: false))];
        return ranges.Sum(range => range.First == range.Last ? 1 : 2) <= PortMatch.MostPorts
            ? ranges
            : throw new MarkSyntaxException($"more than {PortMatch.MostPorts} ports (a range counts as two)");
    }

    /// <param name="openEnds">Whether <c>:90</c> and <c>1024:</c> reach to the first and the last port.</param>
    /// <exception cref="MarkSyntaxException">The message lacks the option's name.</exception>
    public static PortRange Range(string text, bool openEnds)
    {
        string[] ends = text.Split(':');
        if (ends.Length == 1)
            return new PortRange(Port(text), Port(text));
        if (ends.Length > 2)
            throw NoPort(text);
        ushort first = openEnds && ends[0].Length == 0 ? (ushort)0 : Port(ends[0]);
        ushort last = openEnds && ends[1].Length == 0 ? ushort.MaxValue : Port(ends[1]);
        return first <= last ? new PortRange(first, last) : throw new MarkSyntaxException($"the range '{text}' runs backwards");
    }

    private static ushort Port(string text) =>
        Number.TryParse(text, ushort.MaxValue, out uint number) ? (ushort)number
        : text.Length > 0 && !char.IsAsciiDigit(text[0]) && ServiceNames.PortOf(text) is { } known ? known
        : throw NoPort(text);

    private static MarkSyntaxException NoPort(string text) =>
        new($"'{text}' is not a port (0 to 65535, a range like 1000:2000, or a name of {ServiceNames.File})");
}
