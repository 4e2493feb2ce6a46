using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>
/// ICMP errors about packets in tunnels come to the tunnel's begin, which is the director. The client, who can do something about
/// them, hears them from the VIP, about its own packet (RFC 2003 section 4; IPVS's ip_vs_in_icmp): too big for a link of the tunnel, nobody there to
/// unwrap it, lost in a loop. They count for nothing in the service's statistics.
/// </summary>
public sealed class TunnelErrors(
    ConnectionTable connections, ServiceTable services, NextHops hops, HostResponder host, Transmitter transmitter, PipelineCounters counters)
{
    /// <summary>False: the packet is no error, or it is about nothing of ours.</summary>
    public bool TryReport(in Packet packet, long now, out DropReason reason)
    {
        reason = DropReason.None;
        if (packet.Ip.Protocol != IpProtocol.Icmp || packet.Ip.IsFragment
            || !IcmpHeader.TryParse(packet.Ip.Payload, out IcmpHeader message, out _)
            || message.Type is not (IcmpHeader.DestinationUnreachable or IcmpHeader.TimeExceeded)
            || !TunnelQuote.TryParse(message.Quote, out TunnelQuote quote) || quote.Source != packet.Ip.Destination
            || connections.Find(quote.Flow) is not (var number and not 0))
        {
            return false;
        }
        ref ConnectionRecord connection = ref connections[number];
        if (connection.Forwarding != ForwardingMethod.Tunnel
            || services.ServerAt(connection.ServerSlot) is not { } server || !IsTunnelTo(server, quote))
        {
            return false;
        }
        reason = message.ChecksumIsValid() ? Report(packet, message, quote, now) : DropReason.IcmpChecksumInvalid;
        return true;
    }

    private static bool IsTunnelTo(Server server, TunnelQuote quote) =>
        server.Address == quote.Destination && server.Configuration.TunnelType == quote.Type
        && (quote.Type != TunnelType.Gue || server.Configuration.TunnelPort == quote.Port);

    private DropReason Report(in Packet packet, IcmpHeader message, TunnelQuote quote, long now)
    {
        bool tooBig = message.Type == IcmpHeader.DestinationUnreachable && message.Code == IcmpHeader.FragmentationNeeded;
        // A client that lets its packets be fragmented has no use for it (and the outer one could have been fragmented, too).
        if (tooBig && !quote.Inner.DontFragment)
            return DropReason.TooBig;
        ushort mtu = tooBig ? MtuWithin(message.Mtu, quote) : (ushort)0;
        ref readonly NextHop hop = ref hops.To(quote.Flow.Source);
        if (hop.Leaving is null)
            return DropReason.NoRoute;
        if (!host.MayAnswer(now))
            return DropReason.AnswerRateLimited;
        Frame frame = new(
            host.Compose(quote.Inner.Packet, quote.Flow.Destination, quote.Flow.Source, message.Type, message.Code, mtu), packet.Frame.Arrived);
        _ = EthernetHeader.TryParse(frame.Ethernet, out EthernetHeader ethernet, out _);
        if (!Packet.TryParse(frame, ethernet, out Packet report, out DropReason reason))
            return reason;
        reason = transmitter.Send(ref report, hop, now);
        if (reason == DropReason.None)
            counters.Related++;
        return reason;
    }

    // What of the MTU is left for the client's packet; never more than it is told when it sends too much to us. Routers older than
    // RFC 1191 say 0.
    private ushort MtuWithin(ushort mtu, TunnelQuote quote)
    {
        int link = hops.To(quote.Destination).Mtu;
        int outer = mtu == 0 ? link : Math.Min(mtu, link);
        return (ushort)Math.Max(outer - quote.Overhead, Fragmenter.SmallestMtu);
    }
}
