using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Pipeline;

/// <summary>
/// An IP packet on its way through: the frame with its headers read once. <see cref="Flow"/> has ports only where there
/// are any (<see cref="HasPorts"/>): TCP, UDP and SCTP, not in later fragments.
/// </summary>
public ref struct Packet
{
    public Frame Frame;
    public EthernetHeader Ethernet;
    public IpHeader Ip;
    public FlowKey Flow;
    public TcpFlags Flags;

    /// <summary>What it says about the state of its connection.</summary>
    public PacketEvent Event;
    public bool HasPorts;

    /// <summary>The transport checksum is left to the sender's card: the field holds the pseudo-header's sum only.</summary>
    public bool ChecksumIsPartial;

    /// <summary>Bytes of one segment of a super-frame, 0 if it is none.</summary>
    public int SegmentSize;

    /// <summary>Reads what stands behind an Ethernet header of type IP.</summary>
    public static bool TryParse(in Frame frame, in EthernetHeader ethernet, out Packet packet, out DropReason reason)
    {
        packet = default;
        packet.Frame = frame;
        packet.Ethernet = ethernet;
        if (!IpHeader.TryParse(ethernet.EtherType, ethernet.Payload, out packet.Ip, out reason))
            return false;

        if (!packet.TryParseOffload())
        {
            reason = DropReason.OffloadInvalid;
            return false;
        }
        return packet.TryParseTransport(out reason);
    }

    // It has to be something that a card could do with this packet: the kernel believes it on the way out, and the sum is
    // written where it points to. That may be into an inner packet (of a tunnel that is routed): then the outer sum is whole.
    private bool TryParseOffload()
    {
        VirtioNetHeader offload = new(Frame.Offload);
        if (!offload.NeedsChecksum && !offload.IsGso)
        {
            // Nothing is left to a card, so whatever else stands there says nothing, and must say nothing when we send it.
            offload.Clear();
            return true;
        }
        int transport = EthernetHeader.Length + Ip.HeaderLength;
        int end = EthernetHeader.Length + Ip.TotalLength;
        bool possible = !Ip.IsFragment && offload.IsConsistent(end) && offload.HeaderLength <= end
            && (!offload.NeedsChecksum || offload.ChecksumStart >= transport)
            && (!offload.IsGso || offload.Segments(Ip.Protocol, Ip.IsIpv4));
        if (!possible)
            return false;
        ChecksumIsPartial = offload.NeedsChecksum && offload.ChecksumStart == transport;
        SegmentSize = offload.IsGso ? offload.GsoSize : 0;
        return true;
    }

    private bool TryParseTransport(out DropReason reason)
    {
        reason = DropReason.None;
        Flow = new FlowKey(Ip.Protocol, Ip.Source, 0, Ip.Destination, 0);
        if (Ip.FragmentOffset != 0)
            return true;
        switch (Ip.Protocol)
        {
            case IpProtocol.Tcp:
                if (!TcpHeader.TryParse(Ip.Payload, out TcpHeader tcp, out reason))
                    return false;
                Flow = Flow with { SourcePort = tcp.SourcePort, DestinationPort = tcp.DestinationPort };
                Flags = tcp.Flags;
                Event = TcpStates.EventOf(tcp.Flags);
                HasPorts = true;
                return true;
            case IpProtocol.Udp:
                if (!UdpHeader.TryParse(Ip.Payload, SegmentSize != 0 || Ip.MoreFragments, out UdpHeader udp, out reason))
                    return false;
                Flow = Flow with { SourcePort = udp.SourcePort, DestinationPort = udp.DestinationPort };
                Event = PacketEvent.Datagram;
                HasPorts = true;
                return true;
            case IpProtocol.Sctp:
                if (!SctpHeader.TryParse(Ip.Payload, isFirstFragment: Ip.MoreFragments, out SctpHeader sctp, out reason)
                    || !TryCompleteCrc(sctp, out reason))
                {
                    return false;
                }
                Flow = Flow with { SourcePort = sctp.SourcePort, DestinationPort = sctp.DestinationPort };
                Event = SctpStates.EventOf(sctp);
                HasPorts = true;
                return true;
            default:
                return true;
        }
    }

    // A CRC that the sender left to its card is computed here and now. NOTE It cannot be left to ours: the offload header has no
    // word for CRC32c, and the kernel's packet sockets take the request for one of an Internet checksum, which the card or the
    // kernel then writes over half of the field (as tried on 6.18; only virtual interfaces, which sum nothing, hide it). Super-frames
    // of SCTP do not come here at all, as packet sockets do not deliver them: local senders must not make any (tx-sctp-segmentation off).
    private bool TryCompleteCrc(SctpHeader sctp, out DropReason reason)
    {
        VirtioNetHeader offload = new(Frame.Offload);
        bool possible = !offload.NeedsChecksum || (ChecksumIsPartial && offload.ChecksumOffset == SctpHeader.ChecksumOffset);
        reason = possible ? DropReason.None : DropReason.OffloadInvalid;
        if (!possible || !offload.NeedsChecksum)
            return possible;
        sctp.RecomputeChecksum();
        offload.Clear();
        ChecksumIsPartial = false;
        return true;
    }
}
