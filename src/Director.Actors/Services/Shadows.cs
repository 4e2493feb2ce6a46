using System.Globalization;
using System.Net;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// Services that get less than they ask for, since other services' packets go before theirs: a mark goes before an address, and a
/// port before all ports. Both are what an operator may want, so it is told, not refused.
/// </summary>
public static class Shadows
{
    /// <summary>More are counted.</summary>
    private const int MostTold = 20;

    private const int MostPorts = 8;
    private const ushort FtpPort = 21;

    /// <summary>For the status, in the order of the table.</summary>
    public static IEnumerable<string> Of(ServiceTable table)
    {
        string[] all = [.. OfPorts(table), .. OfMarks(table)];
        return all.Length <= MostTold
            ? all
            : [.. all[..MostTold], string.Create(CultureInfo.InvariantCulture, $"{all.Length - MostTold} more services are in another one's shadow")];
    }

    private static IEnumerable<string> OfPorts(ServiceTable table)
    {
        Dictionary<(TransportProtocol, IPAddress), List<VirtualService>> own = [];
        foreach (VirtualService service in table.Services)
        {
            if (service.Key is { IsFirewallMark: false, Port: 0 } key)
                own.Add((key.Protocol, key.Address), []);
        }
        if (own.Count == 0)
            yield break;
        foreach (VirtualService service in table.Services)
        {
            if (service.Key is { IsFirewallMark: false, Port: not 0 } key && own.TryGetValue((key.Protocol, key.Address), out List<VirtualService>? ports))
                ports.Add(service);
        }
        foreach (VirtualService service in table.Services)
        {
            if (service.Key is { IsFirewallMark: false, Port: 0 } key && own[(key.Protocol, key.Address)] is { Count: > 0 } ports)
                yield return $"{key} gets no packets of {Describe(ports)}: they have services of their own";
        }
    }

    private static string Describe(List<VirtualService> services)
    {
        string list = string.Join(", ", services.Take(MostPorts).Select(Describe));
        return services.Count switch
        {
            1 => $"port {list}",
            <= MostPorts => $"ports {list}",
            _ => string.Create(CultureInfo.InvariantCulture, $"ports {list} and {services.Count - MostPorts} more"),
        };
    }

    // A persistent FTP service takes its data connections as well, of either mode.
    private static string Describe(VirtualService service) =>
        service.Key is { Protocol: TransportProtocol.Tcp, Port: FtpPort } && service.Flags.HasFlag(ServiceFlags.Persistent)
            ? "21 (FTP: with 20, and 1024 up)"
            : service.Key.Port.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> OfMarks(ServiceTable table)
    {
        MarkRule[] rules = [.. table.Marks.All];
        HashSet<ServiceKey> marked = [.. table.Services.Select(service => service.Key).Where(key => key.IsFirewallMark)];
        if (rules.Length == 0 || marked.Count == 0)
            yield break;
        foreach (ServiceKey key in table.Services.Select(service => service.Key).Where(key => !key.IsFirewallMark))
        {
            (uint ofAll, uint ofSome) = MarksOf(key, rules);
            if (ServiceOf(ofAll) is { } other)
                yield return $"{key} gets {(ofSome == ofAll ? "no packets" : "few packets, if any")}: mark rules give them to {other}";
            else if (ServiceOf(ofSome) is { } another)
                yield return $"{key} gets only some packets: mark rules give the others to {another}";

            ServiceKey? ServiceOf(uint mark) => mark != 0 && ServiceKey.ForMark(mark, key.Family) is var service && marked.Contains(service) ? service : null;
        }
    }

    // The mark that every packet has that no rule about clients, interfaces or ports tells apart, and that of a packet that all of these match.
    private static (uint OfAll, uint OfSome) MarksOf(ServiceKey service, MarkRule[] rules)
    {
        uint ofAll = 0, ofSome = 0;
        foreach (MarkRule rule in rules)
        {
            MarkCoverage coverage = MarkCoverages.Of(rule, service);
            if (coverage == MarkCoverage.All)
                ofAll = rule.Action.Apply(ofAll);
            if (coverage != MarkCoverage.None)
                ofSome = rule.Action.Apply(ofSome);
        }
        return (ofAll, ofSome);
    }
}
