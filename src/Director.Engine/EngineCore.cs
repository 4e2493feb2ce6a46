using System.Net;
using Director.Dataplane.Addresses;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Defence;
using Director.Dataplane.Forwarding;
using Director.Dataplane.FullNat;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Marks;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Engine;

/// <summary>
/// The engine behind the control socket: brings up memory, interfaces and the packet thread as configured, passes commands to
/// that thread, follows the kernel's network, and keeps the interfaces' filters in step with what the engine owns. Control
/// thread only.
/// </summary>
internal sealed class EngineCore : IEngineCore
{
    private readonly ControlLoop _loop;
    private readonly EngineLog _log;
    private readonly PacketOutput _output = new();
    private readonly NeighbourRequests _neighbours;
    private readonly SyncOutbox _batches;
    private readonly long _started = BootClock.Milliseconds;

    private SharedMemory? _adopted;
    private FastPathSupport? _support;
    private ForwardingCore? _core;
    private EngineConfiguration? _configuration;
    private MarkRule[] _marks = [];
    private string[] _told = [];
    private string[] _hostWayRefused = [];
    private EngineNetwork? _network;
    private Arms? _arms;
    private PacketThread? _thread;
    private Candidacy? _candidacy;
    private ulong[] _received = [];

    public EngineCore(ControlLoop loop, EngineLog log)
    {
        _loop = loop;
        _log = log;
        _neighbours = new NeighbourRequests(() => _loop.Post(ServeNeighbourRequests));
        Action carry = CarryBatches;
        _batches = new SyncOutbox(() => _loop.Post(carry));
    }

    public event SyncSink? SyncProduced;
    public event Action<EngineEvent>? Occurred;

    public int[] Descriptors => (_support?.Memory ?? _adopted)?.Descriptors ?? [];

    public ulong Revision => _core?.Revision ?? 0;

    public void Adopt(int[] descriptors)
    {
        SharedMemory memory = ConnectionMemory.Map(descriptors);
        _ = ConnectionMemory.Attach(memory);
        _adopted = memory;
    }

    public void Configure(EngineConfiguration configuration)
    {
        if (_configuration is not null && _configuration.IsSameAs(configuration))
            return;
        Capabilities.Require();
        _core ??= new ForwardingCore(OpenMemory(configuration), _output, _neighbours, BootClock.Milliseconds, _batches, _support!.Fast);
        TakeDown();
        _network ??= new EngineNetwork(_loop, OnNetworkChanged);
        try
        {
            _arms = Arms.Open(configuration, (name, position) => _support!.On(configuration, name, position));
            StartPackets(configuration);
            _candidacy?.Move(configuration, _arms.Names);
            OnPacketThread(core =>
            {
                core.SetMarks(MarkTable.Compile(_marks, configuration.Interfaces));
                core.Update(_network.View);
            });
            _configuration = configuration;
            FollowOwned();
        }
        catch
        {
            TakeDown();
            _configuration = null;
            throw;
        }
        _log.Information($"forwarding on {string.Join(", ", configuration.Interfaces)}");
    }

    public ulong Apply(TableUpdate update)
    {
        ulong revision = OnPacketThread(core => core.Apply(update));
        FollowOwned();
        return revision;
    }

    public void BeginProbe(IPAddress[] addresses)
    {
        Ready();
        _arms!.Listen([.. addresses.Select(IpAddress.Of)]);
        OnPacketThread(core => core.BeginProbe(addresses));
    }

    public AddressConflict[] EndProbe(IPAddress[] addresses)
    {
        AddressConflict[] conflicts = OnPacketThread(core => core.EndProbe(addresses));
        _arms!.Listen([]);
        return conflicts;
    }

    public void Own(bool owner)
    {
        if (_candidacy is not null)
        {
            _candidacy.Stand(owner);
            return;
        }
        OnPacketThread(core => core.Own(owner));
        FollowOwned();
    }

    public void SetSyncPeer(SyncPeer peer) => OnPacketThread(core => core.SetSyncPeer(peer));

    public SyncAck ReceiveSync(ulong peer, byte[] batch) => OnPacketThread(core => core.ReceiveSync(batch));

    public void AcknowledgeSync(ulong peer, SyncAck ack) => OnPacketThread(core => core.AcknowledgeSync(peer, ack));

    public void SetElection(ElectionConfiguration election)
    {
        Ready();
        if (_candidacy is not null && _candidacy.IsOf(election))
            return;
        _candidacy?.Dispose();
        _candidacy = new Candidacy(election, _configuration!, _arms!.Names, _core!.Ownership, _loop, _log, OnOwnershipChanged, occurred => Occurred?.Invoke(occurred));
        OnPacketThread(core => core.Sync.Prepare());
        FollowElection();
    }

    public void Controlled(bool controlled) => _candidacy?.Controlled(controlled);

    public void Hear(ReadOnlySpan<byte> frame) => _candidacy?.Hear(frame);

    public void Hint(ElectionHint hint, ulong director) => _candidacy?.Hint(hint, director);

    public void Zero(ServiceKey? service) => OnPacketThread(core => core.Zero(service));

    public Timeouts SetTimeouts(Timeouts change) => OnPacketThread(core => core.SetTimeouts(change));

    public void SetMarks(MarkRule[] rules)
    {
        Ready();
        MarkTable table = MarkTable.Compile(rules, _configuration!.Interfaces);
        OnPacketThread(core => core.SetMarks(table));
        _marks = rules;
    }

    public void SetSettings(Settings settings) => OnPacketThread(core => core.SetSettings(settings));

    public TableStatistics Statistics() => OnPacketThread(core => core.Statistics());

    public int Connections(ref uint cursor, Span<ConnectionEntry> entries) =>
        ConnectionListing.Read(Ready().Connections, ref cursor, entries, ConnectionClock.FromMilliseconds(BootClock.Milliseconds));

    public EngineStatus Status()
    {
        ForwardingCore core = Ready();
        return new EngineStatus(
            Connected: true,
            ProcessId: Environment.ProcessId,
            Version: EngineIdentity.ProductVersion,
            Protocol: ProtocolRange.Supported.Maximum,
            core.Revision,
            (BootClock.Milliseconds - _started) / 1000,
            core.Connections.Count,
            core.Connections.Capacity,
            _arms!.Status(_received, _output.Sent),
            core.Counters.DropsByReason(),
            Counted(core),
            [.. core.Owned.All.Select(owned => $"{owned.Address}@{owned.Home.Name}")],
            [.. core.Warnings(), .. _hostWayRefused]);
    }

    public void Shutdown()
    {
        _candidacy?.Resign();
        _candidacy?.Dispose();
        _candidacy = null;
        StopPackets();
        _arms?.RemoveIngress();
        TakeDown();
        _network?.Dispose();
        _network = null;
    }

    public void Dispose()
    {
        _candidacy?.Dispose();
        TakeDown();
        if (_support is not null)
            _support.Dispose();
        else
            _adopted?.Dispose();
    }

    private ConnectionMemory OpenMemory(EngineConfiguration configuration)
    {
        _support = _adopted is not null
            ? FastPathSupport.Adopt(_adopted, configuration, _log, out ConnectionMemory connections)
            : FastPathSupport.Create(configuration, _log, out connections);
        return connections;
    }

    private void StopPackets()
    {
        _thread?.Dispose();
        _thread = null;
    }

    private void TakeDown()
    {
        StopPackets();
        _arms?.Dispose();
        _arms = null;
    }

    private ForwardingCore Ready() => _core is not null && _thread is not null
        ? _core
        : throw new EngineException("the engine is not configured yet");

    private void OnPacketThread(Action<ForwardingCore> command)
    {
        ForwardingCore core = Ready();
        _thread!.Run(() => command(core));
    }

    private T OnPacketThread<T>(Func<ForwardingCore, T> command)
    {
        T result = default!;
        OnPacketThread(core => { result = command(core); });
        return result;
    }

    private void OnNetworkChanged()
    {
        if (_thread is null)
            return;
        try
        {
            OnPacketThread(core => core.Update(_network!.View));
            FollowOwned();
        }
        catch (EngineException failure)
        {
            // Nobody asked who could be told; the next change tries again.
            _log.Error($"the network changed, and the engine could not follow: {failure.Message}");
        }
    }

    // The host must neither see nor forward what the engine takes: the filters follow the addresses and the servers.
    private void FollowOwned()
    {
        _arms!.Follow(_core!, _network!.View);
        FollowHost(Arms.OnHost(_core!, _network.View));
        FollowElection();
        string[] warnings = [.. _core!.AddressWarnings(), .. _hostWayRefused];
        foreach (string warning in warnings.Except(_told))
            _log.Warning(warning);
        _told = warnings;
    }

    // Where the kernel has no such way, these servers are not reached; all the others are.
    private void FollowHost(MasqueradeServer[] servers)
    {
        try
        {
            if (_arms!.HasHostWay != (servers.Length != 0))
                UseHostWay(servers.Length != 0);
            _arms.FollowHost(servers);
            _hostWayRefused = [];
        }
        catch (EngineException refusal)
        {
            _hostWayRefused = [refusal.Message];
        }
    }

    // The rings keep what arrives meanwhile.
    private void UseHostWay(bool wanted)
    {
        StopPackets();
        try
        {
            _arms!.UseHostWay(wanted);
        }
        finally
        {
            StartPackets(_configuration!);
        }
    }

    private void StartPackets(EngineConfiguration configuration)
    {
        PacketInterface[] interfaces = _arms!.Interfaces;
        Array.Resize(ref _received, interfaces.Length);
        _output.Use(interfaces);
        _core!.BeginBatch(BootClock.Milliseconds);
        _core.Configure(configuration, _arms.Names);
        _thread = new PacketThread(_core, _output, interfaces, _arms.Names, _received);
    }

    // On the election's thread.
    private void OnOwnershipChanged()
    {
        _thread?.WakeUp();
        _loop.Post(() =>
        {
            if (_thread is not null)
                FollowOwned();
        });
    }

    private void FollowElection()
    {
        if (_candidacy is null)
            return;
        EngineInterface first = _arms!.Names[0];
        IpAddress? owned = _core!.Owned.All
            .Where(each => each.Home == first && each.Address.IsIpv4)
            .OrderBy(each => each.Role == AddressRole.Virtual ? 0 : 1)
            .Select(each => (IpAddress?)each.Address)
            .FirstOrDefault();
        IpAddress? own = _network!.View.FindInterface(first.Index)?.Addresses.Select(each => (IpAddress?)each.Address).FirstOrDefault(each => each!.Value.IsIpv4);
        IpAddress? wanted = _candidacy.Wanted is { } configured ? IpAddress.Of(configured) : owned ?? own;
        // Without any IPv4 address its frames carry none; then they are to teach switches where the MAC of the owned IPv6 addresses is.
        bool isOwned = wanted is { } address ? _core.Owned.Contains(address) : _core.Owned.All.Any(each => each.Home == first);
        _candidacy.Announce(wanted, isOwned, first);
        _candidacy.Follow(_network.View, _core.Services.Services.SelectMany(service => service.Servers.ToArray().Select(server => server.Address)));
    }

    private void ServeNeighbourRequests()
    {
        while (_neighbours.TryTake(out int interfaceIndex, out IpAddress address))
            _network?.Resolve(interfaceIndex, address);
    }

    private void CarryBatches()
    {
        for (; _batches.TryPeek(out ulong peer, out ReadOnlySpan<byte> batch); _batches.Release())
            SyncProduced?.Invoke(peer, batch);
    }

    private static Dictionary<string, ulong> Counted(ForwardingCore core)
    {
        Dictionary<string, ulong> counted = core.Counters.ByName();
        LocalPortsUsage ports = core.LocalPorts.Usage();
        counted[EngineGauges.FastPathFlows] = core.HandedOver;
        counted[EngineGauges.LocalPortsInUse] = ports.InUse;
        counted[EngineGauges.LocalPortsCapacity] = ports.Capacity;
        counted[EngineGauges.LocalPortsFullestPercent] = ports.FullestPercent;
        counted[EngineGauges.LocalPortsRefused] = ports.Refused;
        DefenceLevels levels = core.Defences.Levels;
        counted[DefenceGauges.DropEntry] = (ulong)levels.DropEntry;
        counted[DefenceGauges.DropPacket] = (ulong)levels.DropPacket;
        counted[DefenceGauges.SecureTcp] = (ulong)levels.SecureTcp;
        counted[DefenceGauges.DropRate] = (ulong)levels.DropRate;
        counted[EngineGauges.Collections] = (ulong)GC.CollectionCount(0);
        counted[EngineGauges.CollectionMilliseconds] = (ulong)GC.GetTotalPauseDuration().TotalMilliseconds;
        foreach ((string name, ulong value) in core.Sync.Counted(BootClock.Milliseconds))
            counted[name] = value;
        return counted;
    }
}
