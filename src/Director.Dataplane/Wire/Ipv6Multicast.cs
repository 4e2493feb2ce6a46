namespace Director.Dataplane.Wire;

/// <summary>IPv6 multicast addresses of a link (RFC 4291 section 2.7.1) and where Ethernet takes them.</summary>
public static class Ipv6Multicast
{
    private const ulong LinkScope = 0xFF02_0000_0000_0000;
    private const ulong SolicitedNodes = 0x0001_FF00_0000;

    /// <summary>ff02::1.</summary>
    public static readonly IpAddress AllNodes = new(LinkScope, 1);

    /// <summary>ff02::2.</summary>
    public static readonly IpAddress AllRouters = new(LinkScope, 2);

    /// <summary>ff02::16: who listens to version 2 reports of multicast listeners (RFC 3810 section 5.2.14).</summary>
    public static readonly IpAddress AllMldv2Routers = new(LinkScope, 0x16);

    /// <summary>
    /// ff02::1:ffxx:xxxx: the group in which an address is asked for. Its last 24 bits are the address's, so several addresses may
    /// share one.
    /// </summary>
    public static IpAddress SolicitedNode(IpAddress address) => new(LinkScope, SolicitedNodes | (address.Low & 0xFF_FFFF));

    /// <summary>33:33 and the last 32 bits of the group (RFC 2464 section 7).</summary>
    public static MacAddress Mac(IpAddress group) => new(0x3333_0000_0000ul | (uint)group.Low);
}
