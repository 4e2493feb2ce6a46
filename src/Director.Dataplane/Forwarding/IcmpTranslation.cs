using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// ICMP errors about packets of connections (RFC 5508 section 4): the quoted packet says which. From the client's side they go
/// to the server, from the server's side (or anybody on it) to the client; outer and quoted addresses and ports, and the quoted
/// checksums, are translated like the packets themselves.
/// </summary>
public sealed class IcmpTranslation(
    ConnectionTable connections, ServiceTable services, NextHops hops, Transmitter transmitter, ConnectionForwarder forwarder,
    PipelineCounters counters)
{
    /// <summary>False: the error is about nothing of ours.</summary>
    public bool TryTranslate(ref Packet packet, IcmpMessage message, long now, out DropReason reason)
    {
        if (!IpHeader.TryParseQuote(packet.Ip.IsIpv4, message.Quote, out IpHeader quoted, out reason) || quoted.FragmentOffset != 0
            || !QuotedTransport.TryParse(quoted, out QuotedTransport transport, out reason))
        {
            // Not to be read: ours to drop only if it came to one of our addresses, which the caller decides.
            reason = DropReason.None;
            return false;
        }
        // The quoted packet went the other way: its source is where the error's receiver sits.
        FlowKey flow = new(quoted.Protocol, quoted.Destination, transport.DestinationPort, quoted.Source, transport.SourcePort);
        if (connections.Find(flow) is var fromClient and not 0)
        {
            reason = Translate(ref packet, fromClient, quoted, transport, PacketDirection.Input, now);
            return true;
        }
        if (connections.FindReply(flow) is var fromServer and not 0)
        {
            reason = Translate(ref packet, fromServer, quoted, transport, PacketDirection.Output, now);
            return true;
        }
        return false;
    }

    private DropReason Translate(
        ref Packet packet, uint number, IpHeader quoted, QuotedTransport transport, PacketDirection direction, long now)
    {
        Connection connection = connections.At(number);
        if (services.ServerAt(connection.Record.ServerSlot) is not { } server)
            return DropReason.ServerDeleted;
        _ = IcmpMessage.TryParse(packet.Ip, out IcmpMessage message, out _);
        if (!message.ChecksumIsValid())
            return DropReason.IcmpChecksumInvalid;
        forwarder.CountRelated(number, server, packet.Ip.TotalLength, direction);

        bool toServer = direction == PacketDirection.Input;
        ref readonly NextHop hop = ref hops.To(toServer ? server.Address : connection.Client);
        Forwarder method = Forwarder.For(connection.Record.Forwarding)!;
        DropReason reason = transmitter.TryPrepare(ref packet, hop, connection.Virtual, now, toServer ? method.Overhead(packet, server) : 0);
        if (reason != DropReason.None)
            return reason;
        if (method.SeesReplies)
        {
            if (toServer)
                RewriteForServer(ref packet, quoted, transport, connection, server);
            else
                RewriteForClient(ref packet, quoted, transport, connection);
            message.RecomputeChecksum();
            new VirtioNetHeader(packet.Frame.Offload).Clear();
        }
        reason = toServer ? forwarder.SendToServer(ref packet, method, server, hop, now) : transmitter.Send(ref packet, hop, now);
        if (reason == DropReason.None)
            counters.Related++;
        return reason;
    }

    // The quoted packet was one from VIP to client, as the client saw it: the server knows it with its own address.
    private static void RewriteForServer(
        ref Packet packet, IpHeader quoted, QuotedTransport transport, in Connection connection, Server server)
    {
        packet.Ip.ReplaceDestination(server.Address);
        FixQuotedChecksum(transport, quoted.Protocol, quoted.Source, server.Address, transport.SourcePort, connection.Record.ServerPort);
        quoted.ReplaceSource(server.Address);
        transport.SourcePort = connection.Record.ServerPort;
    }

    // The quoted packet was one from client to server, as it left us: the client knows it with the VIP. Whoever on the
    // server's side sent the error, the client hears it from the VIP (as with IPVS).
    private static void RewriteForClient(ref Packet packet, IpHeader quoted, QuotedTransport transport, in Connection connection)
    {
        packet.Ip.ReplaceSource(connection.Virtual);
        FixQuotedChecksum(
            transport, quoted.Protocol, quoted.Destination, connection.Virtual, transport.DestinationPort, connection.Record.VirtualPort);
        quoted.ReplaceDestination(connection.Virtual);
        transport.DestinationPort = connection.Record.VirtualPort;
    }

    private static void FixQuotedChecksum(QuotedTransport transport, byte protocol, IpAddress fromAddress, IpAddress toAddress, ushort fromPort, ushort toPort)
    {
        if (!transport.HasChecksum)
            return;
        ushort checksum = Checksum.Replace(Checksum.Replace(transport.Checksum, fromAddress, toAddress), fromPort, toPort);
        transport.Checksum = protocol == IpProtocol.Udp ? Checksum.UdpWire(checksum) : checksum;
    }
}
