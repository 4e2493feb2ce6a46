using System.Net.Sockets;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.FullNat;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tables;

/// <summary>
/// The services that the packet thread looks up, and the servers that connections refer to by slot. Updates are applied
/// between batches, server by server and oldest first, so that schedulers live through the same edits as IPVS's would.
/// </summary>
public sealed class ServiceTable(ServerSlots slots, SchedulingContext scheduling, LocalPorts localPorts)
{
    private const byte AnyProtocol = 0; // of a firewall mark
    private const ushort FtpDataPort = 20;
    private const ushort FtpPort = 21;
    private const ushort FirstUserPort = 1024;

    private readonly Dictionary<(byte Protocol, IpAddress Address, ushort Port), Service> _byAddress = [];
    private readonly Dictionary<(uint Mark, bool Ipv4), Service> _byMark = [];
    private readonly Dictionary<(IpAddress Address, ushort Port), Server> _onePacket = [];
    private readonly HashSet<(byte Protocol, IpAddress Address, ushort Port)> _masqueraded = [];
    private readonly Dictionary<ServiceKey, Service> _byKey = [];
    private readonly Server?[] _servers = new Server?[slots.Capacity];
    private readonly List<Service> _inOrder = [];
    private readonly HashSet<Server> _revived = [];
    private bool _applied;

    /// <summary>IPVS's sysctls in force.</summary>
    public Settings Settings
    {
        get => scheduling.Settings;
        set
        {
            scheduling.Settings = value;
            IndexMasqueraded();
        }
    }

    /// <summary>In the order of addition.</summary>
    public IReadOnlyList<Service> Services => _inOrder;

    /// <summary>Exact port first, then the service for every port, as IPVS looks them up.</summary>
    public Service? Find(byte protocol, IpAddress address, ushort port) =>
        _byAddress.GetValueOrDefault((protocol, address, port))
        ?? FindFtp(protocol, address, port)
        ?? _byAddress.GetValueOrDefault((protocol, address, (ushort)0));

    /// <summary>The service of a firewall mark; 0 is no mark.</summary>
    public Service? FindMark(uint mark, bool ipv4) => mark == 0 ? null : _byMark.GetValueOrDefault((mark, ipv4));

    /// <summary>The masqueraded server of a one-packet service that sends from here: no connection says whose answers these are.</summary>
    public Server? FindOnePacketServer(IpAddress address, ushort port) => _onePacket.GetValueOrDefault((address, port));

    /// <summary>With nat_icmp_send: whether a masqueraded server listens here. (As IPVS knows it: not those of every port.)</summary>
    public bool HasMasqueraded(byte protocol, IpAddress address, ushort port) =>
        _masqueraded.Contains((protocol, address, port)) || _masqueraded.Contains((AnyProtocol, address, port));

    public Service? Find(ServiceKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>The server of a slot, living or deleted with connections left.</summary>
    public Server? ServerAt(uint slot) => _servers[slot];

    /// <summary>
    /// No service has the server of this slot any more. (An engine that has taken up the connections of another one but has no
    /// table yet cannot say that of any.)
    /// </summary>
    public bool IsGone(uint slot) => _applied && _servers[slot] is null or { IsDeleted: true };

    public void Apply(TableUpdate update)
    {
        if (update.Full)
        {
            HashSet<ServiceKey> wanted = [.. update.Changed.Select(service => service.Key)];
            foreach (Service gone in _inOrder.Where(service => !wanted.Contains(service.Configuration.Key)).ToArray())
                Remove(gone);
        }
        foreach (ServiceKey key in update.Removed)
        {
            if (_byKey.TryGetValue(key, out Service? service))
                Remove(service);
        }
        foreach (VirtualService configuration in update.Changed)
            Put(configuration);
        IndexOnePacketServers();
        IndexMasqueraded();
        _applied = true;
    }

    /// <summary>
    /// Servers made since the last call for slots that connections refer to already: after an engine restart, or of a server
    /// deleted before one and added back after. Their connections are to be counted.
    /// </summary>
    public IReadOnlySet<Server> TakeRevived()
    {
        HashSet<Server> revived = [.. _revived];
        _revived.Clear();
        return revived;
    }

    /// <summary>A deleted server whose last connection has ended.</summary>
    public void Forget(Server server)
    {
        _servers[server.Slot] = null;
        if (server.LocalPorts is { } pool)
            localPorts.Release(pool);
        server.LocalPorts = null;
    }

    private void Put(VirtualService configuration)
    {
        if (_byKey.TryGetValue(configuration.Key, out Service? service))
        {
            service.Edit(configuration);
        }
        else
        {
            service = new Service(configuration, scheduling);
            _byKey.Add(configuration.Key, service);
            _inOrder.Add(service);
            if (configuration.Key is { IsFirewallMark: false } key)
                _byAddress.Add(AddressOf(key), service);
            else
                _byMark.Add(MarkOf(configuration.Key), service);
        }

        HashSet<(IpAddress, ushort)> kept = [.. configuration.Servers.Select(server => (IpAddress.Of(server.Address), server.Port))];
        foreach (Server server in service.Servers.ToArray())
        {
            if (!kept.Contains((server.Address, server.Port)))
                Delete(service, server);
        }
        foreach (RealServer wanted in configuration.Servers)
        {
            if (service.Find(wanted) is not { } server)
                service.Add(Obtain(service, wanted));
            else if (server.Configuration != wanted)
                service.EditServer(server, wanted);
        }
        foreach (Server server in service.Servers)
        {
            if (server.Forwarding == ForwardingMethod.FullNat)
                server.LocalPorts ??= localPorts.Acquire(new PortTarget((byte)configuration.Key.Protocol, server.Address, server.Port));
        }
    }

    private void Remove(Service service)
    {
        foreach (Server server in service.Servers.ToArray())
            Delete(service, server);
        _byKey.Remove(service.Configuration.Key);
        _inOrder.Remove(service);
        if (service.Configuration.Key is { IsFirewallMark: false } key)
            _byAddress.Remove(AddressOf(key));
        else
            _byMark.Remove(MarkOf(service.Configuration.Key));
    }

    private void Delete(Service service, Server server)
    {
        service.Remove(server);
        server.IsDeleted = true;
        slots.Release(server.Slot);
        if (server.References == 0)
            Forget(server);
    }

    // A deleted server that still has connections is the same server when it is added back: counters and all (as with IPVS).
    private Server Obtain(Service service, RealServer configuration)
    {
        uint slot = slots.Acquire(ServerIdentity.Of(service.Configuration.Key, configuration), configuration.Forwarding);
        if (slot == 0)
            throw new EngineException($"no room for {configuration.Address}:{configuration.Port}: at most {slots.Capacity - 1} real servers fit");
        if (_servers[slot] is { } resurrected)
        {
            resurrected.Edit(configuration);
            return resurrected;
        }
        Server server = new(configuration, slot);
        if (slots[slot].References > 0)
            _revived.Add(server);
        return _servers[slot] = server;
    }

    // Data connections of FTP, in both of its modes, go with their control connection's template. (So in IPVS; a service without
    // persistence has no use for them.)
    private Service? FindFtp(byte protocol, IpAddress address, ushort port) =>
        protocol == IpProtocol.Tcp && port is FtpDataPort or >= FirstUserPort && _byAddress.GetValueOrDefault((protocol, address, FtpPort)) is { Persistence: not null } ftp
            ? ftp
            : null;

    // Without a connection an answer tells only where it comes from, and the service has to tell the rest: not one of a firewall
    // mark, which has no address, nor one for every port, whose servers' own traffic looks the same. Their answers pass as they
    // are, as all do in IPVS. Should several services share a server, the last one is answered for.
    private void IndexOnePacketServers()
    {
        _onePacket.Clear();
        foreach (Service service in _inOrder)
        {
            if (!service.SchedulesEachPacket(IpProtocol.Udp) || service.Configuration.Key is not { Protocol: TransportProtocol.Udp, Port: > 0 and var port })
                continue;
            foreach (Server server in service.Servers)
            {
                if (server.Forwarding == ForwardingMethod.Masquerade)
                    _onePacket[(server.Address, server.Port != 0 ? server.Port : port)] = server;
            }
        }
    }

    private void IndexMasqueraded()
    {
        _masqueraded.Clear();
        if (!Settings.NatIcmpSend)
            return;
        foreach (Service service in _inOrder)
        {
            foreach (Server server in service.Servers)
            {
                if (server.Forwarding == ForwardingMethod.Masquerade && server.Port != 0)
                    _masqueraded.Add(((byte)service.Configuration.Key.Protocol, server.Address, server.Port));
            }
        }
    }

    private static (uint, bool) MarkOf(ServiceKey key) => (key.Mark, key.Family == AddressFamily.InterNetwork);

    private static (byte, IpAddress, ushort) AddressOf(ServiceKey key) => ((byte)key.Protocol, IpAddress.Of(key.Address!), key.Port);
}
