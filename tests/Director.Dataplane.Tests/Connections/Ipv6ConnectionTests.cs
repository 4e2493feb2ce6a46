using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Linux;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

/// <summary>Connections between IPv6 addresses, which are found by a digest and told apart by the whole address.</summary>
public sealed class Ipv6ConnectionTests
{
    private static readonly FlowKey Flow = new(6, Ip("fd00:1::2"), 40000, Ip("fd00:1::100"), 80);
    private static readonly IpAddress Server = Ip("fd00:2::11");

    [Fact]
    public void Is_found_from_both_sides_and_gone_when_removed()
    {
        ConnectionTable table = Table(TestTable.Hash);
        uint number = Create(table, Flow);

        Assert.Equal(number, table.Find(Flow));
        Assert.Equal(number, table.FindReply(Reply(Flow)));
        Assert.Equal(Flow, table.At(number).Flow);
        Assert.Equal(0u, table.Find(Flow with { Source = Ip("fd00:1::3") }));
        Assert.Equal(0u, table.FindReply(Reply(Flow) with { Source = Ip("fd00:2::12") }));

        table.Remove(number);
        Assert.Equal((0u, 0u), (table.Find(Flow), table.FindReply(Reply(Flow))));
    }

    // With keys of 0 all addresses have the same digest.
    [Fact]
    public void Equal_digests_are_told_apart()
    {
        ConnectionTable table = Table(TestTable.Hash with { D0 = 0, D1 = 0, D2 = 0, D3 = 0, D4 = 0 });
        FlowKey[] flows = [.. Enumerable.Range(1, 20).Select(i => Flow with { Source = new IpAddress(Flow.Source.High, (ulong)i) })];
        uint[] numbers = [.. flows.Select(flow => Create(table, flow))];

        Assert.Equal(numbers, flows.Select(flow => table.Find(flow)));
        Assert.Equal(numbers, flows.Select(flow => table.FindReply(Reply(flow))));
        Assert.Equal(0u, table.Find(Flow with { Source = new IpAddress(Flow.Source.High, 21) }));
    }

    [Fact]
    public void An_ipv4_flow_whose_word_is_the_digest_is_another()
    {
        ConnectionTable table = Table(TestTable.Hash);
        uint number = Create(table, Flow);
        FlowKey twin = new(
            6, IpAddress.FromIpv4(NetworkOrder.Swap(TestTable.Hash.Word(Flow.Source))), Flow.SourcePort,
            IpAddress.FromIpv4(NetworkOrder.Swap(TestTable.Hash.Word(Flow.Destination))), Flow.DestinationPort);

        Assert.Equal(0u, table.Find(twin));
        Assert.Equal(number, table.Find(Flow));
    }

    [Fact]
    public void Survives_the_engine()
    {
        SharedMemory memory = SharedMemory.Private(ConnectionMemory.SizeFor(64));
        uint number = Create(new ConnectionTable(ConnectionMemory.Create(memory, 64, TestTable.Hash), null, 0), Flow);
        ConnectionTable after = new(ConnectionMemory.Attach(memory), null, 0);

        Assert.Equal((number, number), (after.Find(Flow), after.FindReply(Reply(Flow))));
        Assert.Equal(Flow, after.At(number).Flow);
    }

    [Fact]
    public void Is_listed_with_its_addresses()
    {
        ConnectionTable table = Table(TestTable.Hash);
        Create(table, Flow);
        ConnectionEntry[] entries = new ConnectionEntry[2];
        uint cursor = 0;

        Assert.Equal(1, ConnectionListing.Read(table, ref cursor, entries, 0));
        Assert.Equal("fd00:1::2 fd00:1::100 fd00:2::11", $"{entries[0].Client} {entries[0].Virtual} {entries[0].Server}");
    }

    private static ConnectionTable Table(FlowHash hash) =>
        new(ConnectionMemory.Create(SharedMemory.Private(ConnectionMemory.SizeFor(64)), 64, hash), null, 0);

    private static uint Create(ConnectionTable table, FlowKey flow)
    {
        ServiceKey service = ServiceKey.ForAddress(TransportProtocol.Tcp, flow.Destination.ToIPAddress(), flow.DestinationPort);
        uint slot = table.Servers.Acquire(ServerIdentity.Of(service, new RealServer { Address = Server.ToIPAddress(), Port = 8080 }));
        return table.Create(flow, slot, 8080, ForwardingMethod.Masquerade, 0);
    }

    private static FlowKey Reply(FlowKey flow) => new(flow.Protocol, Server, 8080, flow.Source, flow.SourcePort);

    private static IpAddress Ip(string text) => IpAddress.Of(IPAddress.Parse(text));
}
