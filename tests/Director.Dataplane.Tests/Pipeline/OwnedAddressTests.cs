using System.Net;
using Director.Dataplane.Control;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>What the engine answers by itself for the addresses that it owns.</summary>
public sealed class OwnedAddressTests
{
    private readonly Bench _bench = new();

    public OwnedAddressTests() => _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));

    private MacAddress ClientSide => _bench.Interfaces[Bench.Client].AnswerMac;

    private static byte[] WhoHas(uint address) => Frames.Arp(MacAddress.Broadcast, ArpPacket.Request, Bench.ClientMac, Bench.ClientAddress, default, address);

    [Fact]
    public void Arp_for_the_virtual_address_is_answered_with_the_virtual_mac()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, WhoHas(Bench.Vip)));
        Assert.True(ArpPacket.TryParse(sent.EthernetHeader.Payload, out ArpPacket arp, out _));
        Assert.Equal((ArpPacket.Reply, ClientSide, Bench.Vip), (arp.Operation, arp.SenderMac, arp.SenderAddress));
        Assert.Equal((Bench.ClientMac, Bench.ClientAddress), (arp.TargetMac, arp.TargetAddress));
        Assert.Equal((Bench.ClientMac, ClientSide), (sent.EthernetHeader.Destination, sent.EthernetHeader.Source));
    }

    [Theory]
    [InlineData("10.1.0.1")] // the host's own
    [InlineData("10.1.0.2")] // the asker's
    [InlineData("10.2.0.254")] // ours, on the other segment
    public void Arp_for_another_address_is_not(string address) =>
        Assert.Empty(_bench.Receive(Bench.Client, WhoHas(Bench.Ip(address))));

    [Fact]
    public void A_standby_answers_nothing()
    {
        _bench.Core.Own(false);
        Assert.Empty(_bench.Receive(Bench.Client, WhoHas(Bench.Vip)));
        Assert.Empty(_bench.Receive(Bench.Client, Frames.Tcp(ClientSide, Bench.ClientMac, Bench.ClientAddress, 1, Bench.Vip, 80, TcpFlags.Syn)));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.NotOwner));
    }

    [Fact]
    public void Taking_the_addresses_announces_each_on_its_segment()
    {
        _bench.Core.Own(false);
        _bench.Core.Own(true);
        Sent[] sent = _bench.Tick(1);
        Assert.Equal(4, sent.Length); // as request and as reply, for the VIP and the gateway
        Assert.All(sent, frame =>
        {
            Assert.True(ArpPacket.TryParse(frame.EthernetHeader.Payload, out ArpPacket arp, out _));
            Assert.Equal(arp.SenderAddress, arp.TargetAddress);
            Assert.Equal(frame.Position == Bench.Client ? Bench.Vip : Bench.Gateway, arp.SenderAddress);
            Assert.Equal(_bench.Interfaces[frame.Position].AnswerMac, arp.SenderMac);
            Assert.Equal(MacAddress.Broadcast, frame.EthernetHeader.Destination);
        });
    }

    [Fact]
    public void A_foreign_claim_is_answered_once_in_ten_seconds_and_remembered()
    {
        MacAddress rival = new(0x02000000EEEE);
        byte[] claim = Frames.Arp(MacAddress.Broadcast, ArpPacket.Request, rival, Bench.Vip, default, Bench.Vip);
        Assert.Equal(2, _bench.Receive(Bench.Client, claim).Length);
        Assert.Empty(_bench.Receive(Bench.Client, claim));
        _bench.Now += 10_001;
        Assert.Equal(2, _bench.Receive(Bench.Client, claim).Length);
        Assert.Equal(rival, _bench.Core.ForeignClaims[IpAddress.FromIpv4(Bench.Vip)]);
    }

    [Theory]
    [InlineData(null, 0)] // another director's word to the owner: the election answers
    [InlineData("10.1.0.12", 1)] // its host's own question
    public void Another_directors_host_is_answered_and_its_election_is_not(string? sender, int answers)
    {
        MacAddress director = new(0x02000000DDDD);
        byte[] question = Frames.Arp(MacAddress.Broadcast, ArpPacket.Request, director, sender is null ? 0 : Bench.Ip(sender), default, Bench.Vip);
        _bench.Core.Ownership.Directors = [director];
        Assert.Equal(answers, _bench.Receive(Bench.Client, question).Length);
    }

    [Fact]
    public void A_probe_finds_who_answers_and_what_the_host_has()
    {
        IPAddress[] wanted = [IPAddress.Parse("10.1.0.55"), IPAddress.Parse("10.1.0.56"), IPAddress.Parse("10.1.0.1")];
        _bench.Core.BeginProbe(wanted);
        _bench.Receive(Bench.Client, Frames.Arp(ClientSide, ArpPacket.Reply, new MacAddress(0x02000000EEEE), Bench.Ip("10.1.0.55"), ClientSide, 0));
        Assert.Equal(
            [new AddressConflict(wanted[0], "c0", "02:00:00:00:ee:ee"), new AddressConflict(wanted[2], "c0", null)],
            _bench.Core.EndProbe(wanted));
    }

    [Fact]
    public void Echo_requests_are_answered()
    {
        byte[] request = Frames.Icmp(ClientSide, Bench.ClientMac, Bench.ClientAddress, Bench.Vip, IcmpHeader.Echo, 0, "abcdefgh"u8);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, request));
        Assert.Equal((Bench.Vip, Bench.ClientAddress), (sent.Ip.Source, sent.Ip.Destination));
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader reply, out _));
        Assert.Equal(IcmpHeader.EchoReply, reply.Type);
        Assert.True(reply.ChecksumIsValid());
        Assert.Equal("abcdefgh"u8, reply.Payload);
    }

    [Theory] // the recordings no_service_tcp, tcp_nonsyn_no_conn, tcp_ack_no_conn_with_service
    [InlineData(8088, TcpFlags.Syn, TcpFlags.Rst | TcpFlags.Ack, 0u, 1001u, DropReason.NoService)]
    [InlineData(8088, TcpFlags.Ack, TcpFlags.Rst, 5u, 0u, DropReason.NoService)]
    [InlineData(80, TcpFlags.Ack, TcpFlags.Rst, 5u, 0u, DropReason.NoConnection)]
    public void Tcp_that_belongs_to_nothing_is_reset(ushort port, TcpFlags flags, TcpFlags answer, uint sequence, uint acknowledged, DropReason counted)
    {
        byte[] frame = Frames.Tcp(ClientSide, Bench.ClientMac, Bench.ClientAddress, 42002, Bench.Vip, port, flags, acknowledgment: 5);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame));
        Assert.Equal((64, 0, 0), (sent.Ip.TimeToLive, sent.Ip.TypeOfService, sent.Ip.Identification));
        Assert.True(TcpHeader.TryParse(sent.Ip.Payload, out TcpHeader reset, out _));
        Assert.Equal((answer, sequence, acknowledged, port), (reset.Flags, reset.SequenceNumber, reset.AcknowledgmentNumber, reset.SourcePort));
        Assert.True(Frames.TransportChecksumIsValid(sent.Ip));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(counted));
    }

    [Fact]
    public void A_reset_is_never_answered() => Assert.Empty(_bench.Receive(
        Bench.Client, Frames.Tcp(ClientSide, Bench.ClientMac, Bench.ClientAddress, 42002, Bench.Vip, 81, TcpFlags.Rst)));

    [Fact]
    public void No_server_available_is_port_unreachable_even_for_tcp()
    {
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, weight: 0)));
        Sent sent = Assert.Single(_bench.Receive(
            Bench.Client, Frames.Tcp(ClientSide, Bench.ClientMac, Bench.ClientAddress, 42003, Bench.Vip, 80, TcpFlags.Syn)));
        AssertError(sent, IcmpHeader.DestinationUnreachable, IcmpHeader.PortUnreachable, quotedBytes: 40);
    }

    [Fact]
    public void Udp_without_a_service_is_port_unreachable_and_rate_limited()
    {
        byte[] frame = Frames.Udp(ClientSide, Bench.ClientMac, Bench.ClientAddress, 42003, Bench.Vip, 9999, length: 1000);
        AssertError(Assert.Single(_bench.Receive(Bench.Client, frame)), IcmpHeader.DestinationUnreachable, IcmpHeader.PortUnreachable, quotedBytes: 548);
        int answered = Enumerable.Range(0, 5000).Sum(_ => _bench.Receive(Bench.Client, frame).Length);
        Assert.InRange(answered, 1, 200);
        Assert.Equal((ulong)(5000 - answered), _bench.Core.Counters.Dropped(DropReason.AnswerRateLimited));
    }

    [Fact]
    public void The_hosts_own_traffic_is_none_of_ours()
    {
        MacAddress host = _bench.Interfaces[Bench.Client].OwnMac;
        Assert.Empty(_bench.Receive(Bench.Client, Frames.Tcp(host, Bench.ClientMac, Bench.ClientAddress, 1, Bench.Ip("10.1.0.1"), 22, TcpFlags.Syn)));
        Assert.Equal(1ul, _bench.Core.Counters.NotOurs);
    }

    private static void AssertError(Sent sent, byte type, byte code, int quotedBytes)
    {
        Assert.Equal((Bench.Vip, Bench.ClientAddress, 0xC0), (sent.Ip.Source, sent.Ip.Destination, sent.Ip.TypeOfService));
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader error, out _));
        Assert.Equal((type, code, quotedBytes), (error.Type, error.Code, error.Quote.Length));
        Assert.True(error.ChecksumIsValid());
    }
}
