using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>
/// ICMP errors about packets in tunnels come to the tunnel's begin, which is the director. The client, who can do something about
/// them, hears them from the VIP, about its own packet (RFC 2003 section 4, RFC 2473 section 8): too big for a link of the tunnel,
/// nobody there to unwrap it, lost in a loop. IPVS does so for IPv4 in IPv4; they count for nothing in the service's statistics there and here.
/// </summary>
public sealed class TunnelErrors(
    ConnectionTable connections, ServiceTable services, NextHops hops, HostResponder host, Transmitter transmitter, PipelineCounters counters)
{
    /// <summary>False: the packet is no error, or it is about nothing of ours.</summary>
    public bool TryReport(in Packet packet, long now, out DropReason reason)
    {
        reason = DropReason.None;
        if (!packet.Ip.IsIcmp || packet.Ip.IsFragment
            || !TunnelComplaint.TryRead(packet.Ip, out TunnelComplaint complaint)
            || !IcmpMessage.TryParse(packet.Ip, out IcmpMessage message, out _)
            || !TunnelQuote.TryParse(packet.Ip.IsIpv4, message.Quote, out TunnelQuote quote) || quote.Source != packet.Ip.Destination
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
        reason = message.ChecksumIsValid() ? Report(packet.Frame.Arrived, complaint, quote, now) : DropReason.IcmpChecksumInvalid;
        return true;
    }

    private static bool IsTunnelTo(Server server, TunnelQuote quote) =>
        server.Address == quote.Destination && server.Configuration.TunnelType == quote.Type
        && (quote.Type != TunnelType.Gue || server.Configuration.TunnelPort == quote.Port);

    private DropReason Report(EngineInterface arrived, in TunnelComplaint complaint, TunnelQuote quote, long now)
    {
        bool tooBig = complaint.Problem == IcmpProblem.TooBig;
        // A client that lets its packets be fragmented has no use for it (and the outer one could have been fragmented, too).
        if (tooBig && !quote.Inner.DontFragment)
            return DropReason.TooBig;
        ref readonly NextHop hop = ref hops.To(quote.Flow.Source);
        if (hop.Leaving is null)
            return DropReason.NoRoute;
        if (!host.MayAnswer(now))
            return DropReason.AnswerRateLimited;
        (byte type, byte code) = complaint.For(quote.Inner.IsIpv4);
        Span<byte> wire = host.ComposeError(
            quote.Inner.Packet, quote.Flow.Destination, quote.Flow.Source, type, code, tooBig ? MtuWithin(complaint.Mtu, quote) : 0);
        Frame frame = new(wire, arrived);
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
    private uint MtuWithin(uint mtu, TunnelQuote quote)
    {
        uint link = (uint)hops.To(quote.Destination).Mtu;
        int outer = (int)(mtu == 0 ? link : Math.Min(mtu, link));
        return (uint)Math.Max(outer - quote.Overhead, Transmitter.SmallestMtu(quote.Inner.IsIpv4));
    }
}
