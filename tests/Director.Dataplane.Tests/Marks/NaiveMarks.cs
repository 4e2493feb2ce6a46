using System.Net;
using Director.Dataplane.Connections;
using Director.Model;

namespace Director.Dataplane.Tests.Marks;

/// <summary>What netfilter does, word by word: each rule in order, each condition by itself, addresses byte by byte.</summary>
internal static class NaiveMarks
{
    public static uint Mark(IEnumerable<MarkRule> rules, in FlowKey flow, bool hasPorts, string arrived, uint mark = 0)
    {
        foreach (MarkRule rule in rules)
        {
            if (Matches(rule, flow, hasPorts, arrived))
                mark = (mark & ~rule.Action.Mask) ^ rule.Action.Value;
        }
        return mark;
    }

    private static bool Matches(MarkRule rule, FlowKey flow, bool hasPorts, string arrived)
    {
        IPAddress source = flow.Source.ToIPAddress(), destination = flow.Destination.ToIPAddress();
        bool family = rule.Family is null || rule.Family == destination.AddressFamily;
        bool protocol = rule.Protocol is null || (rule.Protocol.Number == flow.Protocol) != rule.Protocol.Negated;
        bool device = rule.Interface is null || Matches(rule.Interface, arrived);
        bool ports = rule.Ports.All(match => hasPorts && Matches(match, flow.SourcePort, flow.DestinationPort));
        return family && protocol && device && ports && Matches(rule.Source, source) && Matches(rule.Destination, destination);
    }

    private static bool Matches(AddressMatch? match, IPAddress address)
    {
        if (match is null)
            return true;
        byte[] bytes = address.GetAddressBytes(), network = match.Network.GetAddressBytes(), mask = match.Mask.GetAddressBytes();
        bool same = bytes.Length == network.Length && bytes.Zip(mask, (value, bits) => (byte)(value & bits)).SequenceEqual(network);
        return same != match.Negated;
    }

    private static bool Matches(InterfaceMatch match, string name)
    {
        bool same = match.Name[^1] == '+' ? name.StartsWith(match.Name[..^1], StringComparison.Ordinal) : match.Name == name;
        return same != match.Negated;
    }

    private static bool Matches(PortMatch match, ushort source, ushort destination)
    {
        bool ofSource = match.Ranges.Any(range => source >= range.First && source <= range.Last);
        bool ofDestination = match.Ranges.Any(range => destination >= range.First && destination <= range.Last);
        bool same = match.Side == PortSide.Source ? ofSource : match.Side == PortSide.Destination ? ofDestination : ofSource || ofDestination;
        return same != match.Negated;
    }
}
