using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FastPath;

/// <summary>When a connection is the program's, and when it is the engine's again.</summary>
public sealed class FastForwardingTests : IDisposable
{
    private readonly FastBench _fast = new();

    public FastForwardingTests()
    {
        Bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        _fast.Receive(Bench.ServerSide, FromServer(TcpFlags.Syn | TcpFlags.Ack));
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Ack));
        _fast.Receive(Bench.ServerSide, FromServer(TcpFlags.Ack));
    }

    private Bench Bench => _fast.Bench;

    public void Dispose() => _fast.Dispose();

    [Fact]
    public void An_established_connection_is_the_programs_in_both_directions()
    {
        Assert.Equal(FastBench.Redirected, FromClient());
        Assert.Equal(FastBench.Redirected, FromServer());
        Assert.Equal(2ul, Bench.Core.HandedOver);
    }

    [Theory]
    [InlineData(TcpFlags.Syn)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack)]
    [InlineData(TcpFlags.Rst)]
    [InlineData((TcpFlags)0)]
    public void What_could_change_its_state_is_the_engines(TcpFlags flags) =>
        Assert.Equal(FastBench.Passed, _fast.Run(Bench.Client, FromClient(flags)).Answer);

    [Fact]
    public void A_closing_connection_is_the_engines_from_its_first_fin_on()
    {
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Fin | TcpFlags.Ack));
        Assert.Equal((FastBench.Passed, FastBench.Passed), (FromClient(), FromServer()));
    }

    [Fact]
    public void Past_the_lease_its_packets_are_dropped()
    {
        Bench.Core.Ownership.Until = BootClock.Nanoseconds - 1;
        Assert.Equal((FastBench.Dropped, FastBench.Dropped), (FromClient(), FromServer()));
        Bench.Core.Ownership.Until = BootClock.Nanoseconds + 60_000_000_000;
        Assert.Equal((FastBench.Redirected, FastBench.Redirected), (FromClient(), FromServer()));
    }

    [Fact]
    public void Who_is_no_owner_any_more_has_nothing_handed_over()
    {
        Bench.Core.Own(false);
        Bench.Core.Ownership.Until = long.MaxValue; // as far as the program knows
        Assert.Equal((FastBench.Passed, FastBench.Passed), (FromClient(), FromServer()));
    }

    [Fact]
    public void Packets_to_a_deleted_server_are_the_engines_which_drops_them()
    {
        Bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr"));
        Assert.Equal(FastBench.Passed, FromClient());
        Assert.Empty(_fast.Receive(Bench.Client, FromClient(TcpFlags.Ack)));
        Bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));
        Assert.Single(_fast.Receive(Bench.Client, FromClient(TcpFlags.Ack)));
        Assert.Equal(FastBench.Redirected, FromClient());
    }

    [Fact]
    public void A_server_that_moves_to_another_mac_is_followed()
    {
        MacAddress moved = new(0x02_00_00_00_00_77);
        RouteTable routes = new([new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3)]);
        Bench.Core.Update(View(Bench.ServerMac(1)));
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Ack));
        Assert.Equal(Bench.ServerMac(1), MacAddress.Read(_fast.Run(Bench.Client, FromClient(TcpFlags.Ack)).Frame));

        Bench.Core.Update(View(moved));
        (uint answer, byte[] frame) = _fast.Run(Bench.Client, FromClient(TcpFlags.Ack));
        Assert.Equal((FastBench.Redirected, moved), (answer, MacAddress.Read(frame)));

        NetworkView View(MacAddress mac) => new(
            Bench.Network.Interfaces, RouteTable.Empty, routes,
            new NeighbourTable([new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(1)), mac, NeighbourState.Reachable)]));
    }

    [Fact]
    public void Other_routes_send_everything_by_the_engine_once()
    {
        Bench.Core.Update(new NetworkView(Bench.Network.Interfaces, [], [new Route(Bench.Address("0.0.0.0"), 0, RouteKind.Unicast, 2)], []));
        Assert.Equal((FastBench.Passed, FastBench.Passed), (FromClient(), FromServer()));
        Bench.Core.Update(Bench.Network);
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Ack));
        Assert.Equal(FastBench.Redirected, FromClient());
    }

    [Fact]
    public void Another_configuration_sends_everything_by_the_engine_once()
    {
        Bench.Core.Configure(new EngineConfiguration { Interfaces = ["c0", "r0"], VirtualMac = false }, Bench.Interfaces);
        Assert.Equal((FastBench.Passed, FastBench.Passed), (FromClient(), FromServer()));
    }

    [Fact]
    public void Several_packets_of_a_batch_hand_over_once()
    {
        Bench.Core.Ownership.Until = 0;
        Bench.Tick(100);
        Bench.Core.Own(true);
        ulong before = Bench.Core.HandedOver;
        for (int i = 0; i < 3; i++)
            Bench.Receive(Bench.Client, FromClient(TcpFlags.Ack));
        Bench.Core.EndBatch(drained: true);
        Assert.Equal(before + 1, Bench.Core.HandedOver);
    }

    [Fact]
    public void While_packets_wait_nothing_is_handed_over_but_not_for_ever()
    {
        Bench.Core.Ownership.Until = 0;
        Bench.Tick(100);
        Bench.Core.Own(true);
        Bench.Receive(Bench.Client, FromClient(TcpFlags.Ack));
        Bench.Core.EndBatch(drained: false);
        Assert.Equal(FastBench.Passed, FromClient());
        for (int batch = 0; batch < 15; batch++)
            Bench.Core.EndBatch(drained: false);
        Assert.Equal(FastBench.Redirected, FromClient());
    }

    [Fact]
    public void To_hand_over_allocates_nothing()
    {
        byte[][] frames = [FromClient(TcpFlags.Ack), FromServer(TcpFlags.Ack)];
        byte[][] wires = [.. frames.Select(frame => new byte[VirtioNetHeader.Length + frame.Length])];
        Bench.SendTo(new Discard());
        uint number = Number;
        ulong before = Bench.Core.HandedOver;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int round = 0; round < 100; round++)
                HandOver();
        }));
        Assert.InRange(Bench.Core.HandedOver - before, 2 * 100ul, ulong.MaxValue);

        void HandOver()
        {
            Bench.Core.Connections[number].GoSlow();
            Bench.Core.BeginBatch(Bench.Now);
            for (int i = 0; i < wires.Length; i++)
            {
                frames[i].CopyTo(wires[i], VirtioNetHeader.Length);
                Bench.Core.Process(new Frame(wires[i], Bench.Interfaces[i]));
            }
            Bench.Core.EndBatch(drained: true);
        }
    }

    [Fact]
    public void A_freed_record_is_used_again_after_a_grace_period_only()
    {
        uint number = Number;
        uint free = Bench.Core.Connections.Available;
        _fast.Periods.Stopped = true;
        Bench.Core.Connections.Remove(number);
        for (uint i = 0; i < free; i++)
            _fast.Receive(Bench.Client, FromClient(TcpFlags.Syn, port: (ushort)(1000 + i)));
        Bench.Tick(100);
        Bench.Tick(100);
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Syn, port: 50000));
        Assert.Equal((0u, 1u), (Number, Bench.Core.Connections.Available));

        _fast.Periods.Stopped = false;
        Bench.Tick(100);
        Bench.Tick(100);
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Syn, port: 50000));
        Assert.Equal(0u, Bench.Core.Connections.Available);
    }

    [Fact]
    public void A_packet_that_does_not_fit_is_the_engines()
    {
        Assert.Equal(FastBench.Redirected, _fast.Run(Bench.Client, FromClient(TcpFlags.Ack, new string('x', 1460))).Answer);
        Assert.Equal(FastBench.Passed, _fast.Run(Bench.Client, FromClient(TcpFlags.Ack, new string('x', 1461))).Answer);
    }

    [Fact]
    public void What_the_program_counts_is_in_the_statistics_and_in_the_connection()
    {
        Statistics before = Assert.Single(Bench.Core.Statistics().Services).Statistics;
        for (int i = 0; i < 3; i++)
            FromClient();
        FromServer();
        var service = Assert.Single(Bench.Core.Statistics().Services);
        Statistics expected = before with
        {
            InPackets = before.InPackets + 3,
            InBytes = before.InBytes + 120,
            OutPackets = before.OutPackets + 1,
            OutBytes = before.OutBytes + 40,
        };
        Assert.Equal(expected, service.Statistics);
        Assert.Equal(expected, Assert.Single(service.Servers).Statistics);
        ref ConnectionRecord record = ref Bench.Core.Connections[Number];
        Assert.Equal((5u, 3u, 200ul, 120ul), (record.InPackets, record.OutPackets, record.InBytes, record.OutBytes));
    }

    [Fact]
    public void A_connection_that_only_the_program_sees_does_not_expire()
    {
        ref ConnectionRecord record = ref Bench.Core.Connections[Number];
        record.LastSeenIn = record.LastSeenOut = unchecked(record.LastSeenIn - ConnectionClock.Ticks(900));
        FromClient();
        Bench.Tick(100);
        Assert.NotEqual(0u, Number);
    }

    [Fact]
    public void Other_macs_and_other_connections_are_not_touched()
    {
        byte[] other = FromClient(TcpFlags.Ack);
        other[5]++;
        Assert.Equal(FastBench.Passed, _fast.Run(Bench.Client, other).Answer);
        byte[] stranger = FromClient(TcpFlags.Ack, port: 40002);
        byte[] before = (byte[])stranger.Clone();
        (uint answer, byte[] after) = _fast.Run(Bench.Client, stranger);
        Assert.Equal(FastBench.Passed, answer);
        Assert.Equal(before, after);
    }

    private uint Number => Bench.Core.Connections.Find(new FlowKey(IpProtocol.Tcp, Bench.ClientAddress, 40001, Bench.Vip, 80));

    private uint FromClient() => _fast.Run(Bench.Client, FromClient(TcpFlags.Ack)).Answer;

    private uint FromServer() => _fast.Run(Bench.ServerSide, FromServer(TcpFlags.Ack)).Answer;

    private byte[] FromClient(TcpFlags flags, string payload = "", ushort port = 40001) =>
        Frames.Tcp(Bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress, port, Bench.Vip, 80, flags, payload);

    private byte[] FromServer(TcpFlags flags) =>
        Frames.Tcp(Bench.Interfaces[Bench.ServerSide].AnswerMac, Bench.ServerMac(1), Bench.ServerAddress(1), 8080, Bench.ClientAddress, 40001, flags);
}
