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
}
