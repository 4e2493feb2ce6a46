using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>The Ethernet groups that an owner of IPv6 addresses has to listen to, for <see cref="PacketInterface.SetMulticast"/>.</summary>
public static class MulticastGroups
{
    /// <summary>
    /// All nodes, and the solicited-node group of each address (RFC 4291 section 2.7.1), each group once; nothing for IPv4, whose
    /// ARP is broadcast.
    /// </summary>
    public static MacAddress[] Of(IEnumerable<IpAddress> owned)
    {
        MacAddress[] groups = [.. owned.Where(address => !address.IsIpv4)
            .Select(address => Ipv6Multicast.Mac(Ipv6Multicast.SolicitedNode(address)))
            .Distinct()];
        return groups.Length == 0 ? [] : [Ipv6Multicast.Mac(Ipv6Multicast.AllNodes), .. groups];
    }
}
