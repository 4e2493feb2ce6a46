using System.Buffers.Binary;
using System.Text;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Pipeline.TunnelBench;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Packets on their way into tunnels, beyond what was recorded: super-frames, checksums left to a card, sizes.</summary>
public sealed class TunnelTests
{
    /// <summary>Each kind, with the bytes that it adds.</summary>
    public static TheoryData<TunnelType, TunnelFlags, int> Kinds => new()
    {
        { TunnelType.IpIp, TunnelFlags.None, 20 },
        { TunnelType.Gre, TunnelFlags.None, 24 },
        { TunnelType.Gre, TunnelFlags.Checksum, 28 },
        { TunnelType.Gue, TunnelFlags.None, 32 },
        { TunnelType.Gue, TunnelFlags.Checksum, 32 },
        { TunnelType.Gue, TunnelFlags.RemoteChecksum, 32 },
    };

    [Fact]
    public void The_tunnel_begins_at_the_floating_address_of_the_servers_segment()
    {
        Bench bench = Start();
        Sent sent = Assert.Single(bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn)));
        Assert.Equal(
            (Bench.ServerSide, Bench.ServerMac(1), bench.Interfaces[Bench.ServerSide].AnswerMac),
            (sent.Position, sent.EthernetHeader.Destination, sent.EthernetHeader.Source));
        Assert.Equal((Bench.Gateway, Bench.ServerAddress(1), IpProtocol.IpIp), (sent.Ip.Source, sent.Ip.Destination, sent.Ip.Protocol));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_super_frame_leaves_in_segments_each_in_a_packet_of_its_own(TunnelType type, TunnelFlags flags, int overhead)
    {
        Bench bench = Start(type, flags);
        bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn));
        string stream = string.Concat(Enumerable.Range(0, 700).Select(i => $"{i:D5} "));
        byte[] frame = Tcp(bench, TcpFlags.Ack | TcpFlags.Psh, stream);
        Sent[] sent = bench.Receive(Bench.Client, frame, Offload(frame, VirtioNetGso.TcpV4, 1400));

        Assert.Equal([1400, 1400, 1400], sent.Select(each => each.Ip.TotalLength - overhead - 40));
        string received = "";
        foreach (Sent each in sent)
        {
            Assert.Equal(new byte[VirtioNetHeader.Length], each.Wire[..VirtioNetHeader.Length]);
            Ipv4Header inner = Inner(each, overhead);
            Assert.True(Frames.TransportChecksumIsValid(inner));
            Assert.True(TcpHeader.TryParse(inner.Payload, out TcpHeader tcp, out _));
            Assert.Equal(1000u + (uint)received.Length, tcp.SequenceNumber);
            received += Encoding.ASCII.GetString(tcp.Payload);
            Assert.Equal(received.Length == stream.Length, (tcp.Flags & TcpFlags.Psh) != 0);
        }
        Assert.Equal(stream, received);
        Assert.Equal(2ul, bench.Core.Counters.Forwarded);
    }

    [Fact]
    public void Segments_that_may_be_fragmented_are_made_smaller_instead()
    {
        Bench bench = Start();
        bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn));
        byte[] frame = Tcp(bench, TcpFlags.Ack, new string('x', 4000), dontFragment: false);
        Sent[] sent = bench.Receive(Bench.Client, frame, Offload(frame, VirtioNetGso.TcpV4, 1460));
        Assert.Equal([1500, 1500, 1180], sent.Select(each => (int)each.Ip.TotalLength));
        Assert.All(sent, each => Assert.False(each.Ip.IsFragment));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Segments_that_do_not_fit_are_too_big_like_packets(TunnelType type, TunnelFlags flags, int overhead)
    {
        Bench bench = Start(type, flags);
        bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn));
        byte[] frame = Tcp(bench, TcpFlags.Ack, new string('x', 4000));
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame, Offload(frame, VirtioNetGso.TcpV4, 1460)));
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader error, out _));
        Assert.Equal((IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded, 1500 - overhead), (error.Type, error.Code, error.Mtu));
        Assert.Equal((Bench.Vip, Bench.ClientAddress), (sent.Ip.Source, sent.Ip.Destination));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TooBig));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_fills_the_mtu_exactly_passes(TunnelType type, TunnelFlags flags, int overhead)
    {
        Bench bench = Start(type, flags);
        int most = 1500 - overhead - 28;
        Sent whole = Assert.Single(bench.Receive(Bench.Client, Udp(bench, most)));
        Assert.Equal((1500, Bench.ServerSide), (whole.Ip.TotalLength, whole.Position));
        Sent refusal = Assert.Single(bench.Receive(Bench.Client, Udp(bench, most + 1)));
        Assert.Equal((IpProtocol.Icmp, Bench.Client), (refusal.Ip.Protocol, refusal.Position));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_may_be_fragmented_leaves_in_fragments_of_the_outer_packet(TunnelType type, TunnelFlags flags, int overhead)
    {
        Bench bench = Start(type, flags);
        byte[] frame = Udp(bench, 1472, dontFragment: false);
        Sent[] sent = bench.Receive(Bench.Client, frame);
        ushort identification = Assert.Single(sent.Select(each => each.Ip.Identification).Distinct());
        Assert.Equal(2, sent.Length);
        Assert.All(sent, each => Assert.InRange(each.Ip.TotalLength, 28, 1500));

        byte[] inner = [.. sent.SelectMany(each => each.Ip.Payload.ToArray()).Skip(overhead - 20)];
        Assert.True(Ipv4Header.TryParse(inner, out Ipv4Header packet, out _));
        Assert.Equal(frame[34..], packet.Payload.ToArray());

        // Pieces of the next one must not be taken for pieces of this one.
        Assert.NotEqual(identification, bench.Receive(Bench.Client, frame)[0].Ip.Identification);
    }

    [Theory]
    [InlineData(TunnelType.IpIp, TunnelFlags.None, 20)]
    [InlineData(TunnelType.Gre, TunnelFlags.Checksum, 28)]
    [InlineData(TunnelType.Gue, TunnelFlags.Checksum, 32)]
    public void A_checksum_left_to_the_card_is_completed_within(TunnelType type, TunnelFlags flags, int overhead)
    {
        Bench bench = Start(type, flags);
        byte[] complete = Tcp(bench, TcpFlags.Syn);
        byte[] frame = [.. complete];
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame, Offload(frame)));
        Assert.Equal(new byte[VirtioNetHeader.Length], sent.Wire[..VirtioNetHeader.Length]);
        Assert.Equal(complete[34..], Inner(sent, overhead).Payload.ToArray());
        Assert.True(type != TunnelType.Gue || Frames.TransportChecksumIsValid(sent.Ip));
    }

    [Fact]
    public void With_remcsum_it_is_left_to_the_tunnels_end()
    {
        Bench bench = Start(TunnelType.Gue, TunnelFlags.RemoteChecksum);
        byte[] complete = Tcp(bench, TcpFlags.Syn);
        byte[] frame = [.. complete];
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame, Offload(frame)));
        Assert.True(Frames.TransportChecksumIsValid(sent.Ip));
        Assert.True(GueHeader.TryParse(sent.Ip.Payload[UdpHeader.HeaderLength..], out GueHeader gue, out _));
        Assert.Equal(new RemoteChecksum(20, 36), gue.RemoteChecksum);
        Ipv4Header inner = Inner(sent, 20 + 8 + 12);
        BinaryPrimitives.WriteUInt16BigEndian(inner.Payload[16..], NaiveChecksum.Of(inner.Payload));
        Assert.Equal(complete[34..], inner.Payload.ToArray());
    }

    [Fact]
    public void Datagrams_that_were_gathered_leave_one_by_one()
    {
        Bench bench = Start(TunnelType.Gue);
        byte[] frame = Udp(bench, 3000);
        Sent[] sent = bench.Receive(Bench.Client, frame, Offload(frame, VirtioNetGso.UdpL4, 1200));
        Assert.Equal([1200, 1200, 600], sent.Select(each => each.Ip.TotalLength - 32 - 28));
        Assert.All(sent, each => Assert.True(Frames.TransportChecksumIsValid(Inner(each, 32))));
        Assert.Equal(frame[42..], sent.SelectMany(each => Inner(each, 32).Payload[8..].ToArray()));
        Assert.Single(sent.Select(each => BinaryPrimitives.ReadUInt16BigEndian(each.Ip.Payload)).Distinct());
    }

    [Fact] // the old UDP fragmentation offload: one datagram, which IP is to cut
    public void A_datagram_to_be_fragmented_by_a_card_is_one_packet_in_fragments()
    {
        Bench bench = Start();
        byte[] complete = Udp(bench, 3000, dontFragment: false);
        byte[] frame = [.. complete];
        Sent[] sent = bench.Receive(Bench.Client, frame, Offload(frame, VirtioNetGso.Udp, 1480));
        Assert.Equal(3, sent.Length);
        byte[] inner = [.. sent.SelectMany(each => each.Ip.Payload.ToArray())];
        Assert.Equal(complete[34..], inner[20..]);
    }

    [Fact]
    public void An_offload_header_that_asks_for_thousands_of_packets_is_refused()
    {
        Bench bench = Start();
        bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn));
        byte[] frame = Tcp(bench, TcpFlags.Ack, new string('x', 4000));
        Assert.Empty(bench.Receive(Bench.Client, frame, Offload(frame, VirtioNetGso.TcpV4, 1)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.OffloadInvalid));
    }

    [Fact]
    public void What_does_not_fit_into_a_packet_with_its_headers_is_dropped()
    {
        Bench bench = Start();
        Assert.Empty(bench.Receive(Bench.Client, Udp(bench, 65_488, dontFragment: false)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TooBig));
        Sent[] sent = bench.Receive(Bench.Client, Udp(bench, 65_487, dontFragment: false));
        Assert.Equal(65_515, sent.Sum(each => each.Ip.Payload.Length));
    }

    [Fact]
    public void Packets_wait_wrapped_for_the_next_hops_address()
    {
        Bench bench = Start(server: 9);
        Assert.Empty(bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn)));
        NetworkView found = new(
            bench.Network.Interfaces, [], [new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3)],
            [new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(9)), Bench.ServerMac(9), NeighbourState.Reachable)]);
        Sent sent = Assert.Single(bench.Update(found));
        Assert.Equal((Bench.ServerMac(9), Bench.ServerAddress(9)), (sent.EthernetHeader.Destination, sent.Ip.Destination));
        Assert.Equal(Bench.Vip, Inner(sent, 20).Destination);
    }

    [Fact] // the server answers the client itself, so what hinders its answers on their way is to be told to the server
    public void An_icmp_error_about_an_answer_goes_through_the_tunnel()
    {
        Bench bench = Start();
        bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn));
        byte[] answer = Frames.Tcp(default, default, Bench.Vip, 80, Bench.ClientAddress, 40001, TcpFlags.Ack, new string('x', 1460));
        byte[] error = Frames.Icmp(
            bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.Ip("10.1.0.9"), Bench.Vip,
            IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded, answer.AsSpan(14, 100));
        Sent sent = Assert.Single(bench.Receive(Bench.Client, error));
        Assert.Equal((Bench.ServerAddress(1), IpProtocol.IpIp), (sent.Ip.Destination, sent.Ip.Protocol));
        Ipv4Header inner = Inner(sent, 20);
        Assert.Equal((IpProtocol.Icmp, Bench.Vip, 63), (inner.Protocol, inner.Destination, inner.TimeToLive));
        Assert.Equal(error[34..], inner.Payload.ToArray());
        Assert.Equal(1ul, bench.Core.Counters.Related);
    }

    [Theory]
    [InlineData(TunnelType.IpIp)]
    [InlineData(TunnelType.Gre)]
    [InlineData(TunnelType.Gue)]
    public void Nothing_is_allocated_for_a_packet(TunnelType type)
    {
        Bench bench = Start(type, TunnelFlags.Checksum);
        byte[] original = [.. new byte[VirtioNetHeader.Length], .. Udp(bench, 100)];
        byte[] wire = [.. original];
        Sink sink = new();
        bench.SendTo(sink);
        Assert.Equal(0, Allocations.Of(() =>
        {
            original.CopyTo(wire, 0);
            bench.Core.Process(new Frame(wire, bench.Interfaces[Bench.Client]));
        }));
        Assert.NotEqual(0, sink.Frames);
    }

    private sealed class Sink : IFrameOutput
    {
        private readonly byte[] _room = new byte[2048];

        public int Frames { get; private set; }

        public void Send(EngineInterface leaving, Span<byte> wire) => Frames++;

        public Span<byte> Reserve(int length) => _room.AsSpan(0, VirtioNetHeader.Length + length);
    }
}
