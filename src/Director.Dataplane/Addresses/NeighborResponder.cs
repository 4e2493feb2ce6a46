using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// Neighbour discovery for the owned IPv6 addresses (RFC 4861): answers solicitations on the address's own segment, advertises
/// when taken and when a foreign claim is heard, and probes for addresses before they are taken (RFC 4862 section 5.4).
/// </summary>
public sealed class NeighborResponder(AddressClaims claims, ListenerReporter listeners, IFrameOutput output, PipelineCounters counters)
{
    /// <summary>Each probe for an address of ours has to be answered, but it goes to all: a flood shall not become one of ours.</summary>
    private const int DefencesPerSecond = 100;

    private readonly TokenBucket _defences = new(DefencesPerSecond, burst: 50);

    /// <summary>Whether it is neighbour discovery or a listener's message: between neighbours, never to be forwarded.</summary>
    public static bool Takes(in Packet packet) =>
        !packet.Ip.IsIpv4 && packet.Ip.IsIcmp && packet.Ip.FragmentOffset == 0
        && Icmpv6Header.TryParse(packet.Ip.Payload, out Icmpv6Header message, out _)
        && (message.IsNeighborDiscovery || message.IsMulticastListener);

    public DropReason Receive(in Packet packet, long nowMilliseconds)
    {
        _ = Icmpv6Header.TryParse(packet.Ip.Payload, out Icmpv6Header message, out _);
        DropReason reason = message.Type switch
        {
            Icmpv6Header.NeighborSolicitation => Solicited(packet, nowMilliseconds),
            Icmpv6Header.NeighborAdvertisement => Advertised(packet, nowMilliseconds),
            Icmpv6Header.ListenerQuery => listeners.Queried(packet, nowMilliseconds),
            // Between routers and hosts: the host's business.
            _ => DropReason.None,
        };
        if (reason == DropReason.None)
            counters.NeighborDiscovery++;
        return reason;
    }

    /// <summary>An unsolicited advertisement to all nodes: the address is here (RFC 4861 section 7.2.6).</summary>
    public void Advertise(OwnedAddress address)
    {
        Span<byte> wire = Begin(address.Home, Ipv6Multicast.Mac(Ipv6Multicast.AllNodes), NeighborAdvertisement.PacketLength, out Span<byte> packet);
        NeighborAdvertisement.WriteUnsolicited(packet, address.Address, address.Home.AnswerMac, IsRouter(address));
        output.Send(address.Home, wire);
    }

    /// <summary>Asks whether anybody has the address; others' probes for it are to be heard as well (RFC 4862 section 5.4.2).</summary>
    public void Probe(IpAddress address, EngineInterface on)
    {
        IpAddress group = Ipv6Multicast.SolicitedNode(address);
        listeners.Join(on, [group]);
        Span<byte> wire = Begin(on, Ipv6Multicast.Mac(group), NeighborSolicitation.ProbeLength, out Span<byte> packet);
        NeighborSolicitation.WriteProbe(packet, address);
        output.Send(on, wire);
    }

    private DropReason Solicited(in Packet packet, long now)
    {
        if (!NeighborSolicitation.TryParse(packet.Ip.V6, out NeighborSolicitation solicitation, out DropReason reason))
            return reason;
        if (solicitation.IsProbe)
            return Probed(packet, solicitation, now);
        EngineInterface arrived = packet.Frame.Arrived;
        MacAddress asker = solicitation.SourceLinkLayerAddress is { IsMulticast: false } told ? told : packet.Ethernet.Source;
        // Who asks in the name of an address of ours turns his neighbours' traffic for it to himself.
        if (asker != arrived.AnswerMac && claims.Contest(solicitation.Source, asker, arrived, now) is { } ours)
            Advertise(ours);
        if (claims.AnsweredOn(arrived, solicitation.Target) is { } asked)
            Answer(solicitation, asked, asker);
        return DropReason.None;
    }

    // RFC 4862 section 5.4.3: another is about to take the address. If it is ours he hears so, every time; if we are about to
    // take it as well, nobody gets it. Our own probes come back from links that mirror (appendix A).
    private DropReason Probed(in Packet packet, NeighborSolicitation solicitation, long now)
    {
        EngineInterface arrived = packet.Frame.Arrived;
        if (packet.Ethernet.Source == arrived.AnswerMac)
            return DropReason.None;
        claims.Note(solicitation.Target, packet.Ethernet.Source, arrived);
        if (claims.AnsweredOn(arrived, solicitation.Target) is not { } ours)
            return DropReason.None;
        if (!_defences.TryTake(now))
            return DropReason.AnswerRateLimited;
        Answer(solicitation, ours, Ipv6Multicast.Mac(Ipv6Multicast.AllNodes));
        return DropReason.None;
    }

    private void Answer(NeighborSolicitation solicitation, OwnedAddress asked, MacAddress to)
    {
        counters.NeighborsAnswered++;
        Span<byte> wire = Begin(asked.Home, to, NeighborAdvertisement.PacketLength, out Span<byte> answer);
        NeighborAdvertisement.WriteAnswer(answer, solicitation, asked.Home.AnswerMac, IsRouter(asked));
        output.Send(asked.Home, wire);
    }

    private DropReason Advertised(in Packet packet, long now)
    {
        if (!NeighborAdvertisement.TryParse(packet.Ip.V6, out NeighborAdvertisement advertisement, out DropReason reason))
            return reason;
        MacAddress by = advertisement.TargetLinkLayerAddress ?? packet.Ethernet.Source;
        if (by != packet.Frame.Arrived.AnswerMac && claims.Contest(advertisement.Target, by, packet.Frame.Arrived, now) is { } ours)
            Advertise(ours);
        return DropReason.None;
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
}
