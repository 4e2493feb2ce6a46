using System.Collections.Immutable;
using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>
/// Mark rules, each as the text that it is written with: iptables' notation lasts longer than a layout of ours would. Always one
/// rule a text, with numbers instead of names.
/// </summary>
public static class MarksFormat
{
    private const int SmallestText = 2;

    public static void Write(FrameWriter writer, MarkRule[] rules)
    {
        writer.Count(rules.Length);
        foreach (MarkRule rule in rules)
            writer.Text(rule.ToString());
    }

    public static MarkRule[] Read(ref FrameReader reader) => reader.Array(SmallestText, ReadRule);

    private static MarkRule ReadRule(ref FrameReader reader)
    {
        string text = reader.Text();
        if (MarkRule.TryParse(text, out ImmutableArray<MarkRule> rules, out string? error) && rules.Length == 1)
            return rules[0];
        reader.Break($"'{text}' is not a mark rule: {error ?? "it is several"}");
        return null!; // nobody sees it: what was read with a fault is thrown away
    }
}
