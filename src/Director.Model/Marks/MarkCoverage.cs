using System.Net;

namespace Director.Model;

/// <summary>How many of a service's packets a mark rule matches.</summary>
public enum MarkCoverage
{
    None,

    /// <summary>Those of some clients, interfaces or ports.</summary>
    Some,
    All,
}

/// <summary>What a mark rule has to do with a service that has an address.</summary>
public static class MarkCoverages
{
    /// <param name="rule">Any.</param>
    /// <param name="service">Not one of a firewall mark.</param>
    public static MarkCoverage Of(MarkRule rule, ServiceKey service)
    {
        if ((rule.Family is { } family && family != service.Family)
            || (rule.Protocol is { } protocol && (protocol.Number == (byte)service.Protocol) == protocol.Negated)
            || (rule.Destination is { } destination && !Matches(destination, service.Address!)))
        {
            return MarkCoverage.None;
        }
        MarkCoverage coverage = rule.Source is null && rule.Interface is null ? MarkCoverage.All : MarkCoverage.Some;
        foreach (PortMatch ports in rule.Ports)
            coverage = (MarkCoverage)Math.Min((int)coverage, (int)Of(ports, service.Port));
        return coverage;
    }

    // A service of port 0 has them all.
    private static MarkCoverage Of(PortMatch ports, ushort port) => ports.Side switch
    {
        PortSide.Source => MarkCoverage.Some,
        _ when port == 0 => MarkCoverage.Some,
        PortSide.Destination => ports.Contains(port) != ports.Negated ? MarkCoverage.All : MarkCoverage.None,
        // The client's port may be one of them, too.
        _ when ports.Contains(port) => ports.Negated ? MarkCoverage.None : MarkCoverage.All,
        _ => MarkCoverage.Some,
    };

    private static bool Matches(AddressMatch match, IPAddress address)
    {
        if (match.Network.AddressFamily != address.AddressFamily)
            return false;
        byte[] network = match.Network.GetAddressBytes(), mask = match.Mask.GetAddressBytes(), bytes = address.GetAddressBytes();
        bool within = true;
        for (int i = 0; i < bytes.Length; i++)
            within &= (bytes[i] & mask[i]) == network[i];
        return within != match.Negated;
    }
}
