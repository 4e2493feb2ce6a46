using System.Collections.Immutable;

namespace Director.Model;

/// <summary>Whose ports a rule looks at.</summary>
public enum PortSide : byte
{
    Source = 0,
    Destination = 1,
    /// <summary><c>--ports</c>: one of them, whichever.</summary>
    Either = 2,
}

/// <summary>Ports from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct PortRange(ushort First, ushort Last)
{
    public bool Contains(ushort port) => port >= First && port <= Last;

    public override string ToString() => FormattableString.Invariant(First == Last ? $"{First}" : (FormattableString)$"{First}:{Last}");
}

/// <summary>Ports of a rule: those in one of <paramref name="Ranges"/>, or with <paramref name="Negated"/> those in none.</summary>
public sealed record PortMatch(PortSide Side, ImmutableArray<PortRange> Ranges, bool Negated)
{
    /// <summary>Most ports that <c>-m multiport</c> takes; a range counts as two.</summary>
    public const int MostPorts = 15;

    /// <summary>Written as <c>--sport</c> or <c>--dport</c> rather than with <c>-m multiport</c>.</summary>
    internal bool IsSingle => Side != PortSide.Either && Ranges.Length == 1;

    /// <summary>As the kernel does: <c>! --ports</c> is that neither is in a range.</summary>
    public bool Matches(ushort source, ushort destination) => Side switch
    {
        PortSide.Source => Contains(source),
        PortSide.Destination => Contains(destination),
        _ => Contains(source) || Contains(destination),
    } != Negated;

    /// <summary>Whether a range has it.</summary>
    public bool Contains(ushort port)
    {
        foreach (PortRange range in Ranges)
        {
            if (range.Contains(port))
                return true;
        }
        return false;
    }

    public override string ToString() => string.Join(',', Ranges);

    /// <summary>Whether any two ports are left by all of them.</summary>
    internal static bool CanMatch(IReadOnlyCollection<PortMatch> all) => Leaves(all, PortSide.Source) && Leaves(all, PortSide.Destination);

    // Between the edges of the ranges nothing changes, so looking at the edges is enough.
    private static bool Leaves(IReadOnlyCollection<PortMatch> all, PortSide side)
    {
        PortMatch[] bounds = [.. all.Where(match => match.Side == side || (match.Side == PortSide.Either && match.Negated))];
        IEnumerable<int> edges = bounds.SelectMany(match => match.Ranges).SelectMany(range => (int[])[range.First, range.Last + 1]).Append(0);
        return edges.Any(port => port <= ushort.MaxValue && bounds.All(match => match.Contains((ushort)port) != match.Negated));
    }
}
