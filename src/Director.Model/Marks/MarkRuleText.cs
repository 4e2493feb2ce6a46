using System.Globalization;
using System.Text;

namespace Director.Model;

/// <summary>Writes a rule as iptables-save orders it; marks as ipvsadm -f takes them.</summary>
internal static class MarkRuleText
{
    public static string Of(MarkRule rule)
    {
        StringBuilder text = new();
        // The family stands there only if nothing else of the rule says it.
        if (rule.Family is { } family && rule.Source is null && rule.Destination is null && rule.Protocol?.OnlyFamily is null)
            text.Append(family == System.Net.Sockets.AddressFamily.InterNetwork ? "-4 " : "-6 ");
        if (rule.Source is { } source)
            Append(text, source.Negated, "-s", source.ToString());
        if (rule.Destination is { } destination)
            Append(text, destination.Negated, "-d", destination.ToString());
        if (rule.Interface is { } arrived)
            Append(text, arrived.Negated, "-i", arrived.Name);
        if (rule.Protocol is { } protocol)
            Append(text, protocol.Negated, "-p", protocol.Name);
        AppendPorts(text, rule);
        if (rule.Comment is { } comment)
            Append(text, false, "-m comment --comment", MarkRuleWords.Quote(comment));
        return text.Append(CultureInfo.InvariantCulture, $"-j MARK {rule.Action}").ToString();
    }

    // One range is --dport, which each side may have once; anything more is multiport's.
    private static void AppendPorts(StringBuilder text, MarkRule rule)
    {
        HashSet<PortSide> plain = [];
        foreach (PortMatch ports in rule.Ports)
        {
            bool single = ports.IsSingle && plain.Add(ports.Side);
            text.Append(single ? "" : "-m multiport ");
            Append(text, ports.Negated, NameOf(ports.Side, single), ports.ToString());
        }
    }

    private static string NameOf(PortSide side, bool single) => (side, single) switch
    {
        (PortSide.Source, true) => "--sport",
        (PortSide.Destination, true) => "--dport",
        (PortSide.Source, false) => "--sports",
        (PortSide.Destination, false) => "--dports",
        _ => "--ports",
    };

    private static void Append(StringBuilder text, bool negated, string option, string value) =>
        text.Append(negated ? "! " : "").Append(option).Append(' ').Append(value).Append(' ');
}
