namespace Director.Dataplane.Wire;

/// <summary>IP protocol numbers (IANA).</summary>
public static class IpProtocol
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;

    /// <summary>An IPv4 packet within the packet (RFC 2003), an IPv6 one (RFC 4213), and either of them behind a GRE header.</summary>
    public const byte IpIp = 4;
    public const byte Ipv6 = 41;
    public const byte Gre = 47;
    public const byte Sctp = 132;
    public const byte Icmpv6 = 58;

    /// <summary>Nothing follows the IPv6 headers (RFC 8200 section 4.7).</summary>
    public const byte NoNextHeader = 59;

    // IPv6 extension headers (RFC 8200 section 4; RFC 4302).
    public const byte HopByHopOptions = 0;
    public const byte Routing = 43;
    public const byte Fragment = 44;
    public const byte AuthenticationHeader = 51;
    public const byte DestinationOptions = 60;
}
