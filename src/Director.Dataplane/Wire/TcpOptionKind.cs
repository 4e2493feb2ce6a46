namespace Director.Dataplane.Wire;

/// <summary>Kinds of TCP options (IANA's registry) that the engine looks at.</summary>
public static class TcpOptionKind
{
    public const byte End = 0;
    public const byte NoOperation = 1;

    /// <summary>Selective acknowledgment (RFC 2018): up to four blocks of 8 bytes.</summary>
    public const byte SelectiveAcknowledgment = 5;

    public const byte Timestamps = 8;

    /// <summary>Multipath TCP (RFC 8684).</summary>
    public const byte Multipath = 30;

    /// <summary>TOA with an IPv6 address; in the range for experiments (RFC 4727).</summary>
    public const byte ToaIpv6 = 253;

    /// <summary>TOA with an IPv4 address.</summary>
    public const byte ToaIpv4 = 254;
}
