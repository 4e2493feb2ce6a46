using System.Buffers.Binary;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>ICMPv6 errors about packets of connections: outer and quoted headers are translated like the packets, checksums and all.</summary>
public sealed class Ipv6IcmpErrorTests
{
    private const ushort ClientPort = 40000;

    private readonly Bench _bench = Ipv6Bench.Started(
        Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 5353)),
        Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1)));

    public Ipv6IcmpErrorTests()
    {
        Assert.Single(_bench.Receive(Bench.Client, Ipv6Frames.Udp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, ClientPort, Ipv6Bench.Vip, 53)));
        Assert.Single(_bench.Receive(Bench.Client, Ipv6Frames.Tcp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, ClientPort, Ipv6Bench.Vip, 80, TcpFlags.Syn)));
    }

    private MacAddress ClientSide => _bench.Interfaces[Bench.Client].AnswerMac;

    private MacAddress ServerSide => _bench.Interfaces[Bench.ServerSide].AnswerMac;

    public static TheoryData<string, byte, byte, uint> Errors => new()
    {
        { "port unreachable", Icmpv6Header.DestinationUnreachable, Icmpv6Header.PortUnreachable, 0 },
        { "packet too big", Icmpv6Header.PacketTooBig, 0, 1300 },
        { "time exceeded", Icmpv6Header.TimeExceeded, 0, 0 },
        { "parameter problem", Icmpv6Header.ParameterProblem, Icmpv6Header.NextHeaderUnrecognized, 40 },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void From_the_client_they_reach_the_server_as_if_they_were_about_its_packet(string name, byte type, byte code, uint rest)
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(AboutVip(), type, code, rest)));
        Assert.True(sent.Position == Bench.ServerSide, name);
        Assert.Equal((Ipv6Bench.Client, Ipv6Bench.ServerAddress(1), 63), (sent.Ipv6().Source, sent.Ipv6().Destination, sent.Ipv6().TimeToLive));
        Assert.Equal((type, code, rest), (sent.Icmpv6().Type, sent.Icmpv6().Code, sent.Icmpv6().Mtu));
        AssertQuote(sent, Ipv6Bench.ServerAddress(1), 5353, Ipv6Bench.Client, ClientPort);
        Assert.Equal(1ul, _bench.Core.Counters.Related);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void From_the_server_they_reach_the_client_from_the_virtual_address(string name, byte type, byte code, uint rest)
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, FromServerSide(AboutServer(), type, code, rest)));
        Assert.True(sent.Position == Bench.Client, name);
        Assert.Equal((Ipv6Bench.Vip, Ipv6Bench.Client, Bench.ClientMac), (sent.Ipv6().Source, sent.Ipv6().Destination, sent.EthernetHeader.Destination));
        Assert.Equal((type, code, rest), (sent.Icmpv6().Type, sent.Icmpv6().Code, sent.Icmpv6().Mtu));
        AssertQuote(sent, Ipv6Bench.Client, ClientPort, Ipv6Bench.Vip, 53);
    }

    [Fact]
    public void So_does_a_routers_on_the_servers_side_about_tcp_cut_off_at_1280_bytes()
    {
        byte[] theirs = Ipv6Frames.Tcp(
            default, default, Ipv6Bench.Client, ClientPort, Ipv6Bench.ServerAddress(1), 8080, TcpFlags.Ack, new string('x', 1440));
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, FromServerSide(theirs[14..(14 + 1232)], Icmpv6Header.PacketTooBig, 0, 1300, "fd00:2::9")));
        Assert.Equal((Ipv6Bench.Vip, 1280, 1300u), (sent.Ipv6().Source, sent.Ipv6().TotalLength, sent.Icmpv6().Mtu));
        Assert.True(Ipv6Header.TryParseQuote(sent.Icmpv6().Quote, out Ipv6Header quoted, out _));
        Assert.True(QuotedTransport.TryParse(quoted, out QuotedTransport tcp, out _));
        Assert.Equal((Ipv6Bench.Client, Ipv6Bench.Vip, ClientPort, 80), (quoted.Source, quoted.Destination, tcp.SourcePort, tcp.DestinationPort));
        // The checksum that the client itself wrote.
        byte[] asSent = Ipv6Frames.Tcp(default, default, Ipv6Bench.Client, ClientPort, Ipv6Bench.Vip, 80, TcpFlags.Ack, new string('x', 1440));
        Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(asSent.AsSpan(54 + 16)), tcp.Checksum);
    }

    [Fact]
    public void The_least_quote_there_may_be_is_enough()
    {
        byte[] theirs = Ipv6Frames.Tcp(default, default, Ipv6Bench.Client, ClientPort, Ipv6Bench.ServerAddress(1), 8080, TcpFlags.Ack, "x");
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, FromServerSide(theirs[14..(54 + 8)], Icmpv6Header.TimeExceeded, 0, 0)));
        Span<byte> quote = sent.Icmpv6().Quote;
        Assert.Equal((48, 80), (quote.Length, BinaryPrimitives.ReadUInt16BigEndian(quote[42..])));
        Assert.Equal(Ipv6Bench.Vip, IpAddress.Read(quote[24..40]));
    }

    [Fact]
    public void The_quoted_packet_may_have_extension_headers_and_be_a_first_fragment()
    {
        byte[] ours = Ipv6Frames.Udp(default, default, Ipv6Bench.Vip, 53, Ipv6Bench.Client, ClientPort, length: 40);
        byte[] fragment = Ipv6Frames.Extended(
            ours, IpProtocol.HopByHopOptions, [44, 0, 1, 4, 0, 0, 0, 0, .. Ipv6Bytes.Fragment(60, 0, more: true), 17, 0, 1, 4, 0, 0, 0, 0]);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(fragment[14..], Icmpv6Header.PacketTooBig, 0, 1400)));
        Assert.True(Ipv6Header.TryParseQuote(sent.Icmpv6().Quote, out Ipv6Header quoted, out _));
        Assert.True(QuotedTransport.TryParse(quoted, out QuotedTransport udp, out _));
        Assert.Equal(
            (Ipv6Bench.ServerAddress(1), Ipv6Bench.Client, 5353, ClientPort), (quoted.Source, quoted.Destination, udp.SourcePort, udp.DestinationPort));
    }

    [Fact]
    public void Direct_routing_hands_the_clients_errors_on_as_they_are()
    {
        Bench bench = Ipv6Bench.Started(Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 53, method: ForwardingMethod.DirectRoute)));
        bench.Receive(Bench.Client, Ipv6Frames.Udp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, ClientPort, Ipv6Bench.Vip, 53));
        byte[] error = FromClient(AboutVip(), Icmpv6Header.PacketTooBig, 0, 1300);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, error));
        Assert.Equal((Bench.ServerMac(1), 63), (sent.EthernetHeader.Destination, sent.Ipv6().TimeToLive));
        Assert.Equal(error.AsSpan(22), sent.Ethernet[22..]);
    }

    [Fact]
    public void A_wrong_checksum_ends_here()
    {
        byte[] error = FromClient(AboutVip(), Icmpv6Header.TimeExceeded, 0, 0);
        error[^1] ^= 1;
        Assert.Empty(_bench.Receive(Bench.Client, error));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.IcmpChecksumInvalid));
    }

    [Fact]
    public void About_a_connection_that_there_is_not_they_go_nowhere()
    {
        byte[] foreign = Ipv6Frames.Udp(default, default, Ipv6Bench.Vip, 53, Ipv6Bench.Client, 1);
        Assert.Empty(_bench.Receive(Bench.Client, FromClient(foreign[14..], Icmpv6Header.PacketTooBig, 0, 1300)));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.NoService));
    }

    [Fact]
    public void None_is_sent_about_one()
    {
        byte[] error = FromServerSide(AboutServer(), Icmpv6Header.TimeExceeded, 0, 0);
        error[21] = 1;
        Assert.Empty(_bench.Receive(Bench.ServerSide, error));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.TimeToLiveExceeded));
    }

    private static byte[] AboutVip() => Ipv6Frames.Udp(default, default, Ipv6Bench.Vip, 53, Ipv6Bench.Client, ClientPort)[14..];

    private static byte[] AboutServer() => Ipv6Frames.Udp(default, default, Ipv6Bench.Client, ClientPort, Ipv6Bench.ServerAddress(1), 5353)[14..];

    private byte[] FromClient(byte[] quote, byte type, byte code, uint rest) =>
        Ipv6Frames.Icmp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, type, code, quote, rest);

    private byte[] FromServerSide(byte[] quote, byte type, byte code, uint rest, string sender = "fd00:2::11") =>
        Ipv6Frames.Icmp(ServerSide, Bench.ServerMac(1), Ip(sender), Ipv6Bench.Client, type, code, quote, rest);

    private static void AssertQuote(Sent sent, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort)
    {
        Assert.True(Ipv6Header.TryParse(sent.Icmpv6().Quote, out Ipv6Header quoted, out _));
        Assert.True(UdpHeader.TryParse(quoted.Payload, out UdpHeader udp, out _));
        Assert.Equal((source, sourcePort, destination, destinationPort), (quoted.Source, udp.SourcePort, quoted.Destination, udp.DestinationPort));
        Assert.True(Ipv6Frames.ChecksumIsValid(quoted));
    }
}
