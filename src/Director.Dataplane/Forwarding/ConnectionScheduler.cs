using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// A real server for a packet of a service that belongs to no connection, and the connection for it (IPVS: ip_vs_schedule,
/// ip_vs_sched_persist): chosen by the scheduler, or by the template of the client's group.
/// </summary>
public sealed class ConnectionScheduler(
    ConnectionTable connections, ServiceTable services, ConnectionForwarder forwarder, HostResponder host)
{
    private const ushort FtpPort = 21;

    public DropReason Schedule(ref Packet packet, Service service, IpAddress errorSource, long now)
    {
        uint template = 0;
        Server? server = service.Persistence is { } persistence
            ? ChooseByTemplate(packet, service, persistence, out template)
            : service.Scheduler.Choose(service, packet.Flow);
        if (server is null)
        {
            // As IPVS does, for TCP too.
            return host.Error(packet, errorSource, IcmpProblem.PortUnreachable, now, DropReason.NoServerAvailable);
        }
        if (service.Persistence is not null && template == 0)
            return DropReason.ConnectionTableFull;
        ushort port = PortFor(packet.Flow.DestinationPort, service, server);
        if (service.SchedulesEachPacket(packet.Flow.Protocol))
        {
            if (template != 0)
                connections.Templates.Restart(template, forwarder.Ticks);
            return forwarder.ToServerOnce(ref packet, service, server, port, now);
        }
        uint number = forwarder.Create(packet, service, server, port);
        if (number == 0)
            return DropReason.ConnectionTableFull;
        if (template != 0)
            connections.Templates.Bind(number, template, forwarder.Ticks);
        return forwarder.ToServer(ref packet, number, now);
    }

    // The template's server as long as it may be used; else the scheduler's choice becomes the group's new template.
    private Server? ChooseByTemplate(in Packet packet, Service service, Persistence persistence, out uint template)
    {
        FlowKey clients = TemplateKey(packet.Flow, service, persistence.GroupOf(packet.Flow.Source), out bool ofThisPort);
        ReadOnlySpan<byte> callId = default;
        if (persistence.UsesCallId && packet.Ip.Protocol == IpProtocol.Udp && packet.Ip.Payload.Length > UdpHeader.HeaderLength)
            SipMessage.TryFindCallId(packet.Ip.Payload[UdpHeader.HeaderLength..], out callId);

        template = connections.Templates.Find(clients, callId);
        if (template != 0 && services.ServerAt(connections[template].ServerSlot) is { IsDeleted: false } server && server.Service == service
            && !(services.Settings.ExpireQuiescentTemplate && server.Weight == 0))
        {
            return server;
        }
        if (template != 0)
            connections.Templates.Invalidate(template);

        Server? chosen = service.Scheduler.Choose(service, packet.Flow with { Source = clients.Source });
        template = chosen is null ? 0 : forwarder.CreateTemplate(clients, chosen, ofThisPort ? chosen.Port : (ushort)0, persistence.Timeout, callId);
        return chosen;
    }

    // One template a port (-p on a port); all ports of an address share one (port 0, and FTP with its data connections), and so do
    // all that a firewall mark holds together.
    private static FlowKey TemplateKey(in FlowKey flow, Service service, IpAddress group, out bool ofThisPort)
    {
        ServiceKey key = service.Configuration.Key;
        ofThisPort = !key.IsFirewallMark && key.Port != 0 && key.Port != FtpPort && key.Port == flow.DestinationPort;
        return key.IsFirewallMark
            ? new FlowKey(0, group, 0, service.MarkAddress, 0)
            : new FlowKey(flow.Protocol, group, 0, flow.Destination, ofThisPort ? flow.DestinationPort : (ushort)0);
    }

    // The server's port if it has one; but what comes to other ports of a persistent service keeps its own.
    private static ushort PortFor(ushort destination, Service service, Server server) =>
        server.Port != 0 && (service.Persistence is null || destination == service.Configuration.Key.Port) ? server.Port : destination;
}
