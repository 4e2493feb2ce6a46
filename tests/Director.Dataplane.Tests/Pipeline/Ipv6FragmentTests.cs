using Director.Dataplane.Forwarding;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Fragments of IPv6: put together on the way in, cut again on the way out where that is their sender's doing.</summary>
public sealed class Ipv6FragmentTests
{
    private const uint Identification = 0xCAFE0001;

    private static readonly VirtualService Nat = Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 5353));
    private static readonly VirtualService Direct =
        Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 53, method: ForwardingMethod.DirectRoute));

    private readonly Bench _bench = Ipv6Bench.Started(Nat);

    private ulong FragmentsDropped => _bench.Core.Counters.Dropped(DropReason.FragmentUnmatched);

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 2, 0)]
    [InlineData(2, 1, 0)]
    public void In_any_order_they_are_one_datagram_of_one_connection_and_keep_their_identification(int first, int second, int third)
    {
        byte[][] fragments = Ipv6Frames.Fragments(Question(length: 3000), 1448);
        Assert.Equal(3, fragments.Length);
        Assert.Empty(_bench.Receive(Bench.Client, fragments[first]));
        Assert.Empty(_bench.Receive(Bench.Client, fragments[second]));
        Sent[] sent = _bench.Receive(Bench.Client, fragments[third]);

        Assert.Equal([(1496, 0, true), (1496, 1448, true), (160, 2896, false)], sent.Select(Shape));
        AssertOneDatagram(sent, Ipv6Bench.Client, Ipv6Bench.ServerAddress(1));
        Assert.Equal(1ul, Assert.Single(_bench.Core.Statistics().Services).Statistics.InPackets);
        Assert.Equal((2ul, 0ul, 1ul), (_bench.Core.Counters.Reassembled, _bench.Core.Counters.FragmentsWaiting, _bench.Core.Counters.Fragmented));
    }

    [Fact]
    public void A_reply_in_fragments_comes_from_the_virtual_address()
    {
        _bench.Receive(Bench.Client, Question());
        byte[] answer = Ipv6Frames.Udp(
            _bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), 5353, Ipv6Bench.Client, 40000, length: 2000);
        byte[][] fragments = Ipv6Frames.Fragments(answer, 1448);
        Assert.Empty(_bench.Receive(Bench.ServerSide, fragments[1]));
        Sent[] sent = _bench.Receive(Bench.ServerSide, fragments[0]);
        Assert.All(sent, each => Assert.Equal(Bench.Client, each.Position));
        AssertOneDatagram(sent, Ipv6Bench.Vip, Ipv6Bench.Client);
    }

    [Fact]
    public void Direct_routing_hands_on_the_same_datagram()
    {
        _bench.Apply(Direct);
        byte[] question = Question(length: 3000);
        Sent[] sent = ReceiveAll(Ipv6Frames.Fragments(question, 1448));
        Assert.Equal(3, sent.Length);
        Assert.Equal(question[54..], AssertOneDatagram(sent, Ipv6Bench.Client, Ipv6Bench.Vip));
    }

    [Fact]
    public void What_fits_in_one_piece_leaves_without_a_fragment_header()
    {
        Sent sent = Assert.Single(ReceiveAll(Ipv6Frames.Fragments(Question(length: 1000), 512)));
        Assert.False(sent.Ipv6().HasFragmentHeader);
        Assert.Equal((1048, Ipv6Bench.ServerAddress(1)), (sent.Ipv6().TotalLength, sent.Ipv6().Destination));
        Assert.True(Ipv6Frames.ChecksumIsValid(sent.Ipv6()));
    }

    [Fact] // The way on may be as narrow as the sender made them; none is narrower than 1280 bytes.
    public void No_fragment_leaves_that_is_larger_than_its_senders_were()
    {
        Sent[] sent = ReceiveAll(Ipv6Frames.Fragments(Question(length: 2692), 1352));
        Assert.Equal([(1400, 0, true), (1396, 1352, false)], sent.Select(Shape));

        sent = ReceiveAll(Ipv6Frames.Fragments(Question(length: 2000), 8));
        Assert.Equal([(1280, 0, true), (824, 1232, false)], sent.Select(Shape));
    }

    [Fact]
    public void Fragments_larger_than_the_mtu_are_too_big_as_if_they_had_been_forwarded_one_by_one()
    {
        Bench bench = Ipv6Bench.Create(serverMtu: 1400);
        bench.Apply(Nat);
        byte[][] fragments = Ipv6Frames.Fragments(Question(length: 3000), 1448);
        bench.Receive(Bench.Client, fragments[0]);
        bench.Receive(Bench.Client, fragments[1]);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, fragments[2]));
        Assert.Equal((Icmpv6Header.PacketTooBig, 1400u), (sent.Icmpv6().Type, sent.Icmpv6().Mtu));
        Assert.Equal((Ipv6Bench.Vip, Ipv6Bench.Client, Ipv6Header.MinimumMtu), (sent.Ipv6().Source, sent.Ipv6().Destination, sent.Ipv6().TotalLength));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TooBig));

        // The sender cuts them smaller.
        bench.Receive(Bench.Client, Ipv6Frames.Fragments(Question(length: 2000), 1352)[0]);
        Assert.Equal([1400, 704], bench.Receive(Bench.Client, Ipv6Frames.Fragments(Question(length: 2000), 1352)[1]).Select(each => each.Ipv6().TotalLength));
    }

    [Fact]
    public void Headers_before_the_fragment_header_are_repeated_and_those_behind_it_are_not()
    {
        byte[] options = [17, 0, 1, 4, 0, 0, 0, 0];
        byte[][] fragments = [.. Ipv6Frames.Fragments(Ipv6Frames.Extended(Question(length: 2000), IpProtocol.DestinationOptions, options), 1440)
            .Select(fragment => Ipv6Frames.Extended(fragment, IpProtocol.HopByHopOptions, [44, 0, 1, 4, 0, 0, 0, 0]))];
        Sent[] sent = ReceiveAll(fragments);
        Assert.Equal([(1496, 0, true), (632, 1440, false)], sent.Select(Shape));
        Assert.All(sent, each => Assert.Equal((IpProtocol.HopByHopOptions, 48), (each.Ipv6().NextHeader, each.Ipv6().UnfragmentableLength)));
        Assert.Equal(options, Datagram(sent)[..8]);
        Assert.True(UdpHeader.TryParse(sent[0].Ipv6().Payload, lengthMayDiffer: true, out UdpHeader udp, out _));
        Assert.Equal(5353, udp.DestinationPort);
    }

    [Fact]
    public void An_echo_request_in_fragments_is_answered_in_fragments()
    {
        byte[] request = Ipv6Frames.Icmp(
            _bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.Echo, 0, new byte[2500], rest: 0x00070001);
        Sent[] sent = ReceiveAll(Ipv6Frames.Fragments(request, 1448));
        byte[] reply = AssertOneDatagram(sent, Ipv6Bench.Vip, Ipv6Bench.Client);
        Assert.Equal([Icmpv6Header.EchoReply, 0], reply[..2]);
        Assert.Equal(new byte[] { 0, 7, 0, 1 }, reply[4..8]);
        Assert.Equal((1ul, Bench.Client), (_bench.Core.Counters.Echoed, sent[0].Position));
    }

    [Theory]
    [InlineData(Icmpv6Header.NeighborSolicitation)]
    [InlineData(Icmpv6Header.ListenerQuery)]
    public void Data_of_a_later_fragment_is_no_neighbours_message(byte firstByte)
    {
        byte[] body = new byte[2500];
        body[1440] = firstByte;
        byte[][] fragments = Ipv6Frames.Fragments(
            Ipv6Frames.Icmp(
                _bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.Echo, 0, body),
            1448);
        Assert.Equal(firstByte, fragments[1][62]);
        Assert.Equal(2, ReceiveAll(fragments).Length);
        Assert.Equal(0ul, _bench.Core.Counters.NeighborDiscovery);
    }

    [Fact] // RFC 6946
    public void An_atomic_fragment_is_no_part_of_other_fragments_of_its_identification()
    {
        byte[][] fragments = Ipv6Frames.Fragments(Question(length: 2000), 1448);
        Assert.Empty(_bench.Receive(Bench.Client, fragments[0]));
        Sent atomic = Assert.Single(_bench.Receive(
            Bench.Client, Ipv6Frames.Extended(Question(), IpProtocol.Fragment, Ipv6Bytes.Fragment(17, 0, more: false, Identification))));
        Assert.Equal((Ipv6Bench.ServerAddress(1), 66), (atomic.Ipv6().Destination, atomic.Ipv6().TotalLength));
        Assert.True(Ipv6Frames.ChecksumIsValid(atomic.Ipv6()));
        AssertOneDatagram(_bench.Receive(Bench.Client, fragments[1]), Ipv6Bench.Client, Ipv6Bench.ServerAddress(1));
    }

    [Fact] // RFC 5722
    public void An_overlap_ends_the_datagram_and_what_else_comes_of_it()
    {
        byte[] question = Question(length: 2992);
        _bench.Receive(Bench.Client, Ipv6Frames.Piece(question, 0, 1448, last: false));
        _bench.Receive(Bench.Client, Ipv6Frames.Piece(question, 1440, 48, last: false));
        Assert.Equal(2ul, FragmentsDropped);
        Assert.Empty(ReceiveAll(Ipv6Frames.Fragments(question, 1448)));
        Assert.Equal((5ul, 0ul), (FragmentsDropped, _bench.Core.Counters.FragmentsWaiting));

        // Another is not hit by it, nor the same after a while.
        Assert.Equal(3, ReceiveAll(Ipv6Frames.Fragments(question, 1448, Identification + 1)).Length);
        _bench.Now += Reassembler.TimeoutMilliseconds + 1;
        Assert.Equal(3, ReceiveAll(Ipv6Frames.Fragments(question, 1448)).Length);
    }

    [Theory] // (offset, length) of each piece, a last one negative
    [InlineData(0, 8, 800, 8, 16, -8)] // as many bytes as the end promises, but not these
    [InlineData(0, 8, 8, -8, 16, 8)]
    [InlineData(0, 8, 8, -8, 16, -8)]
    [InlineData(16, -8, 16, -16, 0, 16)]
    public void Pieces_that_contradict_the_end_are_no_datagram(int at1, int length1, int at2, int length2, int at3, int length3)
    {
        byte[] datagram = Question(length: 1000);
        foreach ((int at, int length) in ((int, int)[])[(at1, length1), (at2, length2), (at3, length3)])
            _bench.Receive(Bench.Client, Ipv6Frames.Piece(datagram, at, Math.Abs(length), last: length < 0));
        Assert.Equal(0ul, _bench.Core.Counters.Forwarded);
        Assert.Equal(
            3ul,
            FragmentsDropped + _bench.Core.Counters.FragmentsWaiting + _bench.Core.Counters.Reassembled
            + _bench.Core.Counters.Dropped(DropReason.UdpLengthInvalid));
    }

    [Fact]
    public void Datagrams_are_told_apart_by_sender_and_receiver()
    {
        byte[] ours = Question(length: 2000);
        byte[] others = Ipv6Frames.Udp(
            _bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ip("fd00:1::3"), 40000, Ipv6Bench.Vip, 53, length: 2000);
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Fragments(ours, 1448)[0]));
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Fragments(others, 1448)[1]));
        AssertOneDatagram(_bench.Receive(Bench.Client, Ipv6Frames.Fragments(ours, 1448)[1]), Ipv6Bench.Client, Ipv6Bench.ServerAddress(1));
        AssertOneDatagram(
            _bench.Receive(Bench.Client, Ipv6Frames.Fragments(others, 1448)[0]), Ip("fd00:1::3"), Ipv6Bench.ServerAddress(1));
    }

    [Fact] // RFC 7112
    public void The_first_fragment_has_all_headers()
    {
        byte[] options = [17, 1, 1, 12, .. new byte[12]];
        _bench.Receive(Bench.Client, Ipv6Frames.Fragments(Ipv6Frames.Extended(Question(), IpProtocol.DestinationOptions, options), 8)[0]);
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.Ipv6ExtensionInvalid));
        _bench.Receive(Bench.Client, Ipv6Frames.Fragments(Ipv6Frames.Extended(Question(), IpProtocol.DestinationOptions, options), 16)[0]);
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.UdpTruncated));
        // Neighbour discovery cannot be hidden in the second one (RFC 6980).
        byte[] hidden = Ipv6Frames.Icmp(
            _bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.NeighborSolicitation, 0, new byte[16]);
        _bench.Receive(Bench.Client, Ipv6Frames.Fragments(Ipv6Frames.Extended(hidden, IpProtocol.DestinationOptions, [58, 0, 1, 4, 0, 0, 0, 0]), 8)[0]);
        Assert.Equal((1ul, 0ul), (_bench.Core.Counters.Dropped(DropReason.IcmpTruncated), _bench.Core.Counters.FragmentsWaiting));
    }

    [Fact]
    public void A_datagram_that_would_not_fit_behind_its_own_headers_is_dropped()
    {
        byte[] datagram = Question(length: 65_527);
        byte[][] fragments = Ipv6Frames.Fragments(datagram, 1440);
        // The first fragment alone has options, for which the others left no room.
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Extended(fragments[0], IpProtocol.HopByHopOptions, [44, 0, 1, 4, 0, 0, 0, 0])));
        Assert.All(fragments[1..], fragment => Assert.Empty(_bench.Receive(Bench.Client, fragment)));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.Ipv6FragmentInvalid));
        Assert.Equal(0ul, _bench.Core.Counters.FragmentsWaiting);

        // The largest that there can be passes.
        Sent[] sent = ReceiveAll(Ipv6Frames.Fragments(datagram, 1440, Identification + 1));
        Assert.Equal(65_535, AssertOneDatagram(sent, Ipv6Bench.Client, Ipv6Bench.ServerAddress(1), Identification + 1).Length);
    }

    [Fact]
    public void More_repeated_headers_than_anybody_sends_are_refused()
    {
        byte[] options = [44, 63, .. new byte[510]];
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Extended(Ipv6Frames.Fragments(Question(), 8)[0], IpProtocol.HopByHopOptions, options)));
        Assert.Equal(1ul, FragmentsDropped);
    }

    [Fact]
    public void The_oldest_datagram_gives_way_and_all_do_in_time()
    {
        byte[] datagram = Question(length: 2000);
        for (uint i = 0; i <= Reassembler.Datagrams; i++, _bench.Now++)
            _bench.Receive(Bench.Client, Ipv6Frames.Fragments(datagram, 1448, i)[0]);
        Assert.Equal((1ul, (ulong)Reassembler.Datagrams), (FragmentsDropped, _bench.Core.Counters.FragmentsWaiting));
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Fragments(datagram, 1448, 0)[1]));
        Assert.Equal(2, _bench.Receive(Bench.Client, Ipv6Frames.Fragments(datagram, 1448, 2)[1]).Length);

        _bench.Now += Reassembler.TimeoutMilliseconds + 100;
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Fragments(datagram, 1448, 3)[1]));
        Assert.Equal(1ul, _bench.Core.Counters.FragmentsWaiting);
    }

    private static (int Length, int Offset, bool More) Shape(Sent sent) =>
        (sent.Ipv6().TotalLength, sent.Ipv6().FragmentOffset, sent.Ipv6().MoreFragments);

    private static byte[] Datagram(Sent[] fragments) => [.. fragments.SelectMany(each => each.Ipv6().Fragmentable.ToArray())];

    // Between these, of the sender's identification, its checksum right; what was cut.
    private static byte[] AssertOneDatagram(Sent[] fragments, IpAddress source, IpAddress destination, uint identification = Identification)
    {
        byte[] datagram = Datagram(fragments);
        Assert.All(fragments, each =>
        {
            Assert.Equal((source, destination, IpProtocol.Fragment), (each.Ipv6().Source, each.Ipv6().Destination, each.Ipv6().NextHeader));
            Assert.Equal(identification, each.Ipv6().Identification);
            Assert.InRange(each.Ipv6().TotalLength, 1, 1500);
        });
        byte[] whole = Ipv6Frames.Ip(default, default, fragments[0].Ipv6().Protocol, source, destination, datagram);
        Assert.True(Ipv6Header.TryParse(whole.AsSpan(EthernetHeader.Length), out Ipv6Header packet, out _));
        Assert.True(Ipv6Frames.ChecksumIsValid(packet));
        return datagram;
    }

    private byte[] Question(int length = 10) => Ipv6Frames.Udp(
        _bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ipv6Bench.Client, 40000, Ipv6Bench.Vip, 53, length);

    private Sent[] ReceiveAll(byte[][] frames) => [.. frames.SelectMany(frame => _bench.Receive(Bench.Client, frame))];
}
