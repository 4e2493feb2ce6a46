using Director.Dataplane.Connections;
using Director.Dataplane.FastPath;
using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.FullNat;
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
    ConnectionTable connections, ServiceTable services, NextHops hops, Transmitter transmitter, TunnelTransmitter tunnels, Introducer introducer,
    PipelineCounters counters)
{
    private const int MostLocalTries = 8;

    /// <summary>Ticks of the connection clock; set once a batch.</summary>
    public uint Ticks { get; set; }

    /// <summary>The way to this address is found before the first packet takes it.</summary>
    public void Warm(IpAddress address) => hops.Warm(address);

    /// <summary>Takes over what needs no engine; null: there is no fast path.</summary>
    public FastForwarding? Fast { get; set; }

    /// <summary>Total over all services (IPVS: /proc/net/ip_vs_stats).</summary>
    public Counters Total;

    /// <summary>
    /// Whether the connection that this packet belongs to is over, so that the packet is scheduled afresh; it is removed then. A
    /// SYN or INIT on one that has ended is (conn_reuse_mode), and with expire_nodest_conn what belongs to a server that is gone.
    /// </summary>
    public bool StartsAnew(in Packet packet, uint number)
    {
        ref ConnectionRecord connection = ref connections[number];
        if (!OpeningRules.Replaces(packet.Event, connection, services.Settings) && !IsAbandoned(connection, OpeningRules.Begins(packet.Event)))
            return false;
        Remove(number);
        return true;
    }

    private bool IsAbandoned(in ConnectionRecord connection, bool begins) => services.Settings.ExpireNodestConn
        && (services.IsGone(connection.ServerSlot) || (begins && services.ServerAt(connection.ServerSlot) is { Weight: 0 }));

    /// <summary>
    /// With full NAT, where the connection of this packet to the server's port is spoken from; nothing with other methods. False:
    /// there is no port left. <see cref="Create"/> follows.
    /// </summary>
    public bool TryTakeLocal(in Packet packet, Server server, ushort port, out LocalEndpoint local)
    {
        local = default;
        if (server.Forwarding != ForwardingMethod.FullNat)
            return true;
        // Pools know servers by their configured port. A port that some other service's pool gave for the same one is passed over.
        for (int tries = 0; tries < MostLocalTries && server.LocalPorts!.TryTake(Ticks, out local); tries++)
        {
            if (connections.FindReply(new FlowKey(packet.Flow.Protocol, server.Address, port, local.Address, local.Port)) == 0)
                return true;
            server.LocalPorts.Free(local, Ticks);
        }
        return false;
    }

    /// <summary>The new connection of this packet; 0 when the table is full.</summary>
    public uint Create(in Packet packet, Service service, Server server, ushort port, LocalEndpoint local)
    {
        ConnectionFlags told = local.Port != 0 && packet.Ip.Protocol == IpProtocol.Tcp
            ? AddressHandover.FlagOf(server.Configuration.ClientAddress)
            : ConnectionFlags.None;
        uint number = connections.Create(packet.Flow, server.Slot, port, server.Forwarding, Ticks, local, told);
        if (number == 0)
        {
            server.LocalPorts?.Free(local, Ticks);
            return 0;
        }
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
        LocalEndpoint local = connections.At(number).Local;
        connections.Remove(number);
        if (server is null)
            return;
        if (local.Port != 0)
            server.LocalPorts?.Free(local, Ticks);
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
        return Forward(ref packet, connection, server, now);
    }

    /// <summary>A packet of a one-packet service: on its way as if of a connection, of which nothing is left.</summary>
    public DropReason ToServerOnce(ref Packet packet, Service service, Server server, ushort port, long now)
    {
        ConnectionRecord record = ConnectionRecord.Passing(packet.Flow, server.Slot, port, server.Forwarding);
        RecordExtension extension = RecordExtension.Passing(packet.Flow);
        CountConnection(service, server);
        CountIn(ref record, server, packet.Ip.TotalLength);
        return Forward(ref packet, new Connection(0, ref record, ref extension), server, now);
    }

    public DropReason ToClient(ref Packet packet, uint number, long now)
    {
        Connection connection = connections.At(number);
        if (services.ServerAt(connection.Record.ServerSlot) is not { } server)
            return DropReason.ServerDeleted;
        CountOut(ref connection.Record, server, packet.Ip.TotalLength);
        Advance(number, ref connection.Record, server, packet, PacketDirection.Output);
        return Return(ref packet, connection, server, now);
    }

    /// <summary>
    /// The answer of a one-packet service's masqueraded server, which says by itself what its connection would
    /// (<see cref="ServiceTable.FindOnePacketServer"/>). (IPVS lets it pass untranslated, which helps nobody.)
    /// </summary>
    public DropReason ToClientOnce(ref Packet packet, Server server, long now)
    {
        FlowKey flow = new(packet.Flow.Protocol, packet.Flow.Destination, packet.Flow.DestinationPort, server.Service.Address, server.Service.Configuration.Key.Port);
        ConnectionRecord record = ConnectionRecord.Passing(flow, server.Slot, packet.Flow.SourcePort, server.Forwarding);
        RecordExtension extension = RecordExtension.Passing(flow);
        CountOut(ref record, server, packet.Ip.TotalLength);
        return Return(ref packet, new Connection(0, ref record, ref extension), server, now);
    }

    private DropReason Forward(ref Packet packet, scoped Connection connection, Server server, long now)
    {
        Forwarder method = Forwarder.For(connection.Record.Forwarding)!;
        ref readonly NextHop hop = ref hops.To(server.Address);
        DropReason reason = transmitter.TryPrepare(ref packet, hop, connection.Virtual, now, method.Overhead(packet, server), MayFragmentTunnel(method));
        if (reason != DropReason.None)
            return reason;
        if (!introducer.Takes(ref packet, connection, server, hop, now, out reason))
        {
            method.ToServer(ref packet, connection, server);
            reason = SendToServer(ref packet, method, server, hop, now);
        }
        NoteHandshake(connection);
        if (reason != DropReason.None)
            return reason;
        counters.Forwarded++;
        if (connection.Number != 0)
            Fast?.Offer(connection.Number, connection.Record, PacketDirection.Input);
        return DropReason.None;
    }

    private DropReason Return(ref Packet packet, scoped Connection connection, Server server, long now)
    {
        ref readonly NextHop hop = ref hops.To(connection.Client);
        DropReason reason = transmitter.TryPrepare(ref packet, hop, hops.AddressOn(packet.Frame.Arrived, packet.Ip.IsIpv4), now);
        if (reason != DropReason.None)
            return reason;
        NoteHandshake(connection);
        Introducer.Hear(ref packet, connection);
        Forwarder.For(connection.Record.Forwarding)!.ToClient(ref packet, connection, server);
        reason = transmitter.Send(ref packet, hop, now);
        if (reason != DropReason.None)
            return reason;
        counters.Replies++;
        if (connection.Number != 0)
            Fast?.Offer(connection.Number, connection.Record, PacketDirection.Output);
        return DropReason.None;
    }

    // While the server does not know its client every packet may change what a director has to know of that.
    private void NoteHandshake(scoped Connection connection)
    {
        if ((connection.Record.Flags & ConnectionFlags.AddressOwed) != 0)
            connections.Journal.Changed(connection.Number, ref connection.Record);
    }

    /// <summary>Sends what is prepared and rewritten, in the way of the method.</summary>
    public DropReason SendToServer(ref Packet packet, Forwarder method, Server server, in NextHop hop, long now) =>
        method.Method == ForwardingMethod.Tunnel
            ? tunnels.Send(ref packet, server, hop, MayFragmentTunnel(method), now)
            : transmitter.Send(ref packet, hop, now);

    // pmtu_disc 0: of tunnels only, as in IPVS.
    private bool MayFragmentTunnel(Forwarder method) => !services.Settings.PmtuDisc && method.Method == ForwardingMethod.Tunnel;

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
