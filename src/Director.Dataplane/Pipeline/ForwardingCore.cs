using System.Net;
using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Defence;
using Director.Dataplane.Election;
using Director.Dataplane.FastPath;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.FullNat;
using Director.Dataplane.Marks;
using Director.Dataplane.Routing;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Synchronization;
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
    private const int ReviewBudget = 200_000;
    private const int RefreshNeighboursMilliseconds = 30_000;
    private const int WarmNeighboursMilliseconds = 1_000;
    private const long NanosecondsPerMillisecond = 1_000_000;

    private readonly ConnectionTable _connections;
    private readonly SchedulingContext _scheduling;
    private readonly LocalPorts _localPorts;
    private readonly ServiceTable _services;
    private readonly AddressKeeper _addresses;
    private readonly NextHops _hops;
    private readonly HeldPackets _held = new();
    private readonly ConnectionForwarder _forwarder;
    private readonly ConnectionReview _review;
    private readonly FastForwarding? _fast;
    private readonly Defences _defences;
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
    private long _nextWarming;

    /// <param name="memory">New, or one with connections: they go on once the table that they belong to is applied.</param>
    /// <param name="output">Takes the packets that leave.</param>
    /// <param name="requests">Neighbours that the kernel is to resolve.</param>
    /// <param name="nowMilliseconds">By the boot-time clock.</param>
    /// <param name="batches">Takes what standbys are told; null: there are none.</param>
    /// <param name="fast">What the fast-path program reads beside the memory; null: there is none.</param>
    public ForwardingCore(
        ConnectionMemory memory, IFrameOutput output, NeighbourRequests requests, long nowMilliseconds, ISyncOutput? batches = null,
        (FastTables Tables, IGracePeriods Periods)? fast = null)
    {
        _output = output;
        Ownership = new Ownership(fast?.Tables.Lease);
        _now = nowMilliseconds;
        _connections = new ConnectionTable(memory, timeouts: null, ConnectionClock.FromMilliseconds(nowMilliseconds));
        _scheduling = new SchedulingContext(memory.Hash.GetHashCode()) { Now = nowMilliseconds };
        _localPorts = new LocalPorts(PortShare.Whole, SeedOf(memory));
        _services = new ServiceTable(memory.Servers, _scheduling, _localPorts);
        AddressClaims claims = new(Ownership);
        ArpResponder arp = new(claims, output, Counters);
        ListenerReporter listeners = new(claims, output);
        NeighborResponder neighbors = new(claims, listeners, output, Counters);
        _addresses = new AddressKeeper(claims, arp, neighbors, listeners) { Now = nowMilliseconds };
        _hops = new NextHops(requests);
        HostResponder host = new(output, Counters);
        Transmitter transmitter = new(output, _hops, _held, host, Counters);
        TunnelTransmitter tunnels = new(output, _hops, transmitter, memory.Hash, Counters);
        _forwarder = new ConnectionForwarder(_connections, _services, _hops, transmitter, tunnels, new Introducer(output, transmitter, Counters), Counters);
        if (fast is var (tables, periods))
            _fast = _forwarder.Fast = new FastForwarding(tables, _connections, _services, _hops, periods);
        _review = new ConnectionReview(_connections, _services, _forwarder);
        _defences = new Defences(_connections, new EntryDropper(_connections, _forwarder, Counters, SeedOf(memory)), Counters);
        Router router = new(_hops, transmitter, Counters);
        Sync = new ConnectionSync(_connections, _services, _forwarder, batches ?? new SyncOutbox(static () => { }));
        ConnectionScheduler scheduler = new(_connections, _services, _forwarder, _defences, Sync.Held, host);
        IcmpTranslation icmp = new(_connections, _services, _hops, transmitter, _forwarder, scheduler, Counters);
        TunnelErrors tunnelErrors = new(_connections, _services, _hops, host, transmitter, Counters);
        _pipeline = new PacketPipeline(
            arp, neighbors, host, _connections, _services, _forwarder, scheduler,
            icmp, tunnelErrors, router, new Reassembler(output, Counters), transmitter, Sync.Held, Counters);
    }

    public PipelineCounters Counters { get; } = new();

    public ConnectionTable Connections => _connections;

    public ServiceTable Services => _services;

    public LocalPorts LocalPorts => _localPorts;

    public Defences Defences => _defences;

    public ConnectionSync Sync { get; }

    public ulong Revision { get; private set; }

    /// <summary>As the batch that is processed, or was last, saw it.</summary>
    public bool IsOwner => _addresses.IsOwner;

    /// <summary>Until when it is one.</summary>
    public Ownership Ownership { get; }

    public MarkTable Marks => _pipeline.Marks;

    public OwnedAddresses Owned => _addresses.Owned;

    public IReadOnlyDictionary<IpAddress, MacAddress> ForeignClaims => _addresses.ForeignClaims;

    /// <summary>What an operator should know and mend.</summary>
    public IEnumerable<string> Warnings() => ForeignClaims
        .Select(claim => $"{claim.Key} is also claimed by {claim.Value}: find that host (another director, keepalived, a left-over address) and stop it")
        .Concat(AddressWarnings())
        .Concat(_localPorts.Warnings())
        .Concat(_defences.Warnings());

    /// <summary>Those of them that only another table or network changes.</summary>
    public IEnumerable<string> AddressWarnings() => _addresses.Warnings();

    public void Configure(EngineConfiguration configuration, EngineInterface[] interfaces)
    {
        _configuration = configuration;
        _interfaces = interfaces;
        RefreshAddresses();
        _fast?.Update(_network, sameWays: false);
    }

    public void Update(NetworkView network)
    {
        bool sameAddresses = network.Interfaces == _network.Interfaces;
        bool sameWays = network.HasWaysOf(_network);
        _network = network;
        if (sameAddresses)
            _hops.Update(network, _interfaces, _ourAddresses);
        else
            RefreshAddresses();
        _fast?.Update(network, sameWays);
        _held.Release(_hops, _output, Counters, _now);
    }

    /// <summary>The live revision afterwards; a delta that does not fit changes nothing.</summary>
    public ulong Apply(TableUpdate update)
    {
        if (!update.Full && update.BaseRevision != Revision)
            return Revision;
        _fast?.Collect(ref _forwarder.Total);
        _services.Apply(update);
        _fast?.Review();
        Revision = update.Revision;
        _review.Begin();
        RefreshAddresses();
        return Revision;
    }

    /// <summary>Of a director without an election: from now on, or no more.</summary>
    public void Own(bool owner)
    {
        Ownership.Until = owner ? Ownership.Unlimited : 0;
        FollowOwnership();
    }

    public void SetSyncPeer(SyncPeer peer) => Sync.SetPeer(peer, _now);

    /// <summary>A batch of another director, which gets the answer.</summary>
    public SyncAck ReceiveSync(ReadOnlySpan<byte> batch) => Sync.Receive(batch, _now, _forwarder.Ticks);

    public void AcknowledgeSync(ulong peer, SyncAck ack) => Sync.Sender.Acknowledge(peer, ack, _now);

    /// <summary>To be called when <see cref="ConnectionSync.Due"/> says so.</summary>
    public void SyncTick(long nowMilliseconds)
    {
        BeginBatch(nowMilliseconds);
        Sync.Tick(nowMilliseconds, _forwarder.Ticks, _pipeline);
    }

    public void BeginProbe(IPAddress[] addresses) => _addresses.BeginProbe(addresses);

    public AddressConflict[] EndProbe(IPAddress[] addresses) => _addresses.EndProbe(addresses);

    public void Zero(ServiceKey? key)
    {
        _fast?.Collect(ref _forwarder.Total);
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
        _defences.Use(settings);
        _review.Begin();
    }

    public Timeouts SetTimeouts(Timeouts change) => _connections.SetTimeouts(change, _forwarder.Ticks);

    /// <summary>From the next packet on.</summary>
    public void SetMarks(MarkTable marks) => _pipeline.Marks = marks;

    public TableStatistics Statistics()
    {
        _fast?.Collect(ref _forwarder.Total);
        return new([.. _services.Services.Select(StatisticsOf)]);
    }

    /// <summary>See <see cref="FastForwarding.HandedOver"/>.</summary>
    public ulong HandedOver => _fast?.HandedOver ?? 0;

    /// <summary>What was processed since <see cref="BeginBatch"/> is out.</summary>
    /// <param name="drained">Nothing waits to be received.</param>
    public void EndBatch(bool drained) => _fast?.EndBatch(drained);

    /// <summary>The time of the packets that follow.</summary>
    public void BeginBatch(long nowMilliseconds)
    {
        _now = nowMilliseconds;
        _pipeline.Now = nowMilliseconds;
        _addresses.Now = nowMilliseconds;
        _scheduling.Now = nowMilliseconds;
        _forwarder.Ticks = ConnectionClock.FromMilliseconds(nowMilliseconds);
        Ownership.Progress = nowMilliseconds * NanosecondsPerMillisecond;
        // Announcements go out with this batch, not with the next tick.
        if (FollowOwnership())
            _addresses.Tick();
    }

    /// <summary>
    /// Whether what was processed may still leave: whoever stood still in the midst of a batch (SIGSTOP, a virtual machine that was
    /// paused) may have lost the addresses meanwhile.
    /// </summary>
    public bool MaySend(long nowNanoseconds) => !IsOwner || Ownership.Holds(nowNanoseconds);

    public void Process(in Frame frame) => _pipeline.Process(frame);

    /// <summary>Everything that time brings: expiry, rates, announcements, packets that waited long enough.</summary>
    public void Tick(long nowMilliseconds)
    {
        BeginBatch(nowMilliseconds);
        _connections.Expire(_forwarder.Ticks, this, ExpiryBudget);
        _defences.Tick(_now, _forwarder.Ticks);
        _review.Continue(ReviewBudget);
        _fast?.Tick();
        _held.Release(_hops, _output, Counters, _now);
        _addresses.Tick();
        if (_now >= _nextEstimate)
        {
            _nextEstimate = _now + RateEstimator.IntervalMilliseconds;
            if (_services.Settings.RunEstimation)
                EstimateRates();
        }
        if (_now >= _nextWarming)
        {
            _nextWarming = _now + WarmNeighboursMilliseconds;
            if (!IsOwner)
                WarmServers();
        }
        if (_now >= _nextRefresh)
        {
            _nextRefresh = _now + RefreshNeighboursMilliseconds;
            _hops.RefreshUsed();
            _fast?.RefreshNeighbours();
        }
    }

    bool IConnectionExpiry.Expired(uint number)
    {
        if (_connections.Templates.IsInUse(number) || Sync.Keeps(number, _now, _forwarder.Ticks))
            return false;
        _forwarder.Remove(number);
        return true;
    }

    // True: it changed.
    private bool FollowOwnership()
    {
        // The clock of a batch is cut to milliseconds: a lease that ends within this one is over.
        bool owner = Ownership.Holds((_now + 1) * NanosecondsPerMillisecond);
        if (owner == IsOwner)
            return false;
        if (!owner)
            _fast?.TakeBack();
        _addresses.Own(owner);
        _pipeline.IsOwner = owner;
        Sync.Own(owner);
        return true;
    }

    // Another one after each restart: what was freed just before it is not to be the first to be used again.
    private static ulong SeedOf(ConnectionMemory memory) => memory.Hash.D4 ^ ((ulong)memory.Generation << 32);

    private void RefreshAddresses()
    {
        if (_configuration is null || _interfaces.Length == 0)
            return;
        _addresses.Refresh(_configuration, _interfaces, _network, _services.Services
            .Where(service => !service.Configuration.Key.IsFirewallMark)
            .Select(service => IpAddress.Of(service.Configuration.Key.Address!)));
        _pipeline.Owned = Owned;
        if (_localPorts.Use([.. _configuration.LocalAddresses.Select(IpAddress.Of).Where(Owned.Contains).Distinct()]))
            _review.MarkLocalPorts();
        _ourAddresses = [.. _interfaces.Select(each => (_addresses.AddressOn(each, ipv4: true), _addresses.AddressOn(each, ipv4: false)))];
        _hops.Update(_network, _interfaces, _ourAddresses);
    }

    // A standby's servers are known to its kernel before it needs them.
    private void WarmServers()
    {
        for (int i = 0; i < _services.Services.Count; i++)
        {
            foreach (Server server in _services.Services[i].Servers)
                _hops.Warm(server.Address);
        }
    }

    private void EstimateRates()
    {
        _fast?.Collect(ref _forwarder.Total);
        _totalRates.Estimate(_forwarder.Total);
        // Without an enumerator, which would be allocated.
        for (int i = 0; i < _services.Services.Count; i++)
        {
            Service service = _services.Services[i];
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
