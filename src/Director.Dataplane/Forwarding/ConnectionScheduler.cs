using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Defence;
using Director.Dataplane.FullNat;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// A real server for a packet of a service that belongs to no connection, and the connection for it (IPVS: ip_vs_schedule,
/// ip_vs_sched_persist): chosen by the scheduler, or by the template of the client's group.
/// </summary>
public sealed class ConnectionScheduler(
    ConnectionTable connections, ServiceTable services, ConnectionForwarder forwarder, Defences defences, HeldOpenings held, HostResponder host)
{
    private const ushort FtpPort = 21;

    /// <summary><see cref="DropReason.NoServerAvailable"/>: nothing has been done about it yet.</summary>
    public DropReason Schedule(ref Packet packet, Service service, IpAddress errorSource, long now)
    {
        if (!defences.Admits(forwarder.Ticks))
            return DropReason.DefenceDropped;
        DropReason reason = Choose(packet, service, out Server? server, out uint template);
        if (server is null)
            return reason;

        ushort port = PortFor(packet.Flow.DestinationPort, service, server);
        // (With full NAT it takes a connection to know an answer again.)
        if (service.SchedulesEachPacket(packet.Flow.Protocol) && server.Forwarding != ForwardingMethod.FullNat)
        {
            if (template != 0)
                connections.Templates.Restart(template, forwarder.Ticks);
            return forwarder.ToServerOnce(ref packet, service, server, port, now);
        }
        uint number = Connect(packet, service, server, port, template, out reason);
        if (reason == DropReason.LocalPortsExhausted)
            return host.Error(packet, errorSource, IcmpProblem.PortUnreachable, now, reason);
        if (number == 0)
            return reason;
        return held.TryHoldFirst(packet, number, now) ? DropReason.None : forwarder.ToServer(ref packet, number, now);
    }

    /// <summary>
    /// The connection of a packet that was not seen itself (schedule_icmp: an ICMP error quotes its answer); 0: there is none to be had.
    /// </summary>
    public uint ScheduleUnseen(in Packet packet, Service service)
    {
        _ = Choose(packet, service, out Server? server, out uint template);
        return server is null || service.SchedulesEachPacket(packet.Flow.Protocol)
            ? 0
            : Connect(packet, service, server, PortFor(packet.Flow.DestinationPort, service, server), template, out _);
    }

    private DropReason Choose(in Packet packet, Service service, out Server? server, out uint template)
    {
        template = 0;
        server = service.Persistence is { } persistence
            ? ChooseByTemplate(packet, service, persistence, out template)
            : service.Scheduler.Choose(service, packet.Flow);
        if (server is null)
            return DropReason.NoServerAvailable;
        if (service.Persistence is null || template != 0)
            return DropReason.None;
        server = null;
        return DropReason.ConnectionTableFull;
    }

    private uint Connect(in Packet packet, Service service, Server server, ushort port, uint template, out DropReason reason)
    {
        reason = DropReason.LocalPortsExhausted;
        if (!forwarder.TryTakeLocal(packet, server, port, out LocalEndpoint local))
            return 0;
        uint number = forwarder.Create(packet, service, server, port, local);
        reason = number == 0 ? DropReason.ConnectionTableFull : DropReason.None;
        if (number != 0 && template != 0)
            connections.Templates.Bind(number, template, forwarder.Ticks);
        return number;
    }

    // The template's server as long as it may be used; else the scheduler's choice becomes the group's new template (0: no room).
    // (As in IPVS, the template of all ports of an address serves every service there: one for port 0 and one for FTP.)
    private Server? ChooseByTemplate(in Packet packet, Service service, Persistence persistence, out uint template)
    {
        FlowKey clients = TemplateKey(packet.Flow, service, persistence.GroupOf(packet.Flow.Source), out bool ofThisPort);
        ReadOnlySpan<byte> callId = persistence.UsesCallId ? CallIdOf(packet) : [];
        template = connections.Templates.Find(clients, callId);
        if (template != 0)
        {
            if (services.ServerAt(connections[template].ServerSlot) is { IsDeleted: false } server
                && !(services.Settings.ExpireQuiescentTemplate && server.Weight == 0))
            {
                return server;
            }
            connections.Templates.Invalidate(template);
        }
        Server? chosen = service.Scheduler.Choose(service, packet.Flow);
        template = chosen is null ? 0 : forwarder.CreateTemplate(clients, chosen, ofThisPort ? chosen.Port : (ushort)0, persistence.Timeout, callId);
        return chosen;
    }

    // One template a port (-p on a port); all ports of an address share one (port 0, and FTP with its data connections), and so do
    // all that a firewall mark holds together.
    private static FlowKey TemplateKey(in FlowKey flow, Service service, IpAddress group, out bool ofThisPort)
    {
        ServiceKey key = service.Configuration.Key;
        ofThisPort = !key.IsFirewallMark && key.Port == flow.DestinationPort && key.Port != FtpPort;
        return key.IsFirewallMark
            ? new FlowKey(0, group, 0, service.Address, 0)
            : new FlowKey(flow.Protocol, group, 0, flow.Destination, ofThisPort ? key.Port : (ushort)0);
    }

    // What is no SIP message, or one without a Call-ID, is persistent by its address alone. (IPVS drops it.)
    private static ReadOnlySpan<byte> CallIdOf(in Packet packet)
    {
        if (packet.Flow.Protocol != IpProtocol.Udp || packet.Ip.Payload.Length <= UdpHeader.HeaderLength)
            return [];
        return SipMessage.TryFindCallId(packet.Ip.Payload[UdpHeader.HeaderLength..], out ReadOnlySpan<byte> callId) ? callId : [];
    }

    // The server's port if it has one; but what comes to other ports of a persistent service keeps its own.
    private static ushort PortFor(ushort destination, Service service, Server server) =>
        server.Port != 0 && (service.Persistence is null || destination == service.Configuration.Key.Port) ? server.Port : destination;
}
