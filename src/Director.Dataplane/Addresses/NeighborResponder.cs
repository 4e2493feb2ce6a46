using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// Neighbour discovery for the owned IPv6 addresses (RFC 4861): answers solicitations on the address's own segment, announces
/// when taken and when a foreign claim is heard, probes for addresses before they are taken (RFC 4862 section 5.4), and tells
/// multicast routers and snooping switches which solicited-node groups to bring here (RFC 3810).
/// </summary>
public sealed class NeighborResponder(AddressClaims claims, IFrameOutput output, PipelineCounters counters)
{
    private readonly IpAddress[] _groups = new IpAddress[MulticastListenerReport.MostGroups];

    /// <summary>Whether it is neighbour discovery or a listener query: between neighbours, never to be forwarded.</summary>
    public static bool Takes(in Packet packet) =>
        !packet.Ip.IsIpv4 && packet.Ip.IsIcmp && Icmpv6Header.TryParse(packet.Ip.Payload, out Icmpv6Header message, out _)
        && (message.IsNeighborDiscovery || message.IsMulticastListener);

    public DropReason Receive(in Packet packet, long nowMilliseconds)
    {
        _ = Icmpv6Header.TryParse(packet.Ip.Payload, out Icmpv6Header message, out _);
        DropReason reason = message.Type switch
        {
            Icmpv6Header.NeighborSolicitation => Solicited(packet, nowMilliseconds),
            Icmpv6Header.NeighborAdvertisement => Advertised(packet, nowMilliseconds),
            Icmpv6Header.ListenerQuery => Queried(packet),
            // Between routers and hosts: the host's business.
            _ => DropReason.None,
        };
        if (reason == DropReason.None)
            counters.NeighborDiscovery++;
        return reason;
    }

    /// <summary>An unsolicited advertisement to all nodes, and membership of the address's solicited-node group.</summary>
    public void Announce(OwnedAddress address)
    {
        Report(address.Home, ListenerState.Joins, [Ipv6Multicast.SolicitedNode(address.Address)]);
        Span<byte> wire = Begin(address.Home, Ipv6Multicast.Mac(Ipv6Multicast.AllNodes), NeighborAdvertisement.PacketLength, out Span<byte> packet);
        NeighborAdvertisement.WriteUnsolicited(packet, address.Address, address.Home.AnswerMac, IsRouter(address));
        output.Send(address.Home, wire);
    }

    /// <summary>Asks whether anybody has the address.</summary>
    public void Probe(IpAddress address, EngineInterface on)
    {
        IpAddress group = Ipv6Multicast.SolicitedNode(address);
        Report(on, ListenerState.Joins, [group]);
        Span<byte> wire = Begin(on, Ipv6Multicast.Mac(group), NeighborSolicitation.ProbeLength, out Span<byte> packet);
        NeighborSolicitation.WriteProbe(packet, address);
        output.Send(on, wire);
    }

    private DropReason Solicited(in Packet packet, long now)
    {
        if (!NeighborSolicitation.TryParse(packet.Ip.V6, out NeighborSolicitation solicitation, out DropReason reason))
            return reason;
        EngineInterface arrived = packet.Frame.Arrived;
        // Another's probe for what is ours is a claim as well; our own come back from switches that mirror.
        if (solicitation.IsProbe && packet.Ethernet.Source != arrived.AnswerMac
            && claims.Note(solicitation.Target, packet.Ethernet.Source, arrived, now, out OwnedAddress? ours))
        {
            Announce(ours!);
            return DropReason.None;
        }
        if (!claims.IsOwner || claims.Owned.Find(solicitation.Target) is not { } asked || asked.Home != arrived || solicitation.IsProbe)
            return DropReason.None;
        counters.NeighborsAnswered++;
        Span<byte> wire = Begin(
            arrived, solicitation.SourceLinkLayerAddress ?? packet.Ethernet.Source, NeighborAdvertisement.PacketLength, out Span<byte> answer);
        NeighborAdvertisement.WriteAnswer(answer, solicitation, arrived.AnswerMac, IsRouter(asked));
        output.Send(arrived, wire);
        return DropReason.None;
    }

    private DropReason Advertised(in Packet packet, long now)
    {
        if (!NeighborAdvertisement.TryParse(packet.Ip.V6, out NeighborAdvertisement advertisement, out DropReason reason))
            return reason;
        MacAddress by = advertisement.TargetLinkLayerAddress ?? packet.Ethernet.Source;
        if (by != packet.Frame.Arrived.AnswerMac && claims.Note(advertisement.Target, by, packet.Frame.Arrived, now, out OwnedAddress? ours))
            Announce(ours!);
        return DropReason.None;
    }

    // At once, not after the random delay that spares routers a burst: we are one listener, or few.
    private DropReason Queried(in Packet packet)
    {
        if (!MulticastListenerQuery.TryParse(packet.Ip.V6, out MulticastListenerQuery query, out DropReason reason))
            return reason;
        if (!claims.IsOwner)
            return DropReason.None;
        int count = 0;
        foreach (OwnedAddress address in claims.Owned.All)
        {
            IpAddress group = Ipv6Multicast.SolicitedNode(address.Address);
            if (!address.Address.IsIpv4 && address.Home == packet.Frame.Arrived && query.AsksAbout(group) && count < _groups.Length)
                _groups[count++] = group;
        }
        if (query.Version == 1)
        {
            foreach (IpAddress group in _groups.AsSpan(0, count))
                ReportVersion1(packet.Frame.Arrived, group);
        }
        else if (count != 0)
        {
            Report(packet.Frame.Arrived, ListenerState.Listens, _groups.AsSpan(0, count));
        }
        return DropReason.None;
    }

    private void Report(EngineInterface on, ListenerState state, ReadOnlySpan<IpAddress> groups)
    {
        Span<byte> wire = Begin(on, Ipv6Multicast.Mac(Ipv6Multicast.AllMldv2Routers), MulticastListenerReport.Length(groups.Length), out Span<byte> packet);
        MulticastListenerReport.Write(packet, LinkLocal(on), state, groups);
        output.Send(on, wire);
    }

    private void ReportVersion1(EngineInterface on, IpAddress group)
    {
        Span<byte> wire = Begin(on, Ipv6Multicast.Mac(group), MulticastListenerReport.Version1Length, out Span<byte> packet);
        MulticastListenerReport.WriteVersion1(packet, LinkLocal(on), ListenerState.Listens, group);
        output.Send(on, wire);
    }

    private Span<byte> Begin(EngineInterface on, MacAddress to, int length, out Span<byte> packet)
    {
        Span<byte> wire = output.Reserve(EthernetHeader.Length + length);
        Span<byte> ethernet = wire[VirtioNetHeader.Length..];
        EthernetHeader.Write(ethernet, to, on.AnswerMac, EtherType.Ipv6);
        packet = ethernet[EthernetHeader.Length..];
        return wire;
    }

    // A gateway that denied being a router would be taken off its neighbours' default routes (RFC 4861 section 7.3.3).
    private static bool IsRouter(OwnedAddress address) => address.Role == AddressRole.Floating;

    // The address that our MAC has by RFC 4291 appendix A: reports must come from a link-local one.
    private static IpAddress LinkLocal(EngineInterface on)
    {
        ulong mac = on.AnswerMac.Value;
        ulong upper = (mac >> 24) ^ 0x02_0000;
        return new IpAddress(0xFE80ul << 48, (upper << 40) | 0xFF_FE00_0000 | (mac & 0xFF_FFFF));
    }
}
