using Director.Dataplane.Connections;
using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Packets of connections: state and counters first, then on their way, to the server or back to the client. The order is
/// IPVS's: a packet counts even if it then cannot be sent.
/// </summary>
public sealed class ConnectionForwarder(
    ConnectionTable connections, ServiceTable services, NextHops hops, Transmitter transmitter, TunnelTransmitter tunnels, PipelineCounters counters)
{
    /// <summary>Ticks of the connection clock; set once a batch.</summary>
    public uint Ticks { get; set; }

    /// <summary>Total over all services (IPVS: /proc/net/ip_vs_stats).</summary>
    public Counters Total;

    /// <summary>
    /// Whether the connection that this packet belongs to is over, so that the packet is scheduled afresh; it is removed then. A
    /// SYN or INIT on one that has ended is (conn_reuse_mode), and with expire_nodest_conn what belongs to a server that is gone.
    /// </summary>
    public bool StartsAnew(in Packet packet, uint number)
    {
        ref ConnectionRecord connection = ref connections[number];
        Server? server = services.ServerAt(connection.ServerSlot);
        bool abandoned = services.Settings.ExpireNodestConn && server is not null
            && (server.IsDeleted || (OpeningRules.Begins(packet.Event) && server.Weight == 0));
        if (!abandoned && !OpeningRules.Replaces(packet.Event, connection, services.Settings))
            return false;
        Remove(number);
        return true;
    }

    /// <summary>The new connection of this packet; 0 when the table is full.</summary>
    public uint Create(in Packet packet, Service service, Server server, ushort port)
    {
        uint number = connections.Create(packet.Flow, server.Slot, port, server.Forwarding, Ticks);
        if (number == 0)
            return 0;
        server.ConnectionBound(active: false);
        CountConnection(service, server);
        return number;
    }

    /// <summary>The template for these clients; 0 when the table is full.</summary>
    public uint CreateTemplate(in FlowKey clients, Server server, ushort port, uint timeout, ReadOnlySpan<byte> data)
    {
        uint number = connections.Templates.Create(clients, server.Slot, port, server.Forwarding, timeout, data, Ticks);
        if (number != 0)
            server.TemplateBound();
        return number;
    }

    /// <summary>An ended or replaced connection leaves the table and its server's counts.</summary>
    public void Remove(uint number)
    {
        ref ConnectionRecord connection = ref connections[number];
        Server? server = services.ServerAt(connection.ServerSlot);
        bool active = connection.IsActive;
        bool template = (connection.Flags & ConnectionFlags.Template) != 0;
        connections.Remove(number);
        if (server is null)
            return;
        if (template)
            server.TemplateUnbound();
        else
            server.ConnectionUnbound(active);
        if (server.IsDeleted && server.References == 0)
            services.Forget(server);
    }

    public DropReason ToServer(ref Packet packet, uint number, long now)
    {
        Connection connection = connections.At(number);
        if (services.ServerAt(connection.Record.ServerSlot) is not { IsDeleted: false } server)
            return DropReason.ServerDeleted;
        CountIn(ref connection.Record, server, packet.Ip.TotalLength);
        Advance(number, ref connection.Record, server, packet, PacketDirection.Input);

        Forwarder method = Forwarder.For(connection.Record.Forwarding)!;
        ref readonly NextHop hop = ref hops.To(server.Address);
        DropReason reason = transmitter.TryPrepare(ref packet, hop, connection.Virtual, now, method.Overhead(packet, server));
        if (reason != DropReason.None)
            return reason;
        method.ToServer(ref packet, connection, server);
        reason = SendToServer(ref packet, method, server, hop, now);
        if (reason == DropReason.None)
            counters.Forwarded++;
        return reason;
    }

    /// <summary>A packet of a one-packet service: on its way as if of a connection, of which nothing is left.</summary>
    public DropReason ToServerOnce(ref Packet packet, Service service, Server server, ushort port, long now)
    {
        CountConnection(service, server);
        server.Counters.CountIn(packet.Ip.TotalLength);
        service.Counters.CountIn(packet.Ip.TotalLength);
        Total.CountIn(packet.Ip.TotalLength);

        Forwarder method = Forwarder.For(server.Forwarding)!;
        ref readonly NextHop hop = ref hops.To(server.Address);
        DropReason reason = transmitter.TryPrepare(ref packet, hop, packet.Ip.Destination, now, method.Overhead(packet, server));
        if (reason != DropReason.None)
            return reason;
        ConnectionRecord record = ConnectionRecord.Passing(packet.Flow, server.Slot, port);
        RecordExtension extension = RecordExtension.Passing(packet.Flow);
        method.ToServer(ref packet, new Connection(0, ref record, ref extension), server);
        reason = SendToServer(ref packet, method, server, hop, now);
        if (reason == DropReason.None)
            counters.Forwarded++;
        return reason;
    }

    /// <summary>The answer of a one-packet service's masqueraded server. (IPVS lets it pass untranslated, which helps nobody.)</summary>
    public DropReason ToClientOnce(ref Packet packet, Server server, long now)
    {
        ServiceKey key = server.Service.Configuration.Key;
        server.Counters.CountOut(packet.Ip.TotalLength);
        server.Service.Counters.CountOut(packet.Ip.TotalLength);
        Total.CountOut(packet.Ip.TotalLength);
        ref readonly NextHop hop = ref hops.To(packet.Ip.Destination);
        DropReason reason = transmitter.TryPrepare(ref packet, hop, hops.AddressOn(packet.Frame.Arrived, packet.Ip.IsIpv4), now);
        if (reason != DropReason.None)
            return reason;
        AddressTranslation.ReplaceSource(ref packet, IpAddress.Of(key.Address!), key.Port != 0 ? key.Port : packet.Flow.SourcePort);
        reason = transmitter.Send(ref packet, hop, now);
        if (reason == DropReason.None)
            counters.Replies++;
        return reason;
    }

    public DropReason ToClient(ref Packet packet, uint number, long now)
    {
        Connection connection = connections.At(number);
        if (services.ServerAt(connection.Record.ServerSlot) is not { } server)
            return DropReason.ServerDeleted;
        CountOut(ref connection.Record, server, packet.Ip.TotalLength);
        Advance(number, ref connection.Record, server, packet, PacketDirection.Output);

        ref readonly NextHop hop = ref hops.To(packet.Ip.Destination);
        DropReason reason = transmitter.TryPrepare(ref packet, hop, hops.AddressOn(packet.Frame.Arrived, packet.Ip.IsIpv4), now);
        if (reason != DropReason.None)
            return reason;
        Forwarder.For(connection.Record.Forwarding)!.ToClient(ref packet, connection, server);
        reason = transmitter.Send(ref packet, hop, now);
        if (reason == DropReason.None)
            counters.Replies++;
        return reason;
    }

    /// <summary>Sends what is prepared and rewritten, in the way of the method.</summary>
    public DropReason SendToServer(ref Packet packet, Forwarder method, Server server, in NextHop hop, long now) =>
        method.Method == ForwardingMethod.Tunnel ? tunnels.Send(ref packet, server, hop, now) : transmitter.Send(ref packet, hop, now);

    /// <summary>Counts a packet that belongs to the connection without being its flow's: a translated ICMP error.</summary>
    public void CountRelated(uint number, Server server, int bytes, PacketDirection direction)
    {
        if (direction == PacketDirection.Input)
            CountIn(ref connections[number], server, bytes);
        else
            CountOut(ref connections[number], server, bytes);
    }

    private void Advance(uint number, ref ConnectionRecord connection, Server server, in Packet packet, PacketDirection direction)
    {
        bool was = connection.IsActive;
        connections.Advance(number, packet.Event, direction, Ticks);
        bool active = connection.IsActive;
        if (active != was)
            server.ConnectionChanged(active);
        if (connection.State is ConnectionState.Established or ConnectionState.SctpEstablished
            || (direction == PacketDirection.Output && connection.State == ConnectionState.Udp))
        {
            connections.Templates.Assure(number);
        }
    }

    private void CountConnection(Service service, Server server)
    {
        server.Counters.Connections++;
        service.Counters.Connections++;
        Total.Connections++;
    }

    private void CountIn(ref ConnectionRecord connection, Server server, int bytes)
    {
        connection.CountIn(bytes);
        server.Counters.CountIn(bytes);
        server.Service.Counters.CountIn(bytes);
        Total.CountIn(bytes);
    }

    private void CountOut(ref ConnectionRecord connection, Server server, int bytes)
    {
        connection.CountOut(bytes);
        server.Counters.CountOut(bytes);
        server.Service.Counters.CountOut(bytes);
        Total.CountOut(bytes);
    }
}
