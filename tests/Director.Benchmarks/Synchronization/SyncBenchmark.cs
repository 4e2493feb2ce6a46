using System.Diagnostics;
using System.Net;
using BenchmarkDotNet.Attributes;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Benchmarks.Synchronization;

/// <summary>
/// What connection sync costs an owner's packet thread, and how long a newcomer takes: two engines without I/O, the second one the
/// standby of the first, batches handed over in memory. <see cref="Connections"/> new connections a round, each a SYN and an ACK
/// through the whole pipeline. The column Allocated must be empty.
/// </summary>
public class SyncBenchmark : IFrameOutput, ISyncOutput
{
    private const int Connections = 100_000;
    private const int Newcomers = 1_000_000;
    private const int ConnectionsPerMillisecond = 100;

    private static readonly EngineInterface[] Interfaces =
    [
        new(0, "c0", 2, new MacAddress(0x020000000101), new MacAddress(0x020000000101)),
        new(1, "r0", 3, new MacAddress(0x020000000201), new MacAddress(0x020000000201)),
    ];

    private readonly byte[] _batch = new byte[SyncBatch.MostBytes];
    private readonly byte[] _out = new byte[256];
    private readonly byte[] _wire = new byte[VirtioNetHeader.Length + EthernetHeader.Length + Ipv4Header.MinimumLength + TcpHeader.MinimumLength];
    private ForwardingCore _owner = null!;
    private ForwardingCore? _standby;
    private long _now;
    private int _client;

    public enum Partner
    {
        /// <summary>No standby: nothing is noted.</summary>
        None,

        /// <summary>Noted, but the standby does not answer.</summary>
        Noted,

        /// <summary>Noted, written into batches, checksummed, thrown away.</summary>
        Sent,

        /// <summary>And applied by a standby on the same thread.</summary>
        Applied,
    }

    [Params(Partner.None, Partner.Noted, Partner.Sent, Partner.Applied)]
    public Partner Standby { get; set; }

    int ISyncOutput.Free => int.MaxValue;

    [GlobalSetup]
    public void Start()
    {
        _now = 1_000_000;
        _owner = Engine(4 * Connections, owner: true);
        _standby = Standby == Partner.Applied ? Engine(4 * Connections, owner: false) : null;
        for (; _client < Connections; _client++)
        {
            Send(_client, TcpFlags.Syn);
            Send(_client, TcpFlags.Ack);
        }
        if (Standby != Partner.None)
            _owner.SetSyncPeer(new SyncPeer(2, true, 1, 1, Strict: false, 50));
        if (Standby != Partner.Noted)
            Copy();
        if (Standby == Partner.Applied)
            Console.WriteLine($"// a newcomer has {Newcomers} entries after {Newcomer().TotalMilliseconds:0} ms");
    }

    /// <summary>A connection: two packets, and its end by an RST of the round before.</summary>
    [Benchmark(OperationsPerInvoke = Connections)]
    public ulong NewConnection()
    {
        for (int i = 0; i < Connections; i++)
        {
            Send(_client, TcpFlags.Syn);
            Send(_client, TcpFlags.Ack);
            _client = (_client + 1) % (2 * Connections);
            Send((_client + Connections) % (2 * Connections), TcpFlags.Rst);
        }
        return _owner.Counters.Forwarded;
    }

    /// <summary>A packet that changes nothing.</summary>
    [Benchmark(OperationsPerInvoke = Connections)]
    public ulong PacketOfAConnection()
    {
        for (int i = 0; i < Connections; i++)
            Send((_client + Connections + i) % (2 * Connections), TcpFlags.Ack);
        return _owner.Counters.Forwarded;
    }

    /// <summary>An entry of a copy: read from its record, written, checksummed; applied over the same one.</summary>
    [Benchmark(OperationsPerInvoke = Connections)]
    public ulong CopiedEntry()
    {
        if (Standby is Partner.None or Partner.Noted)
            return 0;
        _owner.SetSyncPeer(new SyncPeer(2, true, 1, 1, Strict: false, 50));
        Copy();
        return _owner.Sync.Counters.SyncBulkEntriesSent;
    }

    Span<byte> IFrameOutput.Reserve(int length) => _out.AsSpan(0, VirtioNetHeader.Length + length);

    void IFrameOutput.Send(EngineInterface leaving, Span<byte> wire)
    {
    }

    Span<byte> ISyncOutput.Reserve() => _batch;

    void ISyncOutput.Send(ulong peer, int length)
    {
        if (_standby is not null)
        {
            _owner.AcknowledgeSync(peer, _standby.ReceiveSync(_batch.AsSpan(0, length)));
            return;
        }
        if (Standby == Partner.Noted)
            return;
        _ = SyncBatch.TryOpen(_batch.AsSpan(0, length), out SyncBatch header, out _);
        _owner.AcknowledgeSync(peer, new SyncAck(SyncAckFlags.InSync, 1, header.Stream, header.Sequence));
    }

    /// <summary>From the first batch to the last answer, both ends on this one thread.</summary>
    private TimeSpan Newcomer()
    {
        (ForwardingCore owner, ForwardingCore? standby) = (_owner, _standby);
        _owner = Engine(Newcomers, owner: true);
        _standby = Engine(Newcomers, owner: false);
        for (int i = 0; i < Newcomers; i++)
        {
            Send(i, TcpFlags.Syn);
            Send(i, TcpFlags.Ack);
        }
        long begun = Stopwatch.GetTimestamp();
        _owner.SetSyncPeer(new SyncPeer(2, true, 1, 1, Strict: false, 50));
        Copy();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(begun);
        if (_standby.Connections.Count != _owner.Connections.Count)
            throw new InvalidOperationException($"{_standby.Connections.Count} of {_owner.Connections.Count} connections arrived");
        (_owner, _standby) = (owner, standby);
        return elapsed;
    }

    private void Copy()
    {
        while (_owner.Sync.Sender.Standbys is { All: > 0, InSync: 0 })
            _owner.SyncTick(++_now);
    }

    private void Send(int client, TcpFlags flags)
    {
        if (flags == TcpFlags.Syn && client % ConnectionsPerMillisecond == 0)
        {
            _owner.BeginBatch(++_now);
            if (_now >= _owner.Sync.Due)
                _owner.SyncTick(_now);
            if (_now % 100 == 0)
                _owner.Tick(_now);
        }
        Span<byte> ethernet = _wire.AsSpan(VirtioNetHeader.Length);
        EthernetHeader.Write(ethernet, Interfaces[0].AnswerMac, new MacAddress(0x020000000102), EtherType.Ipv4);
        Span<byte> ip = ethernet[EthernetHeader.Length..];
        Ipv4Header.Write(ip, ip.Length, IpProtocol.Tcp, 0x0A090000u + (uint)(client / 50_000), 0x0A010064);
        TcpHeader.Write(ip[Ipv4Header.MinimumLength..], (ushort)(1024 + (client % 50_000)), 80, 1000, 0, flags, 65535);
        _owner.Process(new Frame(_wire, Interfaces[0]));
    }

    private ForwardingCore Engine(int connections, bool owner)
    {
        ConnectionMemory memory = ConnectionMemory.Create(SharedMemory.Private(ConnectionMemory.SizeFor((uint)connections + 1)), (uint)connections + 1);
        ForwardingCore core = new(memory, this, new NeighbourRequests(static () => { }), _now, this);
        core.BeginBatch(_now);
        core.Configure(new EngineConfiguration { Interfaces = ["c0", "r0"], VirtualMac = false }, Interfaces);
        core.Update(new NetworkView(
            [
                new NetworkInterface(2, "c0") { Mtu = 1500, IsUp = true, HasCarrier = true, Addresses = [new InterfaceAddress(IpAddress.FromIpv4(0x0A010001), 16)] },
                new NetworkInterface(3, "r0") { Mtu = 1500, IsUp = true, HasCarrier = true, Addresses = [new InterfaceAddress(IpAddress.FromIpv4(0x0A020001), 16)] },
            ],
            [],
            [
                new Route(IpAddress.FromIpv4(0x0A010000), 16, RouteKind.Unicast, 2),
                new Route(IpAddress.FromIpv4(0x0A020000), 16, RouteKind.Unicast, 3),
            ],
            [.. Enumerable.Range(11, 2).Select(host => new Neighbour(3, IpAddress.FromIpv4(0x0A020000 + (uint)host), new MacAddress(0x020000000200 + (ulong)host), NeighbourState.Reachable))]));
        RealServer[] servers = [.. Enumerable.Range(11, 2).Select(host => new RealServer { Address = IPAddress.Parse($"10.2.0.{host}"), Port = 8080, Forwarding = ForwardingMethod.Masquerade })];
        core.Apply(new TableUpdate(0, 1, true, [new VirtualService { Key = ServiceKey.ForAddress(TransportProtocol.Tcp, IPAddress.Parse("10.1.0.100"), 80), Scheduler = "rr", Servers = [.. servers] }], []));
        core.Own(owner);
        return core;
    }
}
