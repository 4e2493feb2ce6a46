using BenchmarkDotNet.Attributes;
using Director.Dataplane.Connections;
using Director.Dataplane.Linux;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Benchmarks.Connections;

/// <summary>
/// The table with a million connections, in an order that no cache foresees. The column Allocated must be empty.
/// </summary>
public class ConnectionTableBenchmark : IConnectionExpiry
{
    private const int Batch = 100_000;
    private const uint Vip = 0x0A010064;
    private const uint Server = 0x0A02000B;

    private SharedMemory _memory = null!;
    private ConnectionTable _table = null!;
    private FlowKey[] _flows = null!;
    private uint _slot;
    private uint _now;
    private int _next;

    [Params(1_000_000)]
    public int Connections { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _memory = SharedMemory.Create("director-benchmark", ConnectionMemory.SizeFor((uint)(Connections + Batch)));
        _table = new ConnectionTable(ConnectionMemory.Create(_memory, (uint)(Connections + Batch)), new Timeouts(Tcp: 8_000_000), 0);
        _slot = _table.Servers.Acquire(new ServerIdentity(6, AddressWords.OfIpv4(Vip), 80, 0, AddressWords.OfIpv4(Server), 80));
        _flows = new FlowKey[Connections + Batch];
        for (int i = 0; i < _flows.Length; i++)
            _flows[i] = new FlowKey(6, 0x0A020000u + (uint)(i / 50_000), (ushort)(i % 50_000), Vip, 80);
        new Random(1).Shuffle(_flows);
        for (int i = 0; i < Connections; i++)
            _table.Advance(Create(_flows[i]), PacketEvent.TcpAck, PacketDirection.Input, _now);
        // Their first timers (SYN_RECV) are looked at here; the next look is 18 minutes away.
        _now += ConnectionClock.Ticks(100);
        _table.Expire(_now, this, int.MaxValue);
        Console.WriteLine($"// {_table.Count} connections, beyond the program's reach: {_table.InOverflowed} in, {_table.OutOverflowed} out");
    }

    [GlobalCleanup]
    public void Dispose() => _memory.Dispose();

    [Benchmark(OperationsPerInvoke = Batch)]
    public uint Find()
    {
        uint sum = 0;
        for (int i = 0; i < Batch; i++)
            sum += _table.Find(_flows[Next(Connections)]);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public uint FindNothing()
    {
        uint sum = 0;
        for (int i = 0; i < Batch; i++)
            sum += _table.Find(_flows[Next(Connections)] with { DestinationPort = 81 });
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public uint FindReply()
    {
        uint sum = 0;
        for (int i = 0; i < Batch; i++)
        {
            FlowKey flow = _flows[Next(Connections)];
            sum += _table.FindReply(new FlowKey(6, IpAddress.FromIpv4(Server), 80, flow.Source, flow.SourcePort));
        }
        return sum;
    }

    /// <summary>What a packet costs here: found, counted, its state moved.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public void Packet()
    {
        for (int i = 0; i < Batch; i++)
        {
            uint number = _table.Find(_flows[Next(Connections)]);
            _table[number].CountIn(60);
            _table.Advance(number, PacketEvent.TcpAck, PacketDirection.Input, _now);
        }
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void CreateAndRemove()
    {
        for (int i = 0; i < Batch; i++)
            Create(_flows[Connections + i]);
        for (int i = 0; i < Batch; i++)
            _table.Remove(_table.Find(_flows[Connections + i]));
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int CreateAndExpire()
    {
        for (int i = 0; i < Batch; i++)
            _table.Advance(Create(_flows[Connections + i]), PacketEvent.TcpRst, PacketDirection.Output, _now);
        _now += ConnectionClock.Ticks(10);
        return _table.Expire(_now, this, int.MaxValue);
    }

    bool IConnectionExpiry.Expired(uint number) => true;

    private uint Create(in FlowKey flow)
    {
        uint number = _table.Create(flow, _slot, 80, ForwardingMethod.Masquerade, _now);
        _table.Advance(number, PacketEvent.TcpSyn, PacketDirection.Input, _now);
        return number;
    }

    private int Next(int count)
    {
        _next = _next + 1 < count ? _next + 1 : 0;
        return _next;
    }
}
