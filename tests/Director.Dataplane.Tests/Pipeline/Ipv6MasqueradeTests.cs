using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>A client's way through NAT and back, over IPv6.</summary>
public sealed class Ipv6MasqueradeTests
{
    private readonly Bench _bench = Ipv6Bench.Started(
        Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1), Ipv6Bench.Server(2)),
        Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 5353)));

    private MacAddress ClientSide => _bench.Interfaces[Bench.Client].AnswerMac;

    private MacAddress ServerSide => _bench.Interfaces[Bench.ServerSide].AnswerMac;

    private byte[] FromClient(TcpFlags flags, ushort port = 40001, string payload = "") =>
        Ipv6Frames.Tcp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, port, Ipv6Bench.Vip, 80, flags, payload);

    private byte[] FromServer(int server, TcpFlags flags, ushort port = 40001, string payload = "") =>
        Ipv6Frames.Tcp(ServerSide, Bench.ServerMac(server), Ipv6Bench.ServerAddress(server), 8080, Ipv6Bench.Client, port, flags, payload);

    private byte[] Question(bool checksum = true, int length = 10) =>
        Ipv6Frames.Udp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, 40053, Ipv6Bench.Vip, 53, length, checksum: checksum);

    [Fact]
    public void A_syn_goes_to_the_server_added_last_with_its_address_port_and_mac_and_one_hop_less()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(TcpFlags.Syn)));

        Assert.Equal((Bench.ServerSide, Bench.ServerMac(2), ServerSide), (sent.Position, sent.EthernetHeader.Destination, sent.EthernetHeader.Source));
        AssertTcp(sent, Ipv6Bench.Client, 40001, Ipv6Bench.ServerAddress(2), 8080);
        Assert.Equal(63, sent.Ipv6().TimeToLive);
        Assert.True(Ipv6Frames.ChecksumIsValid(sent.Ipv6()));
    }

    [Fact]
    public void A_reply_comes_from_the_virtual_address_again()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, FromServer(2, TcpFlags.Syn | TcpFlags.Ack)));

        Assert.Equal((Bench.Client, Bench.ClientMac), (sent.Position, sent.EthernetHeader.Destination));
        AssertTcp(sent, Ipv6Bench.Vip, 80, Ipv6Bench.Client, 40001);
        Assert.Equal(63, sent.Ipv6().TimeToLive);
        Assert.True(Ipv6Frames.ChecksumIsValid(sent.Ipv6()));
    }

    [Fact]
    public void A_question_and_its_answer_have_right_checksums()
    {
        Sent question = Assert.Single(_bench.Receive(Bench.Client, Question()));
        AssertUdp(question, Ipv6Bench.Client, 40053, Ipv6Bench.ServerAddress(1), 5353);
        Sent answer = Assert.Single(_bench.Receive(Bench.ServerSide, Ipv6Frames.Udp(
            ServerSide, Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), 5353, Ipv6Bench.Client, 40053, length: 33)));
        AssertUdp(answer, Ipv6Bench.Vip, 53, Ipv6Bench.Client, 40053);
    }

    [Fact] // Forbidden by RFC 8200 section 8.1; IPVS fills it in here as well.
    public void Udp_without_a_checksum_gets_one_on_the_way_to_the_server() =>
        AssertUdp(Assert.Single(_bench.Receive(Bench.Client, Question(checksum: false))), Ipv6Bench.Client, 40053, Ipv6Bench.ServerAddress(1), 5353);

    [Fact]
    public void Checksums_are_right_for_many_addresses_and_ports()
    {
        Random random = new(8200);
        for (int i = 0; i < 2000; i++)
        {
            IpAddress client = new((ulong)random.NextInt64() | 1ul << 61, (ulong)random.NextInt64());
            ushort port = (ushort)random.Next(1, 65536);
            Sent sent = Assert.Single(_bench.Receive(
                Bench.Client, Ipv6Frames.Udp(ClientSide, Bench.ClientMac, client, port, Ipv6Bench.Vip, 53, length: random.Next(20))));
            AssertUdp(sent, client, port, Ipv6Bench.ServerAddress(1), 5353);
            Assert.NotEqual(0, sent.Ipv6().Payload[6] | sent.Ipv6().Payload[7]);
            if (i % 500 == 499)
                _bench.Tick(400_000); // let the connections go
        }
    }

    [Fact]
    public void Counts_packets_and_bytes_with_their_ipv6_headers()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        _bench.Receive(Bench.ServerSide, FromServer(2, TcpFlags.Syn | TcpFlags.Ack));
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Ack | TcpFlags.Psh, payload: "GET /"));

        var service = _bench.Core.Statistics().Services.Single(each => each.Key.Protocol == TransportProtocol.Tcp);
        Statistics expected = new(Connections: 1, InPackets: 2, OutPackets: 1, InBytes: 125, OutBytes: 60);
        Assert.Equal(expected, service.Statistics);
        Assert.Equal(expected, service.Servers[1].Statistics);
        Assert.Equal(1u, service.Servers[1].ActiveConnections);
    }

    [Fact]
    public void A_wrong_checksum_stays_wrong_for_the_receiver_to_see()
    {
        byte[] frame = FromClient(TcpFlags.Syn);
        frame[^1] ^= 0x40;
        Assert.False(Ipv6Frames.ChecksumIsValid(Assert.Single(_bench.Receive(Bench.Client, frame)).Ipv6()));
    }

    [Fact]
    public void Of_a_partial_checksum_only_the_addresses_part_is_in_the_field()
    {
        byte[] frame = FromClient(TcpFlags.Syn);
        byte[] offload = PartialChecksum(frame, IpProtocol.Tcp, segmentSize: 0);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame, offload));

        Assert.Equal(offload, sent.Wire[..VirtioNetHeader.Length]);
        Assert.True(TcpHeader.TryParse(sent.Ipv6().Payload, out TcpHeader tcp, out _));
        Assert.Equal(Ipv6Frames.PartialChecksum(Ipv6Bench.Client, Ipv6Bench.ServerAddress(2), IpProtocol.Tcp, 20), tcp.Checksum);
    }

    [Fact]
    public void So_it_is_with_a_datagram_and_behind_extension_headers()
    {
        byte[] frame = Ipv6Frames.Extended(Question(), IpProtocol.HopByHopOptions, [60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0]);
        byte[] offload = PartialChecksum(frame, IpProtocol.Udp, segmentSize: 0);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame, offload));

        Assert.Equal(offload, sent.Wire[..VirtioNetHeader.Length]);
        Assert.True(UdpHeader.TryParse(sent.Ipv6().Payload, out UdpHeader udp, out _));
        Assert.Equal((5353, Ipv6Frames.PartialChecksum(Ipv6Bench.Client, Ipv6Bench.ServerAddress(1), IpProtocol.Udp, 18)), (udp.DestinationPort, udp.Checksum));
    }

    [Fact]
    public void Super_frames_pass_whole_in_both_directions_although_they_are_larger_than_the_mtu()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        byte[] upload = FromClient(TcpFlags.Ack, payload: new string('x', 60_000));
        byte[] offload = PartialChecksum(upload, IpProtocol.Tcp, segmentSize: 1428);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, upload, offload));
        Assert.Equal((60_060, Ipv6Bench.ServerAddress(2)), (sent.Ipv6().TotalLength, sent.Ipv6().Destination));
        Assert.Equal(offload, sent.Wire[..VirtioNetHeader.Length]);

        byte[] download = FromServer(2, TcpFlags.Ack, payload: new string('y', 50_000));
        sent = Assert.Single(_bench.Receive(Bench.ServerSide, download, PartialChecksum(download, IpProtocol.Tcp, segmentSize: 1428)));
        Assert.Equal((50_060, Ipv6Bench.Vip), (sent.Ipv6().TotalLength, sent.Ipv6().Source));
    }

    [Fact]
    public void A_super_frame_whose_segments_do_not_fit_is_too_big()
    {
        Bench bench = Ipv6Bench.Create(serverMtu: 1400);
        bench.Apply(Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1)));
        bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        byte[] frame = FromClient(TcpFlags.Ack, payload: new string('x', 5000));
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame, PartialChecksum(frame, IpProtocol.Tcp, segmentSize: 1440)));
        Assert.Equal((Icmpv6Header.PacketTooBig, 1400u), (sent.Icmpv6().Type, sent.Icmpv6().Mtu));

        frame = FromClient(TcpFlags.Ack, payload: new string('x', 5000));
        Assert.Single(bench.Receive(Bench.Client, frame, PartialChecksum(frame, IpProtocol.Tcp, segmentSize: 1340)));
        Assert.Equal(2ul, bench.Core.Counters.Forwarded);
    }

    [Theory]
    [InlineData(VirtioNetGso.TcpV4)] // of the other version
    [InlineData(VirtioNetGso.UdpL4)] // of the other protocol
    public void Another_packets_offload_is_refused(VirtioNetGso type)
    {
        byte[] frame = FromClient(TcpFlags.Ack, payload: new string('x', 5000));
        byte[] offload = PartialChecksum(frame, IpProtocol.Tcp, segmentSize: 1428);
        new VirtioNetHeader(offload).GsoType = type;
        Assert.Empty(_bench.Receive(Bench.Client, frame, offload));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.OffloadInvalid));
    }

    public static TheoryData<string, byte, byte[]> Chains => new()
    {
        { "hop-by-hop options", IpProtocol.HopByHopOptions, [6, 0, 1, 4, 0, 0, 0, 0] },
        { "destination options", IpProtocol.DestinationOptions, [6, 1, 1, 12, .. new byte[12]] },
        { "both, and a routing header that has been followed", IpProtocol.HopByHopOptions, [60, .. Rest, 43, .. Rest, .. Ipv6Bytes.RoutingHeader(6, 4, 0)] },
        { "an atomic fragment (RFC 6946)", IpProtocol.Fragment, Ipv6Bytes.Fragment(6, 0, more: false) },
        { "authentication header", IpProtocol.AuthenticationHeader, Ipv6Bytes.Authentication(6) },
    };

    private static byte[] Rest => [0, 1, 4, 0, 0, 0, 0];

    [Theory]
    [MemberData(nameof(Chains))]
    public void Tcp_is_found_behind_extension_headers_which_stay_as_they_are(string name, byte first, byte[] headers)
    {
        byte[] frame = Ipv6Frames.Extended(FromClient(TcpFlags.Syn), first, headers);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame));
        AssertTcp(sent, Ipv6Bench.Client, 40001, Ipv6Bench.ServerAddress(2), 8080);
        Assert.True(Ipv6Frames.ChecksumIsValid(sent.Ipv6()), name);
        Assert.Equal(first, sent.Ipv6().NextHeader);
        Assert.Equal(headers.AsSpan(), sent.Ipv6().Packet[40..^20]);
    }

    [Fact]
    public void Services_of_both_versions_do_not_meet()
    {
        _bench.Apply(
            Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1)),
            Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(2)));
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(TcpFlags.Syn)));
        Assert.Equal(Ipv6Bench.ServerAddress(1), sent.Ipv6().Destination);
        sent = Assert.Single(_bench.Receive(
            Bench.Client, Frames.Tcp(ClientSide, Bench.ClientMac, Bench.ClientAddress, 40001, Bench.Vip, 80, TcpFlags.Syn)));
        Assert.Equal(Bench.ServerAddress(2), sent.Ip.Destination);
    }

    private static void AssertTcp(Sent sent, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort)
    {
        Assert.True(TcpHeader.TryParse(sent.Ipv6().Payload, out TcpHeader tcp, out _));
        Assert.Equal((source, sourcePort, destination, destinationPort), (sent.Ipv6().Source, tcp.SourcePort, sent.Ipv6().Destination, tcp.DestinationPort));
    }

    private static void AssertUdp(Sent sent, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort)
    {
        Assert.True(UdpHeader.TryParse(sent.Ipv6().Payload, out UdpHeader udp, out _));
        Assert.Equal((source, sourcePort, destination, destinationPort), (sent.Ipv6().Source, udp.SourcePort, sent.Ipv6().Destination, udp.DestinationPort));
        Assert.True(Ipv6Frames.ChecksumIsValid(sent.Ipv6()));
    }

    // Leaves the rest of the frame's checksum to a card.
    private static byte[] PartialChecksum(byte[] frame, byte protocol, ushort segmentSize)
    {
        Assert.True(Ipv6Header.TryParse(frame.AsSpan(EthernetHeader.Length), out Ipv6Header ip, out _));
        int field = protocol == IpProtocol.Tcp ? 16 : 6;
        ushort sum = Ipv6Frames.PartialChecksum(ip.Source, ip.Destination, protocol, ip.Payload.Length);
        (ip.Payload[field], ip.Payload[field + 1]) = ((byte)(sum >> 8), (byte)sum);
        byte[] offload = new byte[VirtioNetHeader.Length];
        int transport = EthernetHeader.Length + ip.HeaderLength;
        _ = new VirtioNetHeader(offload)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = segmentSize == 0 ? VirtioNetGso.None : VirtioNetGso.TcpV6,
            GsoSize = segmentSize,
            HeaderLength = (ushort)(transport + (protocol == IpProtocol.Tcp ? 20 : 8)),
            ChecksumStart = (ushort)transport,
            ChecksumOffset = (ushort)field,
        };
        return offload;
    }
}
