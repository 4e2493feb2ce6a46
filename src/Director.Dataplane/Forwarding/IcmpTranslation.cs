using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
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
    ConnectionScheduler scheduler, PipelineCounters counters)
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
        if (!services.Settings.ScheduleIcmp || Schedule(packet, flow) is not (var scheduled and not 0))
            return false;
        reason = Translate(ref packet, scheduled, quoted, transport, PacketDirection.Input, now);
        return true;
    }

    // Of an answer that went by without us, or whose connection we have forgotten: to the server that its client's packets go to.
    private uint Schedule(in Packet packet, in FlowKey flow)
    {
        if (services.Find(flow.Protocol, flow.Destination, flow.DestinationPort) is not { } service)
            return 0;
        Packet asked = packet;
        asked.Flow = flow;
        return scheduler.ScheduleUnseen(asked, service);
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
        ReplaceQuotedSource(quoted, transport, server.Address, connection.Record.ServerPort);
        if (connection.Local is not { Port: not 0 } local)
            return;
        packet.Ip.ReplaceSource(local.Address);
        ReplaceQuotedDestination(quoted, transport, local.Address, local.Port);
    }

    // The quoted packet was one from client to server, as it left us: the client knows it with the VIP. Whoever on the
    // server's side sent the error, the client hears it from the VIP (as with IPVS).
    private static void RewriteForClient(ref Packet packet, IpHeader quoted, QuotedTransport transport, in Connection connection)
    {
        packet.Ip.ReplaceSource(connection.Virtual);
        ReplaceQuotedDestination(quoted, transport, connection.Virtual, connection.Record.VirtualPort);
        if (connection.Local.Port == 0)
            return;
        packet.Ip.ReplaceDestination(connection.Client);
        ReplaceQuotedSource(quoted, transport, connection.Client, connection.Record.ClientPort);
        RestoreQuotedSequence(quoted, transport, connection);
    }

    private static void ReplaceQuotedSource(IpHeader quoted, QuotedTransport transport, IpAddress address, ushort port)
    {
        FixQuotedChecksum(transport, quoted.Protocol, quoted.Source, address, transport.SourcePort, port);
        quoted.ReplaceSource(address);
        transport.SourcePort = port;
    }

    private static void ReplaceQuotedDestination(IpHeader quoted, QuotedTransport transport, IpAddress address, ushort port)
    {
        FixQuotedChecksum(transport, quoted.Protocol, quoted.Destination, address, transport.DestinationPort, port);
        quoted.ReplaceDestination(address);
        transport.DestinationPort = port;
    }

    // Clients believe only errors about numbers that they have sent (RFC 5927 section 4).
    private static void RestoreQuotedSequence(IpHeader quoted, QuotedTransport transport, in Connection connection)
    {
        if ((connection.Record.Flags & ConnectionFlags.AddressOwed) == 0 || quoted.Protocol != IpProtocol.Tcp)
            return;
        Span<byte> field = quoted.Payload[4..8];
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(field);
        uint known = AddressHandover.For(connection.Record.Flags)!.QuotedSequence(connection.Handshake, sequence, connection.Client);
        BinaryPrimitives.WriteUInt32BigEndian(field, known);
        if (transport.HasChecksum)
            transport.Checksum = Checksum.Replace(transport.Checksum, sequence, known);
    }

    private static void FixQuotedChecksum(QuotedTransport transport, byte protocol, IpAddress fromAddress, IpAddress toAddress, ushort fromPort, ushort toPort)
    {
        if (!transport.HasChecksum)
            return;
        ushort checksum = Checksum.Replace(Checksum.Replace(transport.Checksum, fromAddress, toAddress), fromPort, toPort);
        transport.Checksum = protocol == IpProtocol.Udp ? Checksum.UdpWire(checksum) : checksum;
    }
}
