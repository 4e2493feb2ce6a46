using Director.Dataplane.Connections;
using Director.Model;

namespace Director.Dataplane.Marks;

/// <summary>
/// The director's mark rules, compiled: gives a packet its firewall mark as mangle/PREROUTING would. Immutable; any thread reads.
/// <para>
/// A handful of rules is tried one by one. Of more, rules that look exactly at the same fields (the same masks of addresses,
/// protocol or not, port or not) are a <see cref="MarkShape"/>, which finds its few candidates for a packet with one hash look-up;
/// candidates of all shapes are tried in the order of the rules. (Tuple space search: shapes are few where rules are many.)
/// </para>
/// <para>
/// Rules are tried from the last to the first: what a later rule says of a bit stands, so that the first match usually ends it.
/// </para>
/// </summary>
public sealed class MarkTable
{
    public static readonly MarkTable Empty = new([], []);

    /// <summary>Trying so many costs no more than hashing.</summary>
    private const int Handful = 8;

    /// <summary>Bounds the work for a packet; rules of rarer shapes are tried one by one.</summary>
    private const int MostShapes = 16;

    private readonly CompiledMarkRule[] _rules;
    private readonly MarkShape[] _shapes;

    private MarkTable(CompiledMarkRule[] rules, MarkShape[] shapes) => (_rules, _shapes) = (rules, shapes);

    /// <summary>No packet gets a mark.</summary>
    public bool IsEmpty => _rules.Length == 0;

    /// <param name="rules">In the order in which they apply.</param>
    /// <param name="interfaces"><c>director.interfaces</c>: a packet's interface is known by its position there.</param>
    public static MarkTable Compile(IReadOnlyList<MarkRule> rules, IReadOnlyList<string> interfaces)
    {
        CompiledMarkRule[] compiled = [.. rules.Where(rule => rule.CanArriveAt(interfaces)).Select(rule => new CompiledMarkRule(rule, interfaces))];
        if (compiled.Length <= Handful)
            return new MarkTable(compiled, []);
        Dictionary<MarkShapeKey, List<int>> members = [];
        for (int i = 0; i < compiled.Length; i++)
        {
            MarkShapeKey key = MarkShapeKey.Of(compiled[i]);
            if (!members.TryGetValue(key, out List<int>? places))
                members.Add(key, places = []);
            places.Add(i);
        }
        if (members.Count > MostShapes)
            members = Merged(members);
        return new MarkTable(compiled, [.. members.Select(shape => new MarkShape(shape.Key, shape.Value, compiled))]);
    }

    /// <summary>The packet's mark after every rule.</summary>
    /// <param name="flow">As the packet came in.</param>
    /// <param name="hasPorts">False in what has none, later fragments too: rules about ports do not match there.</param>
    /// <param name="interfacePosition">Of the interface that it came in by.</param>
    /// <param name="mark">What it had before the first rule.</param>
    public uint Mark(in FlowKey flow, bool hasPorts, int interfacePosition, uint mark = 0)
    {
        MarkResult result = new();
        if (_shapes.Length > 0)
        {
            TryCandidates(flow, hasPorts, interfacePosition, ref result);
            return result.Of(mark);
        }
        for (int i = _rules.Length - 1; i >= 0 && !result.IsWhole; i--)
        {
            if (_rules[i].Matches(flow, hasPorts, interfacePosition))
                result.Before(_rules[i].Action);
        }
        return result.Of(mark);
    }

    // Every shape's candidates come last rule first; the latest of their heads is the next to try.
    private void TryCandidates(in FlowKey flow, bool hasPorts, int interfacePosition, ref MarkResult result)
    {
        Span<int> heads = stackalloc int[MostShapes];
        for (int i = 0; i < _shapes.Length; i++)
            heads[i] = _shapes[i].First(flow);
        while (!result.IsWhole)
        {
            int latest = -1;
            int rule = -1;
            for (int i = 0; i < _shapes.Length; i++)
            {
                if (heads[i] >= 0 && _shapes[i].RuleAt(heads[i]) is var candidate && candidate > rule)
                    (latest, rule) = (i, candidate);
            }
            if (latest < 0)
                return;
            heads[latest] = _shapes[latest].After(heads[latest]);
            if (_rules[rule].Matches(flow, hasPorts, interfacePosition))
                result.Before(_rules[rule].Action);
        }
    }

    // The rarest shapes become the one that looks at nothing.
    private static Dictionary<MarkShapeKey, List<int>> Merged(Dictionary<MarkShapeKey, List<int>> members)
    {
        KeyValuePair<MarkShapeKey, List<int>>[] byCount = [.. members.Where(shape => shape.Key != default).OrderByDescending(shape => shape.Value.Count)];
        Dictionary<MarkShapeKey, List<int>> merged = new(byCount.Take(MostShapes - 1));
        merged.Add(default, [.. byCount.Skip(MostShapes - 1).SelectMany(shape => shape.Value).Concat(members.GetValueOrDefault(default, [])).Order()]);
        return merged;
    }

    /// <summary>What is known of the mark from the last rule back: bits that a rule before may still change, and bits flipped.</summary>
    private ref struct MarkResult
    {
        private uint _open = uint.MaxValue;
        private uint _flip;

        public MarkResult()
        {
        }

        public readonly bool IsWhole => _open == 0;

        public void Before(MarkAction action)
        {
            _flip ^= action.Value & _open;
            _open &= ~action.Mask;
        }

        public readonly uint Of(uint mark) => (mark & _open) ^ _flip;
    }
}
