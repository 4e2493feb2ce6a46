using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.Marks;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Pipeline;

/// <summary>
/// The packet's way, in order:
/// <list type="number">
/// <item>parse: Ethernet, ARP, IPv4, IPv6, TCP, UDP, SCTP, ICMP; what contradicts itself is dropped and counted;</item>
/// <item>classify: is it for an address of ours, or for us as a gateway? The host's own traffic is none of our business;</item>
/// <item>look up: the connection that it belongs to, from the client's or from the server's side;</item>
/// <item>schedule: no connection, but a service: choose a real server, make the connection;</item>
/// <item>rewrite: TTL, addresses, ports, checksums, as the forwarding method says;</item>
/// <item>emit: to the next hop's MAC, whole or in fragments.</item>
/// </list>
/// What belongs to nothing is answered as a host would, or routed. One thread; no allocation, lock, exception or log.
/// </summary>
public sealed class PacketPipeline(
    ArpResponder arp,
    NeighborResponder neighbors,
    HostResponder host,
    ConnectionTable connections,
    ServiceTable services,
    ConnectionForwarder forwarder,
    ConnectionScheduler scheduler,
    IcmpTranslation icmp,
    TunnelErrors tunnelErrors,
    Router router,
    Reassembler reassembler,
    Transmitter transmitter,
    HeldOpenings held,
    PipelineCounters counters)
{
    /// <summary>Milliseconds of the boot-time clock; set once a batch.</summary>
    public long Now { get; set; }

    public OwnedAddresses Owned { get; set; } = OwnedAddresses.None;

    public bool IsOwner { get; set; }

    /// <summary>Gives packets the mark by which they belong to a firewall-mark service.</summary>
    public MarkTable Marks { get; set; } = MarkTable.Empty;

    public void Process(in Frame frame)
    {
        counters.Received++;
        Resume(frame);
    }

    /// <summary>A frame that was received before and held in the midst of its way.</summary>
    public void Resume(in Frame frame)
    {
        DropReason reason = Handle(frame);
        if (reason != DropReason.None)
            counters.Drop(reason);
    }

    private DropReason Handle(in Frame frame)
    {
        // 1. Parse.
        if (!EthernetHeader.TryParse(frame.Ethernet, out EthernetHeader ethernet, out DropReason reason))
            return reason;
        if (ethernet.EtherType == EtherType.Arp)
            return arp.Receive(frame, ethernet, Now);
        if (ethernet.EtherType is not (EtherType.Ipv4 or EtherType.Ipv6))
            return NotOurs();
        // The host's answer was meant for another interface; what comes back of it goes to where it came from.
        if (frame.Arrived.HostMac is { } host)
            ethernet.Source = host;
        if (!Packet.TryParse(frame, ethernet, out Packet packet, out reason))
            return reason;
        if (NeighborResponder.Takes(packet))
            return neighbors.Receive(packet, Now);

        // 2. Classify.
        bool owned = Owned.Contains(packet.Ip.Destination);
        // (Tunnels may begin at an address of the host: then both hear of their errors.)
        if (!IsForUs(packet, owned))
            return IsOwner && tunnelErrors.TryReport(packet, Now, out reason) ? reason : NotOurs();
        if (!IsOwner)
            return DropReason.NotOwner;
        if (!IsPossibleSource(packet.Ip.Source))
            return DropReason.SourceInvalid;
        if (owned && packet.Ip.IsSourceRouted)
            return DropReason.Ipv6RoutingHeader;
        if (packet.Ip.IsFragment)
            return reassembler.TryComplete(packet, Now, out Frame whole, out reason) ? Handle(whole) : reason;

        return packet.Ip.IsIcmp ? HandleIcmp(ref packet, owned) : HandleFlow(ref packet, owned);
    }

    private DropReason HandleFlow(ref Packet packet, bool owned)
    {
        // 3. Look up.
        if (packet.HasPorts)
        {
            uint number = connections.Find(packet.Flow);
            if (number != 0 && !forwarder.StartsAnew(packet, number))
                return held.TryHoldNext(packet, number, Now) ? DropReason.None : forwarder.ToServer(ref packet, number, Now);
            number = connections.FindReply(packet.Flow);
            if (number != 0)
                return forwarder.ToClient(ref packet, number, Now);

            if (packet.Flow.Protocol == IpProtocol.Udp && services.FindOnePacketServer(packet.Flow.Source, packet.Flow.SourcePort) is { } server)
                return forwarder.ToClientOnce(ref packet, server, Now);

            // 4. Schedule (5 and 6, rewrite and emit, are the forwarder's).
            if (FindService(packet, owned) is { } service)
            {
                if (OpeningRules.Opens(packet.Event, services.Settings))
                    return Schedule(ref packet, service, owned);
                if (owned)
                    return AnswerAsHost(packet, DropReason.NoConnection);
            }
        }
        if (owned)
            return AnswerAsHost(packet, DropReason.NoService);
        return IsStrayAnswer(packet)
            ? host.Error(packet, AddressTowards(packet), IcmpProblem.PortUnreachable, Now, DropReason.NoConnection)
            : router.Route(ref packet, Now);
    }

    // Without a server the client hears of it as from IPVS, with TCP too; but what a mark took from its way may go on (cache_bypass).
    private DropReason Schedule(ref Packet packet, Service service, bool owned)
    {
        IpAddress source = owned ? packet.Ip.Destination : AddressTowards(packet);
        DropReason reason = scheduler.Schedule(ref packet, service, source, Now);
        if (reason != DropReason.NoServerAvailable)
            return reason;
        return !owned && services.Settings.CacheBypass
            ? router.Route(ref packet, Now)
            : host.Error(packet, source, IcmpProblem.PortUnreachable, Now, reason);
    }

    // nat_icmp_send: a server that speaks of a connection which is none any more is told so.
    private bool IsStrayAnswer(in Packet packet) => services.Settings.NatIcmpSend && packet.HasPorts
        && packet.Event is not (PacketEvent.TcpRst or PacketEvent.SctpAbort)
        && services.HasMasqueraded(packet.Flow.Protocol, packet.Flow.Source, packet.Flow.SourcePort);

    private IpAddress AddressTowards(in Packet packet) => router.AddressOn(packet.Frame.Arrived, packet.Ip.IsIpv4);

    // A mark goes before the address, and is enough without one of ours: then the packet was to be routed through us.
    private Service? FindService(in Packet packet, bool owned)
    {
        if (!Marks.IsEmpty && services.FindMark(MarkOf(packet), packet.Ip.IsIpv4) is { } marked)
            return marked;
        return owned ? services.Find(packet.Flow.Protocol, packet.Flow.Destination, packet.Flow.DestinationPort) : null;
    }

    private uint MarkOf(in Packet packet) => Marks.Mark(packet.Flow, packet.HasPorts, packet.Frame.Arrived.Position);

    private DropReason HandleIcmp(ref Packet packet, bool owned)
    {
        if (!IcmpMessage.TryParse(packet.Ip, out IcmpMessage message, out DropReason reason))
            return reason;
        if (message.IsError && (icmp.TryTranslate(ref packet, message, Now, out reason) || tunnelErrors.TryReport(packet, Now, out reason)))
            return reason;
        if (!owned)
            return router.Route(ref packet, Now);
        return message.IsEchoRequest ? Echo(ref packet) : DropReason.NoService;
    }

    private DropReason Echo(ref Packet packet)
    {
        DropReason reason = HostResponder.TurnEcho(ref packet);
        if (reason != DropReason.None)
            return reason;
        counters.Echoed++;
        return transmitter.Return(ref packet, Now);
    }

    private DropReason AnswerAsHost(in Packet packet, DropReason because) => packet.Ip.Protocol switch
    {
        IpProtocol.Tcp => host.Reset(packet, Now, because),
        IpProtocol.Udp => host.Error(packet, packet.Ip.Destination, IcmpProblem.PortUnreachable, Now, because),
        // As a host without SCTP: to an association that is an ABORT (RFC 9260 section 10).
        IpProtocol.Sctp => host.Error(packet, packet.Ip.Destination, IcmpProblem.ProtocolUnreachable, Now, because),
        IpProtocol.NoNextHeader when !packet.Ip.IsIpv4 => DropReason.ProtocolUnsupported,
        _ => host.Error(packet, packet.Ip.Destination, IcmpProblem.ProtocolUnreachable, Now, DropReason.ProtocolUnsupported),
    };

    // The interface's filter (Linux/Ingress) lets in only what is the engine's: all that comes to the virtual MAC, and of what
    // comes to the interface's own, packets to owned addresses, and through us where we are the gateway or translate answers.
    private bool IsForUs(in Packet packet, bool owned)
    {
        EngineInterface arrived = packet.Frame.Arrived;
        if (arrived.HostMac is not null)
            return true;
        MacAddress to = packet.Ethernet.Destination;
        return owned
            ? to == arrived.AnswerMac || to == arrived.OwnMac
            : (to == arrived.AnswerMac && arrived.HasVirtualMac) || (to == arrived.OwnMac && !router.IsHosts(packet.Ip.Destination));
    }

    // RFC 1812 section 5.3.7: martian sources. One of our own addresses as a source comes from a loop or a forger.
    private bool IsPossibleSource(IpAddress source) =>
        !source.IsLoopback && !source.IsMulticast && !source.IsUnspecified && !(source.IsIpv4 && source.Ipv4 is < 1 << 24 or uint.MaxValue) && !Owned.Contains(source);

    private DropReason NotOurs()
    {
        counters.NotOurs++;
        return DropReason.None;
    }
}
