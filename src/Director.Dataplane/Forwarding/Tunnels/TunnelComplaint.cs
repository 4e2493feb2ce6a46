using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>What an ICMP error says of a tunnelled packet, ready to be said of the packet within, which may be of the other family.</summary>
/// <param name="Mtu">Of <see cref="IcmpProblem.TooBig"/>, for the outer packet; 0: not told.</param>
internal readonly record struct TunnelComplaint(bool Ipv4, IcmpProblem Problem, byte Type, byte Code, uint Mtu)
{
    /// <summary>False for what is between its sender and us (redirects), or points into a header that the client did not write.</summary>
    public static bool TryRead(IpHeader packet, out TunnelComplaint complaint) =>
        packet.IsIpv4 ? TryReadIpv4(packet.Payload, out complaint) : TryReadIpv6(packet.Payload, out complaint);

    /// <summary>Type and code for a packet of that family: the same as of the outer one if they are of one family (as IPVS does).</summary>
    public (byte Type, byte Code) For(bool ipv4) =>
        ipv4 == Ipv4 ? (Type, Code) : ipv4 ? IcmpProblems.OfIpv4(Problem) : IcmpProblems.OfIpv6(Problem);

    private static bool TryReadIpv4(Span<byte> message, out TunnelComplaint complaint)
    {
        complaint = default;
        if (!IcmpHeader.TryParse(message, out IcmpHeader icmp, out _))
            return false;
        bool tooBig = icmp.Type == IcmpHeader.DestinationUnreachable && icmp.Code == IcmpHeader.FragmentationNeeded;
        IcmpProblem problem = tooBig ? IcmpProblem.TooBig
            : icmp.Type == IcmpHeader.TimeExceeded ? IcmpProblem.TimeExceeded
            : IcmpProblem.HostUnreachable;
        complaint = new TunnelComplaint(true, problem, icmp.Type, icmp.Code, tooBig ? icmp.Mtu : 0u);
        return icmp.Type is IcmpHeader.DestinationUnreachable or IcmpHeader.TimeExceeded;
    }

    private static bool TryReadIpv6(Span<byte> message, out TunnelComplaint complaint)
    {
        complaint = default;
        if (!Icmpv6Header.TryParse(message, out Icmpv6Header icmp, out _))
            return false;
        switch (icmp.Type)
        {
            case Icmpv6Header.PacketTooBig:
                complaint = new TunnelComplaint(false, IcmpProblem.TooBig, icmp.Type, 0, icmp.Mtu);
                return true;
            case Icmpv6Header.TimeExceeded:
                complaint = new TunnelComplaint(false, IcmpProblem.TimeExceeded, icmp.Type, icmp.Code, 0);
                return true;
            case Icmpv6Header.DestinationUnreachable:
                complaint = new TunnelComplaint(false, IcmpProblem.HostUnreachable, icmp.Type, icmp.Code, 0);
                return true;
            // Nobody there to unwrap it, which IPv4 calls protocol unreachable: RFC 2473 section 8.3.
            case Icmpv6Header.ParameterProblem when icmp.Code == Icmpv6Header.NextHeaderUnrecognized:
                complaint = new TunnelComplaint(
                    false, IcmpProblem.HostUnreachable, Icmpv6Header.DestinationUnreachable, Icmpv6Header.AddressUnreachable, 0);
                return true;
            default:
                return false;
        }
    }
}
