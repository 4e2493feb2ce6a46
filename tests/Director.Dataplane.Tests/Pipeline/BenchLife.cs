using Director.Dataplane.Connections;
using Director.Dataplane.Linux;
using Director.Dataplane.Routing;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// Clients (10.1.128.0/17 and fd00:8::/32) and servers (10.2.0.11 to .14, fd00:2::11 to ::14) that talk through a bench, which is told
/// what to do in ipvsadm's words.
/// </summary>
public abstract class BenchLife
{
    private readonly Dictionary<Peer, (string Address, ushort Port)> _servers = [];

    /// <param name="connections">Most of them.</param>
    /// <param name="hash">Fixed where chance must be the same each time; null: another one in each run.</param>
    private protected BenchLife(uint connections = 1024, FlowHash? hash = null)
    {
        Bench = new Bench(memory: ConnectionMemory.Create(SharedMemory.Private(ConnectionMemory.SizeFor(connections)), connections, hash ?? FlowHash.Random()));
        Bench.Update(NetworkOf(Bench));
        Commands = new IpvsadmCommands(Bench);
    }

    private protected Bench Bench { get; private set; }

    private protected IpvsadmCommands Commands { get; }

    private protected void Do(string command) => Assert.True(Commands.TryDo(command), command);

    /// <summary>The engine dies; the next one has the same memory, configuration and time.</summary>
    private protected void RestartEngine()
    {
        Bench = new Bench(memory: ConnectionMemory.Attach(Bench.Memory.Memory), now: Bench.Now);
        Bench.Update(NetworkOf(Bench));
        Commands.MoveTo(Bench);
    }

    private protected void Wait(int milliseconds)
    {
        for (; milliseconds > 0; milliseconds -= 50)
            Bench.Tick(Math.Min(milliseconds, 50));
    }

    /// <summary>A client's packet that a server gets. No flags: a datagram.</summary>
    private protected void Send(Peer peer, TcpFlags? flags, int bytes = 0) => Send(peer, flags, new byte[bytes]);

    private protected void Send(Peer peer, TcpFlags? flags, ReadOnlySpan<byte> payload)
    {
        Sent sent = Assert.Single(Bench.Receive(Bench.Client, peer.ToVirtual(Bench, flags, payload)));
        Assert.Equal(Bench.ServerSide, sent.Position);
        Remember(peer, sent);
    }

    /// <summary>Which server got the peer's last packet.</summary>
    private protected void Remember(Peer peer, Sent sent)
    {
        IpHeader ip = IpOf(sent);
        _servers[peer] = (ip.Destination.ToString(), (ushort)((ip.Payload[2] << 8) | ip.Payload[3]));
    }

    /// <summary>A client's packet that nobody gets, and nobody answers.</summary>
    private protected void Lose(Peer peer, TcpFlags? flags, int bytes = 0) => Assert.Empty(Bench.Receive(Bench.Client, peer.ToVirtual(Bench, flags, new byte[bytes])));

    /// <summary>A client's packet that the director answers with RST, or with an ICMP error.</summary>
    private protected void Refuse(Peer peer, TcpFlags? flags, byte answer, int bytes = 0)
    {
        Sent sent = Assert.Single(Bench.Receive(Bench.Client, peer.ToVirtual(Bench, flags, new byte[bytes])));
        Assert.Equal((Bench.Client, answer), (sent.Position, IpOf(sent).Protocol));
    }

    /// <summary>A packet of the server that got the client's last one, which the client gets from whom it spoke to.</summary>
    private protected void Answer(Peer peer, TcpFlags? flags, int bytes = 0)
    {
        (string address, ushort port) = _servers[peer];
        Sent sent = Assert.Single(Bench.Receive(Bench.ServerSide, peer.FromServer(Bench, address, port, flags, new byte[bytes])));
        IpHeader ip = IpOf(sent);
        Assert.Equal((Bench.Client, Ipv6Bytes.Address(peer.Virtual), peer.VirtualPort), (sent.Position, ip.Source, (ushort)((ip.Payload[0] << 8) | ip.Payload[1])));
    }

    private protected void Open(Peer peer)
    {
        Send(peer, TcpFlags.Syn, 12);
        Answer(peer, TcpFlags.Syn | TcpFlags.Ack, 12);
        Send(peer, TcpFlags.Ack);
    }

    private protected void Close(Peer peer)
    {
        Send(peer, TcpFlags.Fin | TcpFlags.Ack);
        Answer(peer, TcpFlags.Fin | TcpFlags.Ack);
        Send(peer, TcpFlags.Ack);
    }

    /// <summary>A datagram, and one back.</summary>
    private protected void Ask(Peer peer, int server, int bytes = 1, int back = 1)
    {
        Send(peer, null, bytes);
        Assert.Equal(server, ServerOf(peer));
        Answer(peer, null, back);
    }

    /// <summary>Opens a connection and says to which server it went.</summary>
    private protected int Opened(Peer peer)
    {
        Open(peer);
        return ServerOf(peer);
    }

    /// <summary>The number of the server that the peer's last packet went to.</summary>
    private protected int ServerOf(Peer peer) => _servers[peer].Address.StartsWith("10.2.0.1", StringComparison.Ordinal) || _servers[peer].Address.StartsWith("fd00:2::1", StringComparison.Ordinal)
        ? _servers[peer].Address[^1] - '0'
        : throw new InvalidOperationException($"{_servers[peer].Address} is no server");

    private protected ushort ServerPortOf(Peer peer) => _servers[peer].Port;

    /// <summary><c>ipvsadm -Lc</c>, in the order of the records.</summary>
    private protected IReadOnlyList<ConnectionEntry> Listed()
    {
        ConnectionEntry[] entries = new ConnectionEntry[Bench.Core.Connections.Capacity];
        uint cursor = 0;
        int count = ConnectionListing.Read(Bench.Core.Connections, ref cursor, entries, ConnectionClock.FromMilliseconds(Bench.Now));
        return entries[..count];
    }

    private protected ServerStatus StatusOf(int server) =>
        Bench.Core.Statistics().Services.SelectMany(service => service.Servers).Single(each => each.Address.ToString()[^1] - '0' == server);

    private static IpHeader IpOf(Sent sent) => IpHeader.TryParse(sent.EthernetHeader.EtherType, sent.EthernetHeader.Payload, out IpHeader ip, out DropReason reason)
        ? ip
        : throw new InvalidOperationException($"an unsound packet was sent: {reason}");

    private static NetworkView NetworkOf(Bench bench) => new(
        bench.Network.Interfaces,
        [],
        [
            new Route(Ipv6Bytes.Address("10.1.0.0"), 16, RouteKind.Unicast, 2),
            new Route(Ipv6Bytes.Address("10.1.128.0"), 17, RouteKind.Unicast, 2, Gateway: Ipv6Bytes.Address("10.1.0.2")),
            new Route(Ipv6Bytes.Address("10.2.0.0"), 16, RouteKind.Unicast, 3),
            new Route(Ipv6Bytes.Address("fd00:1::"), 64, RouteKind.Unicast, 2),
            new Route(Ipv6Bytes.Address("fd00:8::"), 32, RouteKind.Unicast, 2, Gateway: Ipv6Bytes.Address("fd00:1::2")),
            new Route(Ipv6Bytes.Address("fd00:2::"), 64, RouteKind.Unicast, 3),
        ],
        [
            new Neighbour(2, Ipv6Bytes.Address("10.1.0.2"), Bench.ClientMac, NeighbourState.Reachable),
            new Neighbour(2, Ipv6Bytes.Address("fd00:1::2"), Bench.ClientMac, NeighbourState.Reachable),
            .. Enumerable.Range(1, 4).SelectMany(i => (Neighbour[])
            [
                new Neighbour(3, Ipv6Bytes.Address($"10.2.0.1{i}"), Bench.ServerMac(i), NeighbourState.Reachable),
                new Neighbour(3, Ipv6Bytes.Address($"fd00:2::1{i}"), Bench.ServerMac(i), NeighbourState.Reachable),
            ]),
        ]);
}
