using System.Collections.Immutable;
using Director.Model;

namespace Director.Host.Configuration;

/// <summary><c>director.firewall-marks</c>: a list of mark rules in iptables' notation.</summary>
internal static class MarkSection
{
    private const string Key = "firewall-marks";

    /// <param name="director">The section that has the list.</param>
    /// <param name="interfaces"><c>director.interfaces</c>: a rule for other ones would never match.</param>
    public static MarkRule[] Read(Section director, string[] interfaces)
    {
        List<MarkRule> rules = [];
        string[] texts = director.Texts(Key);
        for (int i = 0; i < texts.Length; i++)
        {
            string key = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Key}[{i}]");
            if (texts[i].Length == 0)
                continue;
            if (!MarkRule.TryParse(texts[i], out ImmutableArray<MarkRule> parsed, out string? error))
                director.Wrong(key, error);
            foreach (MarkRule rule in parsed)
            {
                if (!rule.CanArriveAt(interfaces))
                    director.Wrong(key, $"{(rule.Interface!.Negated ? "! " : "")}-i {rule.Interface.Name} is none of director.interfaces");
                else if (rules.Contains(rule))
                    director.Wrong(key, $"'{rule}' stands in the list already");
                rules.Add(rule);
            }
        }
        return [.. rules];
    }
}
