using Director.Dataplane.Connections;
using Director.Dataplane.Linux;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

/// <summary>A connection table over private memory, with two servers and flows by number.</summary>
internal sealed class TestTable : IConnectionExpiry, IDisposable
{
    public const uint Vip = 0x0A010064;
    public const uint Rs1 = 0x0A02000B;
    public const uint Rs2 = 0x0A02000C;

    /// <summary>Fixed, so that every run is the same one.</summary>
    public static readonly FlowHash Hash = new(
        0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63,
        0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3, 0x1D8E4E27C47D124F);

    /// <summary>Every flow in one bucket, with one tag.</summary>
    public static readonly FlowHash Constant = new(0, 0, 0, 0, 0x123456789ABCDEF0);

    private readonly SharedMemory _memory;

    public TestTable(uint limit = 1000, FlowHash? hash = null, uint now = 0)
    {
        _memory = SharedMemory.Private(ConnectionMemory.SizeFor(limit));
        Now = now;
        Use(new ConnectionTable(ConnectionMemory.Create(_memory, limit, hash ?? Hash), new Timeouts(), now));
    }

    public ConnectionTable Table { get; private set; } = null!;

    public uint Slot1 { get; private set; }

    public uint Slot2 { get; private set; }

    public uint Now { get; set; }

    public List<uint> Ended { get; } = [];

    /// <summary>Connections that the listener wants to keep.</summary>
    public HashSet<uint> Kept { get; } = [];

    public static ServerIdentity Identity(uint address, ushort port = 80) =>
        new(6, AddressWords.OfIpv4(Vip), 80, 0, AddressWords.OfIpv4(address), port);

    public static FlowKey Flow(int client, byte protocol = 6) => new(protocol, 0x0A018000u + ((uint)client >> 14), (ushort)(1024 + (client & 0x3FFF)), Vip, 80);

    public static FlowKey Reply(FlowKey flow, uint server = Rs1, ushort port = 80) =>
        new(flow.Protocol, IpAddress.FromIpv4(server), port, flow.Source, flow.SourcePort);

    /// <summary>Throws the table away as a killed engine would, and attaches another one to its memory.</summary>
    public void Restart(IConnectionVisitor? visitor = null) =>
        Use(new ConnectionTable(ConnectionMemory.Attach(_memory), Table.Timeouts, Now, visitor));

    public uint Create(int client, byte protocol = 6, ForwardingMethod method = ForwardingMethod.Masquerade) =>
        Table.Create(Flow(client, protocol), Slot1, 80, method, Now);

    public int Expire(int budget = int.MaxValue) => Table.Expire(Now, this, budget);

    public void Pass(uint seconds) => Now = unchecked(Now + ConnectionClock.Ticks(seconds));

    bool IConnectionExpiry.Expired(uint number)
    {
        Assert.True(Table[number].IsInUse);
        if (Kept.Contains(number))
            return false;
        Ended.Add(number);
        return true;
    }

    public void Dispose() => _memory.Dispose();

    private void Use(ConnectionTable table)
    {
        Table = table;
        Slot1 = table.Servers.Acquire(Identity(Rs1));
        Slot2 = table.Servers.Acquire(Identity(Rs2));
    }
}
