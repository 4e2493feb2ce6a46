using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>What the engine answers by itself, as a host would, for the IPv6 addresses that it owns.</summary>
public sealed class Ipv6OwnedAddressTests
{
    private readonly Bench _bench = Ipv6Bench.Started(Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1)));

    private MacAddress ClientSide => _bench.Interfaces[Bench.Client].AnswerMac;

    private byte[] Tcp(ushort port, TcpFlags flags, string payload = "") => Ipv6Frames.Tcp(
        ClientSide, Bench.ClientMac, Ipv6Bench.Client, 42002, Ipv6Bench.Vip, port, flags, payload, acknowledgment: 5);

    [Fact]
    public void Echo_requests_are_answered()
    {
        byte[] request = Ipv6Frames.Icmp(
            ClientSide, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.Echo, 0, "abcdefgh"u8, rest: 0x12340001, hopLimit: 1);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, request));
        Assert.Equal((Bench.Client, Bench.ClientMac, ClientSide), (sent.Position, sent.EthernetHeader.Destination, sent.EthernetHeader.Source));
        Assert.Equal((Ipv6Bench.Vip, Ipv6Bench.Client, 64), (sent.Ipv6().Source, sent.Ipv6().Destination, sent.Ipv6().TimeToLive));
        Assert.Equal((Icmpv6Header.EchoReply, 0x1234, 1), (sent.Icmpv6().Type, sent.Icmpv6().Identifier, sent.Icmpv6().Sequence));
        Assert.Equal("abcdefgh"u8, sent.Icmpv6().Payload);
        Assert.Equal(1ul, _bench.Core.Counters.Echoed);
    }

    [Fact]
    public void An_echo_request_of_a_link_local_neighbour_is_answered_and_one_with_a_wrong_checksum_is_not()
    {
        byte[] request = Ipv6Frames.Icmp(ClientSide, Bench.ClientMac, Ip("fe80::2"), Ipv6Bench.Vip, Icmpv6Header.Echo, 0, "ab"u8);
        Assert.Equal(Ip("fe80::2"), Assert.Single(_bench.Receive(Bench.Client, request)).Ipv6().Destination);
        request[^1] ^= 1;
        Assert.Empty(_bench.Receive(Bench.Client, request));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.IcmpChecksumInvalid));
    }

    [Theory]
    [InlineData(8088, TcpFlags.Syn, TcpFlags.Rst | TcpFlags.Ack, 0u, 1004u, DropReason.NoService)]
    [InlineData(8088, TcpFlags.Ack, TcpFlags.Rst, 5u, 0u, DropReason.NoService)]
    [InlineData(80, TcpFlags.Ack, TcpFlags.Rst, 5u, 0u, DropReason.NoConnection)]
    public void Tcp_that_belongs_to_nothing_is_reset(ushort port, TcpFlags flags, TcpFlags answer, uint sequence, uint acknowledged, DropReason counted)
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, Tcp(port, flags, "abc")));
        Assert.Equal(
            (Ipv6Bench.Vip, Ipv6Bench.Client, 60, 64),
            (sent.Ipv6().Source, sent.Ipv6().Destination, sent.Ipv6().TotalLength, sent.Ipv6().TimeToLive));
        Assert.True(TcpHeader.TryParse(sent.Ipv6().Payload, out TcpHeader reset, out _));
        Assert.Equal(
            (answer, sequence, acknowledged, port, 42002),
            (reset.Flags, reset.SequenceNumber, reset.AcknowledgmentNumber, reset.SourcePort, reset.DestinationPort));
        Assert.True(Ipv6Frames.ChecksumIsValid(sent.Ipv6()));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(counted));
    }

    [Fact]
    public void A_reset_is_never_answered() => Assert.Empty(_bench.Receive(Bench.Client, Tcp(81, TcpFlags.Rst)));

    [Fact]
    public void No_server_available_is_port_unreachable_even_for_tcp()
    {
        _bench.Apply(Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1, weight: 0)));
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, Tcp(80, TcpFlags.Syn)));
        AssertError(sent, Icmpv6Header.DestinationUnreachable, Icmpv6Header.PortUnreachable, quotedBytes: 60);
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.NoServerAvailable));
    }

    [Fact] // RFC 4443 section 2.4 (c): as much of it as fits in 1280 bytes
    public void Udp_without_a_service_is_port_unreachable_and_rate_limited()
    {
        byte[] frame = Ipv6Frames.Udp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, 42003, Ipv6Bench.Vip, 9999, length: 1400);
        AssertError(
            Assert.Single(_bench.Receive(Bench.Client, frame)), Icmpv6Header.DestinationUnreachable, Icmpv6Header.PortUnreachable, quotedBytes: 1232);
        int answered = Enumerable.Range(0, 5000).Sum(_ => _bench.Receive(Bench.Client, frame).Length);
        Assert.InRange(answered, 1, 200);
        Assert.Equal((ulong)(5000 - answered), _bench.Core.Counters.Dropped(DropReason.AnswerRateLimited));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(48)]
    public void An_unknown_protocol_is_a_parameter_problem_at_the_field_that_names_it(uint pointer)
    {
        byte[] frame = Ipv6Frames.Ip(ClientSide, Bench.ClientMac, 99, Ipv6Bench.Client, Ipv6Bench.Vip, new byte[20]);
        if (pointer != 6)
            frame = Ipv6Frames.Extended(frame, IpProtocol.HopByHopOptions, [60, 0, 1, 4, 0, 0, 0, 0, 99, 0, 1, 4, 0, 0, 0, 0]);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame));
        AssertError(sent, Icmpv6Header.ParameterProblem, Icmpv6Header.NextHeaderUnrecognized, quotedBytes: frame.Length - 14);
        Assert.Equal(pointer, sent.Icmpv6().Pointer);
        Assert.Equal(99, sent.Icmpv6().Quote[(int)pointer]);
    }

    [Fact] // RFC 8200 section 4.7
    public void Nothing_behind_the_headers_is_nothing_to_complain_about()
    {
        Assert.Empty(_bench.Receive(
            Bench.Client, Ipv6Frames.Ip(ClientSide, Bench.ClientMac, IpProtocol.NoNextHeader, Ipv6Bench.Client, Ipv6Bench.Vip, [])));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.ProtocolUnsupported));
    }

    [Theory] // RFC 4443 section 2.4 (e)
    [InlineData("33:33:ff:00:01:00")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    public void A_frame_to_many_is_not_answered(string to)
    {
        Assert.True(MacAddress.TryParse(to, out MacAddress mac));
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Udp(mac, Bench.ClientMac, Ipv6Bench.Client, 42003, Ipv6Bench.Vip, 9999)));
    }

    [Fact]
    public void A_standby_answers_nothing()
    {
        _bench.Core.Own(false);
        Assert.Empty(_bench.Receive(Bench.Client, Tcp(80, TcpFlags.Syn)));
        Assert.Empty(_bench.Receive(
            Bench.Client, Ipv6Frames.Icmp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.Echo, 0, "ab"u8)));
        Assert.Equal(2ul, _bench.Core.Counters.Dropped(DropReason.NotOwner));
    }

    private static void AssertError(Sent sent, byte type, byte code, int quotedBytes)
    {
        Assert.Equal(
            (Ipv6Bench.Vip, Ipv6Bench.Client, Bench.Client, Bench.ClientMac),
            (sent.Ipv6().Source, sent.Ipv6().Destination, sent.Position, sent.EthernetHeader.Destination));
        Assert.Equal((type, code, quotedBytes), (sent.Icmpv6().Type, sent.Icmpv6().Code, sent.Icmpv6().Quote.Length));
    }
}
