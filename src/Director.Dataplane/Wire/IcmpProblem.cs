namespace Director.Dataplane.Wire;

/// <summary>What an ICMP error says, in either version (RFC 792, RFC 4443).</summary>
public enum IcmpProblem : byte
{
    HostUnreachable,
    ProtocolUnreachable,
    PortUnreachable,

    /// <summary>IPv4: fragmentation needed and DF set; IPv6: packet too big. With the MTU.</summary>
    TooBig,
    TimeExceeded,
}

public static class IcmpProblems
{
    /// <summary>Of ICMP.</summary>
    public static (byte Type, byte Code) OfIpv4(IcmpProblem problem) => problem switch
    {
        IcmpProblem.HostUnreachable => (IcmpHeader.DestinationUnreachable, IcmpHeader.HostUnreachable),
        IcmpProblem.ProtocolUnreachable => (IcmpHeader.DestinationUnreachable, IcmpHeader.ProtocolUnreachable),
        IcmpProblem.PortUnreachable => (IcmpHeader.DestinationUnreachable, IcmpHeader.PortUnreachable),
        IcmpProblem.TooBig => (IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded),
        _ => (IcmpHeader.TimeExceeded, 0),
    };

    /// <summary>Of ICMPv6. (An unknown protocol is a parameter problem there, at the field that names it.)</summary>
    public static (byte Type, byte Code) OfIpv6(IcmpProblem problem) => problem switch
    {
        IcmpProblem.HostUnreachable => (Icmpv6Header.DestinationUnreachable, Icmpv6Header.AddressUnreachable),
        IcmpProblem.ProtocolUnreachable => (Icmpv6Header.ParameterProblem, Icmpv6Header.NextHeaderUnrecognized),
        IcmpProblem.PortUnreachable => (Icmpv6Header.DestinationUnreachable, Icmpv6Header.PortUnreachable),
        IcmpProblem.TooBig => (Icmpv6Header.PacketTooBig, 0),
        _ => (Icmpv6Header.TimeExceeded, Icmpv6Header.HopLimitExceeded),
    };
}
