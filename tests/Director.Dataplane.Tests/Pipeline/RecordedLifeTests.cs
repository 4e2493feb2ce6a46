using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Director.Dataplane.Connections;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// Lives of connections as <c>ipvsadm</c> showed them of the kernel's IPVS: the same packets here, then the same states,
/// expiries (to the second or one beside it: the recordings do not tell the time between packet and listing closer),
/// ActiveConn and InActConn, counters to the byte and rates. Not replayed here: persistence, marks, one-packet
/// scheduling and sysctls other than the default.
/// </summary>
public sealed class RecordedLifeTests
{
    private const int BetweenActions = 250;

    private static readonly Dictionary<(string Group, int Number), string> Recorded = Load();

    private readonly uint _client = Bench.Ip("10.1.128.1");
    private readonly Bench _bench = new();
    private string _group = "";

    public RecordedLifeTests() => _bench.Update(new NetworkView(
        _bench.Network.Interfaces,
        [],
        [new Route(Bench.Address("10.1.0.0"), 16, RouteKind.Unicast, 2), new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3)],
        [
            new Neighbour(2, IpAddress.FromIpv4(_client), Bench.ClientMac, NeighbourState.Reachable),
            new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(1)), Bench.ServerMac(1), NeighbourState.Reachable),
            new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(2)), Bench.ServerMac(2), NeighbourState.Reachable),
        ]));

    [Fact]
    public void Of_translated_tcp()
    {
        Begin("life of a NAT TCP connection (real sockets)", Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 80)));
        Client(20001, TcpFlags.Syn, 12);
        Shows(4, 5);
        Client(20001, TcpFlags.Syn, 12);
        Server(20001, TcpFlags.Syn | TcpFlags.Ack, 12);
        Client(20001, TcpFlags.Ack);
        Wait(1500);
        Shows(8, 9);
        Wait(2000);
        Shows(11);
        Client(20001, TcpFlags.Ack | TcpFlags.Psh, 5);
        Server(20001, TcpFlags.Ack);
        Server(20001, TcpFlags.Ack | TcpFlags.Psh, 5);
        Client(20001, TcpFlags.Ack);
        Shows(13);
        Client(20001, TcpFlags.Fin | TcpFlags.Ack);
        Server(20001, TcpFlags.Ack);
        Shows(15, 16);
        Server(20001, TcpFlags.Fin | TcpFlags.Ack);
        Client(20001, TcpFlags.Ack);
        Shows(18, 19);
        Wait(2000);
        Shows(20);

        Open(20002);
        Shows(23);
        Server(20002, TcpFlags.Fin | TcpFlags.Ack);
        Client(20002, TcpFlags.Ack);
        Shows(25, 26);
        Client(20002, TcpFlags.Fin | TcpFlags.Ack);
        Server(20002, TcpFlags.Ack);
        Shows(28, 29);
        Open(20003);
        Client(20003, TcpFlags.Rst | TcpFlags.Ack);
        Shows(31, 32);
        Open(20004);
        Server(20004, TcpFlags.Rst | TcpFlags.Ack);
        Shows(34, 35);

        Open(20005);
        Wait(BetweenActions);
        _bench.Core.SetTimeouts(new Timeouts(30, 7, 11));
        Shows(37);
        Client(20005, TcpFlags.Ack | TcpFlags.Psh, 1);
        Server(20005, TcpFlags.Ack);
        Shows(39);
        Client(20005, TcpFlags.Fin | TcpFlags.Ack);
        Server(20005, TcpFlags.Ack);
        Shows(41);
        Server(20005, TcpFlags.Fin | TcpFlags.Ack);
        Client(20005, TcpFlags.Ack);
        Shows(43);
        Counted(46);
    }

    [Fact]
    public void Of_directly_routed_tcp()
    {
        Begin(
            "life of a DR TCP connection (director sees only client packets)",
            Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 80, method: ForwardingMethod.DirectRoute)));
        OpenDirect(20101);
        Shows(58, 59);
        Client(20101, TcpFlags.Ack | TcpFlags.Psh, 5);
        Shows(61);
        Client(20101, TcpFlags.Fin | TcpFlags.Ack);
        Shows(63, 64);
        Client(20101, TcpFlags.Ack);
        Shows(66, 67);
        OpenDirect(20102);
        Client(20102, TcpFlags.Ack);
        Shows(69, 70);
        Client(20102, TcpFlags.Fin | TcpFlags.Ack);
        Shows(72, 73);
        OpenDirect(20103);
        Client(20103, TcpFlags.Rst | TcpFlags.Ack);
        Shows(75, 76);
    }

    [Fact]
    public void Of_tunnelled_tcp()
    {
        Begin(
            "life of a TUN (ipip) TCP connection",
            Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 80, method: ForwardingMethod.Tunnel)));
        OpenDirect(20201);
        Shows(85, 86);
        Client(20201, TcpFlags.Fin | TcpFlags.Ack);
        Client(20201, TcpFlags.Ack);
        Shows(88, 89);
    }

    [Fact]
    public void Of_udp()
    {
        Begin("UDP", Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 53)));
        ClientDatagram(30301, 53, 1);
        Shows(95, 96);
        Wait(2000);
        Shows(97);
        ServerDatagram(30301, 53, 1);
        Shows(99, 100);
        Wait(2000);
        ClientDatagram(30301, 53, 1);
        Shows(102);
        _bench.Core.SetTimeouts(new Timeouts(0, 0, 5));
        ClientDatagram(30301, 53, 1);
        Shows(105);
        Wait(6000);
        Shows(107, 108);
        // (The listing of the counters has another service beside this one, of one-packet scheduling.)
        Assert.Equal((3ul, 87ul, 1ul, 29ul), Totals());
    }

    [Fact]
    public void Of_an_icmp_error_of_the_server_and_of_echo_to_the_virtual_address()
    {
        Begin("ICMP", Bench.Service("udp 10.1.0.100:9999", "rr", Bench.Server(1, port: 9999)));
        ClientDatagram(30403, 9999, 1);
        byte[] about = Frames.Udp(default, default, _client, 30403, Bench.ServerAddress(1), 9999, length: 1);
        Assert.Single(_bench.Receive(Bench.ServerSide, Frames.Icmp(
            _bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Bench.ServerAddress(1), _client, IcmpHeader.DestinationUnreachable, 3, about.AsSpan(14))));
        Shows(122, 123);
        Counted(125);
        Wait(2700);
        Assert.Single(_bench.Receive(Bench.Client, Frames.Icmp(
            _bench.Interfaces[0].AnswerMac, Bench.ClientMac, _client, Bench.Vip, IcmpHeader.Echo, 0, new byte[56])));
        Shows(127, 128);
        Counted(130);
    }

    [Fact]
    public void Of_a_deleted_server()
    {
        Begin(
            "not persistent: RS deleted under a live connection, expire_nodest_conn=0",
            Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 80), Bench.Server(2, port: 80)));
        Open(25801, server: 2);
        Open(25802, server: 1);
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(2, port: 80)));
        Shows(444, 445);
        Client(25801, TcpFlags.Ack | TcpFlags.Psh, 1);
        Wait(500);
        Client(25802, TcpFlags.Ack | TcpFlags.Psh, 1, passes: false);
        Shows(450);
        _bench.Apply();
        Shows(453);
        Client(25801, TcpFlags.Ack | TcpFlags.Psh, 1, passes: false);
        Shows(457);
    }

    [Fact]
    public void Counters_and_rates_of_exactly_known_traffic()
    {
        Begin(
            "stats of exactly known traffic (clean re-run)",
            Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 80)),
            Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 53)));
        Client(1, TcpFlags.Syn, 12);
        Server(1, TcpFlags.Syn | TcpFlags.Ack, 12);
        Client(1, TcpFlags.Ack);
        Client(1, TcpFlags.Fin | TcpFlags.Ack);
        Server(1, TcpFlags.Fin | TcpFlags.Ack);
        Client(1, TcpFlags.Ack);
        Counted(22);
        Estimates(3);
        ClientDatagram(2, 53, 100);
        ServerDatagram(2, 53, 3);
        Estimates(1);
        Counted(26);
        Counted(27, rates: true);
        Estimates(1);
        Counted(28, rates: true);
        _bench.Core.Zero(ServiceKey.TryParse("udp 10.1.0.100:53", out ServiceKey? key) ? key : null);
        Counted(31);
        _bench.Core.Zero(null);
        Counted(33);
    }

    [Fact]
    public void Rates_over_time()
    {
        Begin(
            "estimator: rate over time (1 UDP packet of 128 B every 20 ms for 6 s, then silence) (clean re-run)",
            Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 53)));
        // Packets that the kernel's estimator had counted at each of its turns, and the listings after it.
        int sent = 0;
        foreach ((int counted, int listed) in ((int, int)[])[(62, 109), (133, 115), (202, 121), (213, 126), (213, 130)])
        {
            for (; sent < counted; sent++)
                ClientDatagram(1, 53, 100);
            Estimates(1);
            Counted(listed, rates: true);
        }
        Counted(131);
    }

    private void Begin(string group, params VirtualService[] services)
    {
        _group = group;
        _bench.Apply(services);
    }

    private void Wait(int milliseconds) => _bench.Tick(milliseconds);

    private void Estimates(int times)
    {
        for (; times > 0; times--)
            Wait(2000);
    }

    private void Open(ushort port, int server = 1)
    {
        Client(port, TcpFlags.Syn, 12);
        Server(port, TcpFlags.Syn | TcpFlags.Ack, 12, server);
        Client(port, TcpFlags.Ack);
    }

    private void OpenDirect(ushort port)
    {
        Client(port, TcpFlags.Syn, 12);
        Client(port, TcpFlags.Ack);
    }

    // 12 bytes of options (MSS, SACK, window scale) are as good as 12 of payload to a director: it looks at neither.
    private void Client(ushort port, TcpFlags flags, int bytes = 0, bool passes = true) => Assert.Equal(passes ? 1 : 0, _bench.Receive(
        Bench.Client,
        Frames.Tcp(_bench.Interfaces[0].AnswerMac, Bench.ClientMac, _client, port, Bench.Vip, 80, flags, new string('x', bytes))).Length);

    private void Server(ushort port, TcpFlags flags, int bytes = 0, int server = 1) => Assert.Single(_bench.Receive(
        Bench.ServerSide,
        Frames.Tcp(
            _bench.Interfaces[1].AnswerMac, Bench.ServerMac(server), Bench.ServerAddress(server), 80, _client, port, flags, new string('x', bytes))));

    private void ClientDatagram(ushort port, ushort service, int bytes) => Assert.Single(_bench.Receive(
        Bench.Client, Frames.Udp(_bench.Interfaces[0].AnswerMac, Bench.ClientMac, _client, port, Bench.Vip, service, bytes)));

    private void ServerDatagram(ushort port, ushort service, int bytes) => Assert.Single(_bench.Receive(
        Bench.ServerSide, Frames.Udp(_bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Bench.ServerAddress(1), service, _client, port, bytes)));

    // ipvsadm -Lcn, and -Ln: "TCP 14:58  ESTABLISHED 10.1.128.1:20001   10.1.0.100:80      10.2.0.11:80".
    private void Shows(int connections, int? services = null)
    {
        Wait(BetweenActions);
        ConnectionEntry[] entries = new ConnectionEntry[64];
        uint cursor = 0;
        int count = ConnectionListing.Read(_bench.Core.Connections, ref cursor, entries, ConnectionClock.FromMilliseconds(_bench.Now));
        Dictionary<string, uint> ours = entries.Take(count).ToDictionary(
            each => $"{each.Protocol} {each.State} {each.Client}:{each.ClientPort} {each.Virtual}:{each.VirtualPort} {each.Server}:{each.ServerPort}".ToUpperInvariant(),
            each => each.Expires);
        Dictionary<string, uint> theirs = Lines(connections).Where(words => words[0] is "TCP" or "UDP").ToDictionary(
            words => $"{words[0]} {string.Join(' ', words[2..6])}",
            words => uint.Parse(words[1].Split(':')[0], CultureInfo.InvariantCulture) * 60 + uint.Parse(words[1].Split(':')[1], CultureInfo.InvariantCulture));
        Assert.Equal(theirs.Keys.Order(), ours.Keys.Order());
        foreach ((string connection, uint expires) in theirs)
            Assert.True(Math.Abs((int)ours[connection] - (int)expires) <= 1, $"{connections}: {connection} expires in {expires} s there, {ours[connection]} s here");
        if (services is not { } number)
            return;
        // "  -> 10.2.0.11:80                 Masq    1      1          0"
        Assert.Equal(
            Lines(number).Where(words => words[0] == "->" && words.Length == 6 && char.IsDigit(words[1][0])).Select(words => $"{words[1]} {words[4]} {words[5]}"),
            _bench.Core.Statistics().Services.SelectMany(service => service.Servers)
                .Select(server => $"{server.Address}:{server.Port} {server.ActiveConnections} {server.InactiveConnections}"));
    }

    // ipvsadm -Ln --stats or --rate: the services' and servers' numbers.
    private void Counted(int number, bool rates = false) => Assert.Equal(
        Lines(number).Where(words => words[0] is "TCP" or "UDP" || (words[0] == "->" && char.IsDigit(words[1][0]))).Select(words => string.Join(' ', words[2..])),
        _bench.Core.Statistics().Services.SelectMany(service => (string[])[Numbers(service.Statistics, rates), .. service.Servers.Select(server => Numbers(server.Statistics, rates))]));

    private static string Numbers(Statistics each, bool rates) => rates
        ? $"{each.ConnectionRate} {each.InPacketRate} {each.OutPacketRate} {each.InByteRate} {each.OutByteRate}"
        : $"{each.Connections} {each.InPackets} {each.OutPackets} {each.InBytes} {each.OutBytes}";

    private (ulong InPackets, ulong InBytes, ulong OutPackets, ulong OutBytes) Totals()
    {
        Statistics total = Assert.Single(_bench.Core.Statistics().Services).Statistics;
        return (total.InPackets, total.InBytes, total.OutPackets, total.OutBytes);
    }

    private IEnumerable<string[]> Lines(int number) => Recorded[(_group, number)]
        .Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words.Length > 1);

    private static Dictionary<(string Group, int Number), string> Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "connection-life.json.gz"));
        using GZipStream json = new(file, CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateArray()
            .Where(each => each.TryGetProperty("stdout", out _))
            .ToDictionary(each => (each.GetProperty("group").GetString()!, each.GetProperty("n").GetInt32()), each => each.GetProperty("stdout").GetString()!);
    }
}
