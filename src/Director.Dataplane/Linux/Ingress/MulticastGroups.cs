using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>The Ethernet groups that an owner of IPv6 addresses has to listen to, for <see cref="PacketInterface.SetMulticast"/>.</summary>
public static class MulticastGroups
{
    // 33:33 and the last four bytes of the group (RFC 2464 section 7): of ff02::1, and of ff02::1:ff00:0/104.
    private static readonly MacAddress AllNodes = new(0x3333_0000_0001);
    private const ulong SolicitedNode = 0x3333_FF00_0000;
    private const ulong SolicitedNodeBits = 0xFF_FFFF;

    /// <summary>
    /// All nodes, and the solicited-node group of each address (RFC 4291 section 2.7.1), each group once; nothing for IPv4, whose
    /// ARP is broadcast.
    /// </summary>
    public static MacAddress[] Of(IEnumerable<IpAddress> owned)
    {
        MacAddress[] groups = [.. owned.Where(address => !address.IsIpv4)
            .Select(address => new MacAddress(SolicitedNode | (address.Low & SolicitedNodeBits)))
            .Distinct()];
        return groups.Length == 0 ? [] : [AllNodes, .. groups];
    }
}
