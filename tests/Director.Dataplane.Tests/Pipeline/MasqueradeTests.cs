using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>A client's way through NAT and back, as in the recording tcp_NAT.</summary>
public sealed class MasqueradeTests
{
    private readonly Bench _bench = new();

    public MasqueradeTests() => _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1), Bench.Server(2)));

    private MacAddress ClientSide => _bench.Interfaces[Bench.Client].AnswerMac;

    private MacAddress ServerSide => _bench.Interfaces[Bench.ServerSide].AnswerMac;

    private byte[] FromClient(TcpFlags flags, ushort port = 40001, string payload = "") =>
        Frames.Tcp(ClientSide, Bench.ClientMac, Bench.ClientAddress, port, Bench.Vip, 80, flags, payload);

    private byte[] FromServer(int server, TcpFlags flags, ushort port = 40001, string payload = "") =>
        Frames.Tcp(ServerSide, Bench.ServerMac(server), Bench.ServerAddress(server), 8080, Bench.ClientAddress, port, flags, payload);

    [Fact]
    public void A_syn_goes_to_the_server_added_last_with_its_address_port_and_mac_and_one_hop_less()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(TcpFlags.Syn)));

        Assert.Equal(Bench.ServerSide, sent.Position);
        Assert.Equal(Bench.ServerMac(2), sent.EthernetHeader.Destination);
        Assert.Equal(ServerSide, sent.EthernetHeader.Source);
        Assert.Equal(Bench.ServerAddress(2), sent.Ip.Destination);
        Assert.Equal(Bench.ClientAddress, sent.Ip.Source);
        Assert.Equal(63, sent.Ip.TimeToLive);
        Assert.True(TcpHeader.TryParse(sent.Ip.Payload, out TcpHeader tcp, out _));
        Assert.Equal((40001, 8080), (tcp.SourcePort, tcp.DestinationPort));
        Assert.True(Frames.TransportChecksumIsValid(sent.Ip));
    }

    [Fact]
    public void A_reply_comes_from_the_virtual_address_again()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, FromServer(2, TcpFlags.Syn | TcpFlags.Ack)));

        Assert.Equal(Bench.Client, sent.Position);
        Assert.Equal(Bench.ClientMac, sent.EthernetHeader.Destination);
        Assert.Equal(Bench.Vip, sent.Ip.Source);
        Assert.Equal(63, sent.Ip.TimeToLive);
        Assert.True(TcpHeader.TryParse(sent.Ip.Payload, out TcpHeader tcp, out _));
        Assert.Equal((80, 40001), (tcp.SourcePort, tcp.DestinationPort));
        Assert.True(Frames.TransportChecksumIsValid(sent.Ip));
    }

    [Fact]
    public void Round_robin_sends_the_next_client_to_the_other_server_and_keeps_each_where_it_is()
    {
        uint To(ushort port, TcpFlags flags) => Assert.Single(_bench.Receive(Bench.Client, FromClient(flags, port))).Ip.Destination;

        Assert.Equal(Bench.ServerAddress(2), To(1001, TcpFlags.Syn));
        Assert.Equal(Bench.ServerAddress(1), To(1002, TcpFlags.Syn));
        Assert.Equal(Bench.ServerAddress(2), To(1001, TcpFlags.Ack));
        Assert.Equal(Bench.ServerAddress(1), To(1002, TcpFlags.Ack));
    }

    [Fact]
    public void Counts_packets_and_bytes_of_both_directions_at_service_and_server()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        _bench.Receive(Bench.ServerSide, FromServer(2, TcpFlags.Syn | TcpFlags.Ack));
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Ack | TcpFlags.Psh, payload: "GET /"));

        var service = Assert.Single(_bench.Core.Statistics().Services);
        Statistics expected = new(Connections: 1, InPackets: 2, OutPackets: 1, InBytes: 85, OutBytes: 40);
        Assert.Equal(expected, service.Statistics);
        Assert.Equal(expected, service.Servers[1].Statistics);
        Assert.Equal((1u, 0u), (service.Servers[1].ActiveConnections, service.Servers[1].InactiveConnections));
        Assert.Equal((0u, 0u), (service.Servers[0].ActiveConnections, service.Servers[0].InactiveConnections));
    }

    [Fact]
    public void A_wrong_checksum_stays_wrong_for_the_receiver_to_see()
    {
        byte[] frame = FromClient(TcpFlags.Syn);
        frame[^1] ^= 0x40;
        Assert.False(Frames.TransportChecksumIsValid(Assert.Single(_bench.Receive(Bench.Client, frame)).Ip));
    }

    [Fact]
    public void Of_a_partial_checksum_only_the_addresses_part_is_in_the_field()
    {
        byte[] frame = FromClient(TcpFlags.Syn);
        byte[] offload = PartialChecksum(frame, segmentSize: 0);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame, offload));

        Assert.Equal(offload, sent.Wire[..VirtioNetHeader.Length]);
        Assert.True(TcpHeader.TryParse(sent.Ip.Payload, out TcpHeader tcp, out _));
        uint pseudo = Checksum.PseudoHeader(Bench.ClientAddress, Bench.ServerAddress(2), IpProtocol.Tcp, sent.Ip.Payload.Length);
        Assert.Equal((ushort)~Checksum.Compute([], pseudo), tcp.Checksum);
    }

    [Fact]
    public void A_super_frame_passes_whole_although_it_is_larger_than_the_mtu()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        byte[] frame = FromClient(TcpFlags.Ack, payload: new string('x', 60_000));
        byte[] offload = PartialChecksum(frame, segmentSize: 1448);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame, offload));
        Assert.Equal(60_040, sent.Ip.TotalLength);
        Assert.Equal(offload, sent.Wire[..VirtioNetHeader.Length]);
    }

    [Fact]
    public void A_syn_on_a_connection_in_time_wait_is_scheduled_afresh()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        _bench.Receive(Bench.ServerSide, FromServer(2, TcpFlags.Syn | TcpFlags.Ack));
        _bench.Receive(Bench.ServerSide, FromServer(2, TcpFlags.Fin | TcpFlags.Ack));
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Fin | TcpFlags.Ack));
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(TcpFlags.Syn)));

        Assert.Equal(Bench.ServerAddress(1), sent.Ip.Destination);
        Assert.Equal(1u, _bench.Core.Connections.Count);
        var service = Assert.Single(_bench.Core.Statistics().Services);
        Assert.Equal((0u, 0u), (service.Servers[1].ActiveConnections, service.Servers[1].InactiveConnections));
    }

    [Fact]
    public void Connections_of_a_deleted_server_are_dropped_and_counted_and_go_on_when_it_is_added_back()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));
        Assert.Empty(_bench.Receive(Bench.Client, FromClient(TcpFlags.Ack)));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.ServerDeleted));

        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1), Bench.Server(2)));
        Assert.Equal(Bench.ServerAddress(2), Assert.Single(_bench.Receive(Bench.Client, FromClient(TcpFlags.Ack))).Ip.Destination);
        Assert.Equal(1u, Assert.Single(_bench.Core.Statistics().Services).Servers[1].ActiveConnections);
    }

    [Fact]
    public void An_expired_connection_leaves_its_servers_counts()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        _bench.Tick(59_000);
        Assert.Equal(1u, _bench.Core.Connections.Count);
        _bench.Tick(2_000);
        Assert.Equal(0u, _bench.Core.Connections.Count);
        Assert.Equal(0u, Assert.Single(_bench.Core.Statistics().Services).Servers[1].ActiveConnections);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_packet()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        byte[] wire = [.. new byte[VirtioNetHeader.Length], .. FromClient(TcpFlags.Ack)];
        byte[] original = [.. wire];
        Discard discard = new();
        _bench.SendTo(discard);
        void Round()
        {
            original.CopyTo(wire, 0);
            _bench.Core.Process(new Frame(wire, _bench.Interfaces[Bench.Client]));
        }
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 10_000; i++)
                Round();
        }));
        Assert.Equal(60_000, discard.Frames);
    }

    [Fact]
    public void A_super_frame_that_may_be_fragmented_is_cut_smaller_where_the_way_is_narrower()
    {
        Bench bench = new(serverMtu: 1400);
        bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1)));
        bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        byte[] frame = Frames.Tcp(
            ClientSide, Bench.ClientMac, Bench.ClientAddress, 40001, Bench.Vip, 80, TcpFlags.Ack, new string('x', 5000), dontFragment: false);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame, PartialChecksum(frame, segmentSize: 1460)));
        Assert.Equal(1360, new VirtioNetHeader(sent.Wire).GsoSize);
        Assert.Equal(5040, sent.Ip.TotalLength);
    }

    [Fact]
    public void A_sum_to_be_completed_outside_the_packet_is_refused()
    {
        byte[] frame = FromClient(TcpFlags.Syn);
        byte[] offload = PartialChecksum(frame, segmentSize: 0);
        new VirtioNetHeader(offload).ChecksumStart = (ushort)(frame.Length + 2);
        Assert.Empty(_bench.Receive(Bench.Client, [.. frame, .. new byte[40]], offload));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.OffloadInvalid));
    }

    private static byte[] PartialChecksum(byte[] frame, ushort segmentSize)
    {
        Assert.True(Ipv4Header.TryParse(frame.AsSpan(EthernetHeader.Length), out Ipv4Header ip, out _));
        Assert.True(TcpHeader.TryParse(ip.Payload, out TcpHeader tcp, out _));
        tcp.Checksum = (ushort)~Checksum.Compute([], Checksum.PseudoHeader(ip.Source, ip.Destination, IpProtocol.Tcp, ip.Payload.Length));
        byte[] offload = new byte[VirtioNetHeader.Length];
        VirtioNetHeader header = new(offload)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = segmentSize == 0 ? VirtioNetGso.None : VirtioNetGso.TcpV4,
            GsoSize = segmentSize,
            HeaderLength = 54,
            ChecksumStart = 34,
            ChecksumOffset = 16,
        };
        Assert.True(header.IsConsistent(frame.Length));
        return offload;
    }

    private sealed class Discard : IFrameOutput
    {
        public int Frames { get; private set; }

        public void Send(EngineInterface leaving, Span<byte> wire) => Frames++;

        public Span<byte> Reserve(int length) => throw new InvalidOperationException("no frame of our own is due");
    }
}
