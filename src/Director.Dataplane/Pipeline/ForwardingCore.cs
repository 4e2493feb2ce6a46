using System.Collections.Immutable;
using System.Net;
using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.Marks;
using Director.Dataplane.Routing;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Pipeline;

/// <summary>
/// The whole forwarding engine without any I/O: the pipeline with its tables, the owned addresses, timers. One thread calls it.
/// The engine process runs it over packet sockets; tests run it over arrays.
/// </summary>
public sealed class ForwardingCore : IConnectionExpiry
{
    /// <summary>How often <see cref="Tick"/> wants to be called, in milliseconds.</summary>
    public const int TickMilliseconds = 100;

    private const int ExpiryBudget = 20_000;
    private const int FlushBudget = 200_000;
    private const int RefreshNeighboursMilliseconds = 30_000;

    // After taking the addresses: at once, and again for those who missed it.
    private static readonly int[] AnnouncementsAfterMilliseconds = [0, 100, 400, 1000];

    private readonly ConnectionTable _connections;
    private readonly SchedulingContext _scheduling;
    private readonly ServiceTable _services;
    private readonly AddressClaims _claims = new();
    private readonly ArpResponder _arp;
    private readonly NeighborResponder _neighbors;
    private readonly NextHops _hops;
    private readonly HeldPackets _held = new();
    private readonly ConnectionForwarder _forwarder;
    private readonly PacketPipeline _pipeline;
    private readonly IFrameOutput _output;

    private EngineConfiguration? _configuration;
    private EngineInterface[] _interfaces = [];
    private NetworkView _network = NetworkView.Empty;
    private (IpAddress V4, IpAddress V6)[] _ourAddresses = [];
    private RateEstimator _totalRates;
    private long _now;
    private long _nextEstimate;
    private long _nextRefresh;
    private long _ownedSince;

    // The next connection to be looked at for its server's sake; 0: none.
    private uint _flushFrom;
    private int _announcement = AnnouncementsAfterMilliseconds.Length;

    /// <param name="memory">New, or one with connections: they go on once the table that they belong to is applied.</param>
    public ForwardingCore(ConnectionMemory memory, IFrameOutput output, NeighbourRequests requests, long nowMilliseconds)
    {
        _output = output;
        _now = nowMilliseconds;
        _connections = new ConnectionTable(memory, timeouts: null, ConnectionClock.FromMilliseconds(nowMilliseconds));
        _scheduling = new SchedulingContext(memory.Hash.GetHashCode()) { Now = nowMilliseconds };
        _services = new ServiceTable(memory.Servers, _scheduling);
        _arp = new ArpResponder(_claims, output, Counters);
        _neighbors = new NeighborResponder(_claims, output, Counters);
        _hops = new NextHops(requests);
        HostResponder host = new(output, Counters);
        Transmitter transmitter = new(output, _hops, _held, host, Counters);
        TunnelTransmitter tunnels = new(output, _hops, transmitter, memory.Hash, Counters);
        _forwarder = new ConnectionForwarder(_connections, _services, _hops, transmitter, tunnels, Counters);
        Router router = new(_hops, transmitter, Counters);
        IcmpTranslation icmp = new(_connections, _services, _hops, transmitter, _forwarder, Counters);
        TunnelErrors tunnelErrors = new(_connections, _services, _hops, host, transmitter, Counters);
        _pipeline = new PacketPipeline(
            _arp, _neighbors, host, _connections, _services, _forwarder, new ConnectionScheduler(_connections, _services, _forwarder, host),
            icmp, tunnelErrors, router, new Reassembler(output, Counters), transmitter, Counters);
    }

    public PipelineCounters Counters { get; } = new();

    public ConnectionTable Connections => _connections;

    public ServiceTable Services => _services;

    public ulong Revision { get; private set; }

    public bool IsOwner { get; private set; }

    public MarkTable Marks => _pipeline.Marks;

    public OwnedAddresses Owned { get; private set; } = OwnedAddresses.None;

    public IReadOnlyDictionary<IpAddress, MacAddress> ForeignClaims => _claims.Foreign;

    public void Configure(EngineConfiguration configuration, EngineInterface[] interfaces)
    {
        _configuration = configuration;
        _interfaces = interfaces;
        RefreshAddresses();
    }

    public void Update(NetworkView network)
    {
        bool sameAddresses = network.Interfaces == _network.Interfaces;
        _network = network;
        if (sameAddresses)
            _hops.Update(network, _interfaces, _ourAddresses);
        else
            RefreshAddresses();
        _held.Release(_hops, _output, Counters, _now);
    }

    /// <summary>The live revision afterwards; a delta that does not fit changes nothing.</summary>
    public ulong Apply(TableUpdate update)
    {
        if (!update.Full && update.BaseRevision != Revision)
            return Revision;
        _services.Apply(update);
        Revision = update.Revision;
        _flushFrom = 1;
        Recount(_services.TakeRevived());
        RefreshAddresses();
        return Revision;
    }

    public void Own(bool owner)
    {
        if (owner && !IsOwner)
        {
            _ownedSince = _now;
            _announcement = 0;
        }
        IsOwner = _pipeline.IsOwner = _claims.IsOwner = owner;
    }

    public void BeginProbe(IPAddress[] addresses)
    {
        foreach (IpAddress address in addresses.Select(IpAddress.Of))
        {
            _claims.BeginProbe(address);
            if (address.IsIpv4)
                _arp.Probe(address, HomeOf(address));
            else
                _neighbors.Probe(address, HomeOf(address));
        }
    }

    public AddressConflict[] EndProbe(IPAddress[] addresses)
    {
        List<AddressConflict> conflicts = [];
        foreach (IPAddress text in addresses)
        {
            IpAddress address = IpAddress.Of(text);
            bool answered = _claims.EndProbe(address, out MacAddress rival);
            if (_network.Interfaces.FirstOrDefault(candidate => candidate.Addresses.Any(own => own.Address == address)) is { } onHost)
                conflicts.Add(new AddressConflict(text, onHost.Name, null));
            else if (answered)
                conflicts.Add(new AddressConflict(text, HomeOf(address).Name, rival.ToString()));
        }
        return [.. conflicts];
    }

    public void Zero(ServiceKey? key)
    {
        foreach (Service service in _services.Services)
        {
            if (key is null || service.Configuration.Key == key)
                Zero(service);
        }
        if (key is not null)
            return;
        _forwarder.Total = default;
        _totalRates.Zero();
    }

    public void SetSettings(Settings settings)
    {
        _services.Settings = settings;
        _connections.SecureTcp = settings.SecureTcp == 3;
        _flushFrom = 1;
    }

    public Timeouts SetTimeouts(Timeouts change) => _connections.SetTimeouts(change, _forwarder.Ticks);

    /// <summary>From the next packet on.</summary>
    public void SetMarks(MarkTable marks) => _pipeline.Marks = marks;

    public TableStatistics Statistics() => new([.. _services.Services.Select(StatisticsOf)]);

    /// <summary>The time of the packets that follow.</summary>
    public void BeginBatch(long nowMilliseconds)
    {
        _now = nowMilliseconds;
        _pipeline.Now = nowMilliseconds;
        _scheduling.Now = nowMilliseconds;
        _forwarder.Ticks = ConnectionClock.FromMilliseconds(nowMilliseconds);
    }

    public void Process(in Frame frame) => _pipeline.Process(frame);

    /// <summary>Everything that time brings: expiry, rates, announcements, packets that waited long enough.</summary>
    public void Tick(long nowMilliseconds)
    {
        BeginBatch(nowMilliseconds);
        _connections.Expire(_forwarder.Ticks, this, ExpiryBudget);
        FlushDeleted();
        _held.Release(_hops, _output, Counters, _now);
        while (IsOwner && _announcement < AnnouncementsAfterMilliseconds.Length && _now - _ownedSince >= AnnouncementsAfterMilliseconds[_announcement])
        {
            _announcement++;
            foreach (OwnedAddress address in Owned.All)
                Announce(address);
        }
        if (_now >= _nextEstimate)
        {
            _nextEstimate = _now + RateEstimator.IntervalMilliseconds;
            EstimateRates();
        }
        if (_now >= _nextRefresh)
        {
            _nextRefresh = _now + RefreshNeighboursMilliseconds;
            _hops.RefreshUsed();
        }
    }

    bool IConnectionExpiry.Expired(uint number)
    {
        if (_connections.Templates.IsInUse(number))
            return false;
        _forwarder.Remove(number);
        return true;
    }

    // With expire_nodest_conn, connections end with their server: after a change of the table all are looked at, some with each tick.
    private void FlushDeleted()
    {
        for (int budget = FlushBudget; _flushFrom != 0 && budget > 0; budget--)
        {
            uint number = _flushFrom;
            _flushFrom = number < _connections.Capacity && _services.Settings.ExpireNodestConn ? number + 1 : 0;
            ref ConnectionRecord connection = ref _connections[number];
            if (_services.Settings.ExpireNodestConn && connection.IsInUse && !_connections.Templates.IsInUse(number)
                && _services.ServerAt(connection.ServerSlot) is { IsDeleted: true })
            {
                _forwarder.Remove(number);
            }
        }
    }

    // Connections that were there before their server was: after an engine restart, above all.
    private void Recount(IReadOnlySet<Server> revived)
    {
        if (revived.Count == 0)
            return;
        for (uint number = 1; number <= _connections.Capacity; number++)
        {
            ref ConnectionRecord connection = ref _connections[number];
            if (!connection.IsInUse || _services.ServerAt(connection.ServerSlot) is not { } server || !revived.Contains(server))
                continue;
            if ((connection.Flags & ConnectionFlags.Template) != 0)
                server.TemplateBound();
            else
                server.ConnectionBound(connection.IsActive);
        }
    }

    private void RefreshAddresses()
    {
        if (_configuration is null || _interfaces.Length == 0)
            return;
        List<OwnedAddress> owned = [];
        foreach (FloatingAddress floating in _configuration.FloatingAddresses)
        {
            if (Array.Find(_interfaces, candidate => candidate.Name == floating.Interface) is { } home)
                owned.Add(new OwnedAddress(IpAddress.Of(floating.Address), AddressRole.Floating, home));
        }
        owned.AddRange(_services.Services
            .Where(service => !service.Configuration.Key.IsFirewallMark)
            .Select(service => IpAddress.Of(service.Configuration.Key.Address!))
            .Distinct()
            .Select(address => new OwnedAddress(address, AddressRole.Virtual, HomeOf(address))));
        owned.AddRange(_configuration.LocalAddresses
            .Select(IpAddress.Of)
            .Select(address => new OwnedAddress(address, AddressRole.Local, HomeOf(address))));
        // What the host has configured stays the host's: two who answer are worse than one.
        OwnedAddresses before = Owned;
        Owned = new OwnedAddresses(owned.Where(address => !_network.IsHostAddress(address.Address)));
        _pipeline.Owned = _claims.Owned = Owned;
        _ourAddresses = [.. _interfaces.Select(each => (AddressOn(each, ipv4: true), AddressOn(each, ipv4: false)))];
        _hops.Update(_network, _interfaces, _ourAddresses);
        foreach (OwnedAddress added in Owned.All)
        {
            if (IsOwner && !before.Contains(added.Address))
                Announce(added);
        }
    }

    // On the interface whose subnet holds it, else on the first.
    private EngineInterface HomeOf(IpAddress address)
    {
        foreach (EngineInterface candidate in _interfaces)
        {
            if (AddressesOf(candidate).Any(own => own.Contains(address)) || _configuration!.FloatingAddresses.Any(floating =>
                floating.Interface == candidate.Name && address.IsIn(IpAddress.Of(floating.Address), floating.PrefixLength)))
            {
                return candidate;
            }
        }
        return _interfaces[0];
    }

    // What we call ourselves in ICMP errors to hosts of a segment: the floating address there, else the host's.
    private IpAddress AddressOn(EngineInterface on, bool ipv4) =>
        Owned.All.FirstOrDefault(address => address.Home == on && address.Role == AddressRole.Floating && address.Address.IsIpv4 == ipv4)?.Address
        ?? AddressesOf(on).Select(own => own.Address).Where(own => own.IsIpv4 == ipv4).OrderBy(own => own.IsLinkLocal).FirstOrDefault();

    private void Announce(OwnedAddress address)
    {
        if (address.Address.IsIpv4)
            _arp.Announce(address);
        else
            _neighbors.Announce(address);
    }

    private ImmutableArray<InterfaceAddress> AddressesOf(EngineInterface on) => _network.FindInterface(on.Index)?.Addresses ?? [];

    private void EstimateRates()
    {
        _totalRates.Estimate(_forwarder.Total);
        foreach (Service service in _services.Services)
        {
            service.Rates.Estimate(service.Counters);
            foreach (Server server in service.Servers)
                server.Rates.Estimate(server.Counters);
        }
    }

    private static void Zero(Service service)
    {
        service.Counters = default;
        service.Rates.Zero();
        foreach (Server server in service.Servers)
        {
            server.Counters = default;
            server.Rates.Zero();
        }
    }

    private static ServiceStatistics StatisticsOf(Service service) => new(
        service.Configuration.Key,
        ToStatistics(service.Counters, service.Rates),
        [.. service.Configuration.Servers.Select(configured => StatusOf(service.Find(configured)!))]);

    private static ServerStatus StatusOf(Server server) => new(
        server.Configuration.Address,
        server.Port,
        server.ActiveConnections,
        server.InactiveConnections,
        server.PersistentConnections,
        ToStatistics(server.Counters, server.Rates));

    private static Statistics ToStatistics(in Counters counters, in RateEstimator rates) => new(
        counters.Connections, counters.InPackets, counters.OutPackets, counters.InBytes, counters.OutBytes,
        rates.Connections, rates.InPackets, rates.OutPackets, rates.InBytes, rates.OutBytes);
}
