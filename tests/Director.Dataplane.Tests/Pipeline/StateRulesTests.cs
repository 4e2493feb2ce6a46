using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>The settings for states and opening, with real packets.</summary>
public sealed class StateRulesTests
{
    private readonly Bench _bench = new();

    public StateRulesTests() => _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1), Bench.Server(2)));

    [Fact]
    public void With_secure_tcp_only_the_servers_ack_establishes()
    {
        _bench.Core.SetSettings(new Settings { SecureTcp = 3 });
        ToServer(TcpFlags.Syn);
        ToServer(TcpFlags.Ack);
        Assert.Equal(ConnectionState.SynReceived, _bench.Core.Connections[1].State);
        FromServer(TcpFlags.Syn | TcpFlags.Ack);
        Assert.Equal(ConnectionState.SynAck, _bench.Core.Connections[1].State);
        FromServer(TcpFlags.Ack);
        Assert.Equal(ConnectionState.Established, _bench.Core.Connections[1].State);
    }

    [Theory]
    [InlineData(TcpFlags.Ack | TcpFlags.Psh, "ESTABLISHED")]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, "CLOSE")]
    [InlineData(TcpFlags.None, "CLOSE")]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack, "SYN_RECV")]
    public void With_sloppy_tcp_anything_but_a_reset_opens(TcpFlags flags, string state)
    {
        _bench.Core.SetSettings(new Settings { SloppyTcp = true });
        Assert.Equal(Bench.ServerAddress(2), ToServer(flags));
        Assert.Equal(state, ConnectionStates.Name(_bench.Core.Connections[1].State));
    }

    [Fact]
    public void A_reset_opens_nothing_even_so()
    {
        _bench.Core.SetSettings(new Settings { SloppyTcp = true });
        Assert.Null(ToServer(TcpFlags.Rst));
        Assert.Equal(0u, _bench.Core.Connections.Count);
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.NoConnection));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    public void By_conn_reuse_mode_a_syn_after_the_end_keeps_its_server_or_gets_one_afresh(int mode, int server)
    {
        _bench.Core.SetSettings(new Settings { ConnReuseMode = mode });
        Assert.Equal(Bench.ServerAddress(2), ToServer(TcpFlags.Syn));
        FromServer(TcpFlags.Rst);
        Assert.Equal(Bench.ServerAddress(server), ToServer(TcpFlags.Syn));
        Assert.Equal(ConnectionState.SynReceived, _bench.Core.Connections[_bench.Core.Connections.Find(Flow)].State);
        Assert.Equal(1u, _bench.Core.Connections.Count);
    }

    private static FlowKey Flow => new(IpProtocol.Tcp, Bench.ClientAddress, 40001, Bench.Vip, 80);

    // The server that the packet was sent to.
    private uint? ToServer(TcpFlags flags) => _bench.Receive(
        Bench.Client, Frames.Tcp(_bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.ClientAddress, 40001, Bench.Vip, 80, flags))
        is [{ Position: Bench.ServerSide } sent] ? sent.Ip.Destination : null;

    private void FromServer(TcpFlags flags) => Assert.Single(_bench.Receive(
        Bench.ServerSide,
        Frames.Tcp(_bench.Interfaces[1].AnswerMac, Bench.ServerMac(2), Bench.ServerAddress(2), 8080, Bench.ClientAddress, 40001, flags)));
}
