using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>An engine that died, and the next one on the same connection memory.</summary>
public sealed class RestartTests
{
    private static readonly VirtualService Service = Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1), Bench.Server(2));

    [Fact]
    public void Connections_counts_and_timeouts_go_on()
    {
        Bench before = new();
        before.Apply(Service);
        for (ushort port = 1; port <= 4; port++)
            before.Receive(Bench.Client, Syn(before, port));
        before.Core.SetTimeouts(new Timeouts(Tcp: 100, TcpFin: 0, Udp: 0));

        Bench after = new(memory: ConnectionMemory.Attach(before.Memory.Memory));
        after.Apply(Service);
        Assert.Equal(100u, after.Core.SetTimeouts(new Timeouts(0, 0, 0)).Tcp);
        Assert.Equal([2u, 2u], Assert.Single(after.Core.Statistics().Services).Servers.Select(server => server.ActiveConnections));
        Assert.Equal(Bench.ServerAddress(2), Assert.Single(after.Receive(Bench.Client, Ack(after, 1))).Ip.Destination);
        Assert.Equal(Bench.ServerAddress(1), Assert.Single(after.Receive(Bench.Client, Ack(after, 2))).Ip.Destination);
    }

    [Fact]
    public void A_server_deleted_before_and_added_back_after_has_its_connections_counted_again()
    {
        Bench before = new();
        before.Apply(Service);
        before.Receive(Bench.Client, Syn(before, 1));
        before.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));

        Bench after = new(memory: ConnectionMemory.Attach(before.Memory.Memory));
        after.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));
        Assert.Empty(after.Receive(Bench.Client, Ack(after, 1)));
        after.Apply(Service);
        Assert.Equal(1u, Assert.Single(after.Core.Statistics().Services).Servers[1].ActiveConnections);
        Assert.Equal(Bench.ServerAddress(2), Assert.Single(after.Receive(Bench.Client, Ack(after, 1))).Ip.Destination);
        after.Tick(1_000_000);
        Assert.Equal(0u, Assert.Single(after.Core.Statistics().Services).Servers[1].ActiveConnections);
    }

    private static byte[] Syn(Bench bench, ushort port) => FromClient(bench, port, TcpFlags.Syn);

    private static byte[] Ack(Bench bench, ushort port) => FromClient(bench, port, TcpFlags.Ack);

    private static byte[] FromClient(Bench bench, ushort port, TcpFlags flags) =>
        Frames.Tcp(bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress, port, Bench.Vip, 80, flags);
}
