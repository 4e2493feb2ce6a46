using System.Collections.Immutable;
using Director.Dataplane.Marks;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Settings of IPVS that change what becomes of a packet, each with its default beside.</summary>
public sealed class SettingsTests
{
    private readonly Bench _bench = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_cache_bypass_a_marked_packet_without_a_cache_goes_where_it_was_sent(bool bypass)
    {
        _bench.Core.SetSettings(new Settings { CacheBypass = bypass });
        Assert.True(MarkRule.TryParse("-p tcp --dport 80 -j MARK --set-mark 7", out ImmutableArray<MarkRule> rules, out string? error), error);
        _bench.Core.SetMarks(MarkTable.Compile([.. rules], ["c0", "r0"]));
        _bench.Apply(Bench.Service("fwmark 7", "rr"), Bench.Service("tcp 10.1.0.100:80", "rr"));
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(Bench.ServerAddress(3), 80)));
        if (bypass)
            Assert.Equal((Bench.ServerSide, Bench.ServerAddress(3), IpProtocol.Tcp), (sent.Position, sent.Ip.Destination, sent.Ip.Protocol));
        else
            AssertError(sent, Bench.Client, IcmpHeader.PortUnreachable);
        // What was sent to us has nowhere else to go.
        AssertError(Assert.Single(_bench.Receive(Bench.Client, FromClient(Bench.Vip, 80))), Bench.Client, IcmpHeader.PortUnreachable);
    }

    [Theory]
    [InlineData(false, 8080, TcpFlags.Ack, false)]
    [InlineData(true, 8080, TcpFlags.Ack, true)]
    [InlineData(true, 8080, TcpFlags.Rst, false)]
    [InlineData(true, 9090, TcpFlags.Ack, false)]
    public void With_nat_icmp_send_a_server_hears_that_its_connection_is_none(bool send, ushort port, TcpFlags flags, bool told)
    {
        _bench.Core.SetSettings(new Settings { NatIcmpSend = send });
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, Frames.Tcp(
            _bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Bench.ServerAddress(1), port, Bench.ClientAddress, 40001, flags)));
        if (told)
            AssertError(sent, Bench.ServerSide, IcmpHeader.PortUnreachable);
        else
            Assert.Equal((Bench.Client, Bench.ServerAddress(1)), (sent.Position, sent.Ip.Source));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_schedule_icmp_an_error_about_an_answer_that_went_by_finds_its_server(bool schedule)
    {
        _bench.Core.SetSettings(new Settings { ScheduleIcmp = schedule });
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "sh", Bench.Server(1, port: 80, method: ForwardingMethod.DirectRoute), Bench.Server(2, port: 80, method: ForwardingMethod.DirectRoute)));
        byte[] answer = Frames.Tcp(default, default, Bench.Vip, 80, Bench.ClientAddress, 40001, TcpFlags.Ack, new string('x', 1000));
        Sent[] sent = _bench.Receive(Bench.Client, Frames.Icmp(
            _bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.ClientAddress, Bench.Vip, IcmpHeader.DestinationUnreachable,
            IcmpHeader.FragmentationNeeded, answer.AsSpan(14, 28)));
        Assert.Equal(schedule ? 1 : 0, sent.Length);
        Assert.Equal(schedule ? 1u : 0u, _bench.Core.Connections.Count);
        if (!schedule)
            return;
        Sent syn = Assert.Single(_bench.Receive(Bench.Client, FromClient(Bench.Vip, 80)));
        Assert.Equal((syn.Position, syn.EthernetHeader.Destination), (sent[0].Position, sent[0].EthernetHeader.Destination));
        Assert.Equal(1u, _bench.Core.Connections.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_pmtu_disc_what_is_too_big_for_its_tunnel_goes_in_fragments(bool discovers)
    {
        Bench bench = TunnelBench.Start();
        bench.Core.SetSettings(new Settings { PmtuDisc = discovers });
        Sent[] sent = bench.Receive(Bench.Client, TunnelBench.Udp(bench, 1472));
        if (discovers)
        {
            AssertError(Assert.Single(sent), Bench.Client, IcmpHeader.FragmentationNeeded);
            return;
        }
        Assert.Equal(2, sent.Length);
        Assert.All(sent, each => Assert.Equal((Bench.ServerSide, true, IpProtocol.IpIp), (each.Position, each.Ip.IsFragment, each.Ip.Protocol)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_run_estimation_rates_stay(bool runs)
    {
        _bench.Core.SetSettings(new Settings { RunEstimation = runs });
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));
        for (int second = 0; second < 10; second++)
        {
            for (int packet = 0; packet < 40; packet++)
                _bench.Receive(Bench.Client, FromClient(Bench.Vip, 80));
            _bench.Tick(2000);
        }
        Assert.Equal(runs, Assert.Single(_bench.Core.Statistics().Services).Statistics.InPacketRate > 0);
    }

    private byte[] FromClient(uint destination, ushort port) =>
        Frames.Tcp(_bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.ClientAddress, 40001, destination, port, TcpFlags.Syn);

    private static void AssertError(Sent sent, int position, byte code)
    {
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader error, out DropReason reason), reason.ToString());
        Assert.Equal((position, IpProtocol.Icmp, IcmpHeader.DestinationUnreachable, code), (sent.Position, sent.Ip.Protocol, error.Type, error.Code));
    }
}
