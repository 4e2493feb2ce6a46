using Director.Dataplane.Addresses;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// The last steps of a packet: may it go on (<see cref="TryPrepare"/>: route, TTL, size, with the ICMP error that is owed
/// otherwise), and out with it (<see cref="Send"/>: frame addresses, fragments, a neighbour not known yet).
/// </summary>
public sealed class Transmitter(IFrameOutput output, NextHops hops, HeldPackets held, HostResponder responder, PipelineCounters counters)
{
    /// <summary>
    /// Decrements TTL and checks the size, before anything is rewritten: an ICMP error quotes the packet as its sender knows it
    /// (with the TTL already decremented, as Linux does). <paramref name="errorSource"/> is the address that an error comes from.
    /// The packet is going to be longer by <paramref name="overhead"/>. What its sender fragmented may leave in fragments again, but
    /// IPv6 only if all of those fit: else the sender has to hear of it. With <paramref name="wrapped"/> IPv4's DF is no matter: it is the
    /// packet around it that is fragmented.
    /// </summary>
    public DropReason TryPrepare(ref Packet packet, in NextHop hop, IpAddress errorSource, long now, int overhead = 0, bool wrapped = false)
    {
        if (hop.Leaving is null)
            return responder.Error(packet, errorSource, IcmpProblem.HostUnreachable, now, DropReason.NoRoute);
        // Good on their own link only, and never forwarded (RFC 4291 section 2.5.6).
        if (packet.Ip.Destination.IsLinkLocal)
            return DropReason.NoRoute;
        if (packet.Ip.Source.IsLinkLocal)
            return responder.Error(packet, errorSource, IcmpProblem.BeyondScope, now, DropReason.NoRoute);
        if (packet.Ip.TimeToLive <= 1)
            return responder.Error(packet, errorSource, IcmpProblem.TimeExceeded, now, DropReason.TimeToLiveExceeded);
        packet.Ip.DecrementTimeToLive();
        int mtu = overhead == 0 ? hop.Mtu : Math.Max(hop.Mtu - overhead, SmallestMtu(packet.Ip.IsIpv4));
        if (packet.Ip.DontFragment && !(wrapped && packet.Ip.IsIpv4) && LargestPiece(packet) > mtu)
            return responder.Error(packet, errorSource, IcmpProblem.TooBig, now, DropReason.TooBig, mtu);
        return DropReason.None;
    }

    /// <summary>Sends a prepared and rewritten packet.</summary>
    public DropReason Send(ref Packet packet, in NextHop hop, long now)
    {
        EngineInterface leaving = hop.Leaving!;
        packet.Ethernet.Source = leaving.AnswerMac;
        packet.Ethernet.Destination = hop.Mac;
        if (!hop.Resolved)
        {
            hops.AskFor(hop);
            counters.HeldForNeighbour++;
        }
        if (packet.SegmentSize != 0)
        {
            FitSegments(packet, hop.Mtu);
        }
        else if (packet.Ip.TotalLength > Fragmenter.LongestPiece(packet, hop.Mtu))
        {
            counters.Fragmented++;
            return Fragmenter.Send(ref packet, hop, output, held, now);
        }
        // Padding of short frames stays behind; what leaves is the packet.
        Span<byte> wire = packet.Frame.Wire[..(VirtioNetHeader.Length + EthernetHeader.Length + packet.Ip.TotalLength)];
        if (!hop.Resolved)
            return held.TryHold(wire, leaving, hop.Neighbour, now) ? DropReason.None : DropReason.NeighbourQueueFull;
        output.Send(leaving, wire);
        return DropReason.None;
    }

    /// <summary>Sends a packet that was turned into its own answer back to where it came from, whatever the routes say.</summary>
    public DropReason Return(ref Packet packet, long now)
    {
        EngineInterface arrived = packet.Frame.Arrived;
        NextHop back = new() { Leaving = arrived, Mtu = hops.MtuOf(arrived, packet.Ip.Destination), Resolved = true, Mac = packet.Ethernet.Source };
        return Send(ref packet, back, now);
    }

    // A stream may be cut into smaller segments than its sender meant; datagrams may not.
    private static void FitSegments(in Packet packet, int mtu)
    {
        int excess = LargestPiece(packet) - mtu;
        if (excess > 0 && excess < packet.SegmentSize && packet.Ip.Protocol == IpProtocol.Tcp)
            new VirtioNetHeader(packet.Frame.Offload).GsoSize -= (ushort)excess;
    }

    /// <summary>What every way carries: in one piece under IPv6 (RFC 8200 section 5); of less nobody is told under IPv4 (RFC 791 section 3.2).</summary>
    internal static int SmallestMtu(bool ipv4) => ipv4 ? Fragmenter.SmallestMtu : Ipv6Header.MinimumMtu;

    /// <summary>Total length of the packet, or of one segment of a super-frame's.</summary>
    internal static int LargestPiece(in Packet packet)
    {
        if (packet.Frame.LargestFragment != 0)
            return Math.Min(packet.Ip.TotalLength, packet.Frame.LargestFragment);
        if (packet.SegmentSize == 0)
            return packet.Ip.TotalLength;
        int headers = packet.Ip.HeaderLength + (packet.Ip.Protocol == IpProtocol.Tcp && TcpHeader.TryParse(packet.Ip.Payload, out TcpHeader tcp, out _)
            ? tcp.DataOffset
            : UdpHeader.HeaderLength);
        return Math.Min(packet.Ip.TotalLength, headers + packet.SegmentSize);
    }
}
