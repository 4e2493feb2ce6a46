using System.Buffers.Binary;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>TTL, size, fragments, ICMP errors, neighbours, routing: what can happen between here and the next hop.</summary>
public sealed class OnTheWayTests
{
    private static readonly VirtualService Nat = Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 5353));
    private static readonly VirtualService Direct = Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 53, method: ForwardingMethod.DirectRoute));

    [Fact]
    public void Udp_without_a_checksum_gets_one_on_the_way_to_the_server()
    {
        Sent sent = Assert.Single(Receive(Started(Nat), checksum: false));
        Assert.True(UdpHeader.TryParse(sent.Ip.Payload, out UdpHeader udp, out _));
        Assert.Equal((5353, false), (udp.DestinationPort, udp.Checksum == 0));
        Assert.True(Frames.TransportChecksumIsValid(sent.Ip));
    }

    [Fact]
    public void Direct_routing_changes_the_frame_and_the_ttl_only()
    {
        Bench bench = Started(Direct);
        byte[] frame = FromClient(bench, checksum: false);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame));
        Assert.Equal((Bench.ServerMac(1), Bench.ServerSide), (sent.EthernetHeader.Destination, sent.Position));
        Assert.Equal((Bench.Vip, Bench.ClientAddress, 63), (sent.Ip.Destination, sent.Ip.Source, sent.Ip.TimeToLive));
        Assert.Equal(frame.AsSpan(34), sent.Ethernet[34..]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void The_last_hop_ends_here_with_time_exceeded_from_the_virtual_address(byte ttl)
    {
        Bench bench = Started(Nat);
        Sent sent = Assert.Single(Receive(bench, ttl: ttl));
        AssertError(sent, IcmpHeader.TimeExceeded, 0);
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TimeToLiveExceeded));
    }

    [Fact] // the recording udp_NAT_df1500_rs_mtu1400
    public void Too_big_and_not_to_be_fragmented_is_told_with_the_mtu_and_the_ttl_already_decremented()
    {
        Bench bench = new(serverMtu: 1400);
        bench.Apply(Nat);
        Sent sent = Assert.Single(Receive(bench, length: 1472, dontFragment: true));
        IcmpHeader error = AssertError(sent, IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded);
        Assert.Equal((1400, 548), (error.Mtu, error.Quote.Length));
        Assert.True(Ipv4Header.TryParseQuote(error.Quote, out Ipv4Header quoted, out _));
        Assert.Equal((63, Bench.Vip), (quoted.TimeToLive, quoted.Destination));
    }

    [Fact] // the recording udp_NAT_nodf1500_rs_mtu1400
    public void Too_big_but_fragmentable_leaves_in_fragments()
    {
        Bench bench = new(serverMtu: 1400);
        bench.Apply(Nat);
        Sent[] sent = Receive(bench, length: 1472);
        Assert.Equal([(1396, 0, true), (124, 1376, false)], sent.Select(each => ((int)each.Ip.TotalLength, each.Ip.FragmentOffset, each.Ip.MoreFragments)));
        Assert.All(sent, each => Assert.Equal((Bench.ServerAddress(1), Bench.ServerMac(1)), (each.Ip.Destination, each.EthernetHeader.Destination)));
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 2, 0)]
    public void Fragments_in_any_order_are_one_datagram_of_one_connection(int first, int second, int third)
    {
        Bench bench = Started(Nat);
        byte[][] fragments = Fragment(FromClient(bench, length: 3000), 1480);
        Assert.Empty(bench.Receive(Bench.Client, fragments[first]));
        Assert.Empty(bench.Receive(Bench.Client, fragments[second]));
        Sent[] sent = bench.Receive(Bench.Client, fragments[third]);

        Assert.Equal(3, sent.Length);
        byte[] datagram = [.. sent.SelectMany(each => each.Ip.Payload.ToArray())];
        uint pseudo = Checksum.PseudoHeader(Bench.ClientAddress, Bench.ServerAddress(1), IpProtocol.Udp, datagram.Length);
        Assert.Equal(0, Checksum.Compute(datagram, pseudo));
        Assert.Equal(1ul, Assert.Single(bench.Core.Statistics().Services).Statistics.InPackets);
    }

    [Fact]
    public void An_overlapping_fragment_ends_its_datagram()
    {
        Bench bench = Started(Nat);
        byte[][] fragments = Fragment(FromClient(bench, length: 3000), 1480);
        bench.Receive(Bench.Client, fragments[0]);
        bench.Receive(Bench.Client, fragments[0]);
        Assert.Equal(2ul, bench.Core.Counters.Dropped(DropReason.FragmentUnmatched));
    }

    [Theory] // (offset, length) of each piece, a last one negative
    [InlineData(0, 8, 800, 8, 16, -8)] // as many bytes as the end promises, but not these
    [InlineData(0, 8, 8, -8, 16, 8)]
    [InlineData(0, 8, 8, -8, 16, -8)]
    public void Pieces_that_contradict_the_end_are_no_datagram(int at1, int length1, int at2, int length2, int at3, int length3)
    {
        Bench bench = Started(Nat);
        byte[] datagram = FromClient(bench, length: 1000);
        foreach ((int at, int length) in ((int, int)[])[(at1, length1), (at2, length2), (at3, length3)])
        {
            bench.Receive(Bench.Client, Piece(datagram, at, Math.Abs(length), last: length < 0));
            Assert.True(bench.Core.Counters.Forwarded <= 1);
        }
        Assert.NotEqual(0ul, bench.Core.Counters.Dropped(DropReason.FragmentUnmatched) + bench.Core.Counters.FragmentsWaiting);
    }

    [Fact]
    public void A_datagram_that_would_not_fit_behind_its_own_header_is_dropped()
    {
        Bench bench = Started(Nat);
        byte[] datagram = FromClient(bench, length: 65_507);
        byte[] first = Piece(datagram, 0, 1480, last: false);
        // The first fragment alone has options: 40 bytes more than the others left room for.
        byte[] longer = [.. first[..34], .. Enumerable.Repeat((byte)1, 40), .. first[34..]];
        longer[14] = 0x4F;
        BinaryPrimitives.WriteUInt16BigEndian(longer.AsSpan(16), (ushort)(longer.Length - 14));
        MendHeaderChecksum(longer, 60);
        bench.Receive(Bench.Client, longer);
        for (int at = 1480; at < datagram.Length - 34; at += 1480)
            Assert.Empty(bench.Receive(Bench.Client, Piece(datagram, at, Math.Min(1480, datagram.Length - 34 - at), last: at + 1480 >= datagram.Length - 34)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.Ipv4TotalLengthInvalid));
        Assert.Equal(0ul, bench.Core.Counters.FragmentsWaiting);
    }

    [Fact]
    public void A_large_echo_request_in_fragments_is_answered_in_fragments()
    {
        Bench bench = Started(Nat);
        byte[] body = [.. Enumerable.Range(0, 3000).Select(i => (byte)i)];
        byte[] request = Frames.Icmp(bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.ClientAddress, Bench.Vip, IcmpHeader.Echo, 0, body);
        Sent[] sent = [.. Fragment(request, 1480).SelectMany(fragment => bench.Receive(Bench.Client, fragment))];
        Assert.Equal([1500, 1500, 68], sent.Select(each => (int)each.Ip.TotalLength));
        byte[] reply = [.. sent.SelectMany(each => each.Ip.Payload.ToArray())];
        Assert.Equal(body, reply[IcmpHeader.HeaderLength..]);
        Assert.True(IcmpHeader.TryParse(reply, out IcmpHeader echo, out _) && echo.Type == IcmpHeader.EchoReply && echo.ChecksumIsValid());
        Assert.All(sent, each => Assert.Equal((Bench.ClientMac, Bench.Vip), (each.EthernetHeader.Destination, each.Ip.Source)));
    }

    [Fact]
    public void Packets_that_waited_leave_in_their_order_also_in_fragments()
    {
        Bench bench = Started(Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(9, port: 5353)));
        Assert.Empty(Receive(bench, port: 1, length: 2000));
        Assert.True(bench.Requests.TryTake(out _, out IpAddress asked));
        Assert.Equal(Bench.ServerAddress(9), asked.Ipv4);
        Assert.Empty(Receive(bench, port: 2));
        Sent[] sent = bench.Update(new NetworkView(
            bench.Network.Interfaces, [], [new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3)],
            [new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(9)), Bench.ServerMac(9), NeighbourState.Reachable)]));
        Assert.Equal([(1500, 0), (548, 1480), (38, 0)], sent.Select(each => ((int)each.Ip.TotalLength, each.Ip.FragmentOffset)));
    }

    [Fact] // the recording icmp_from_client_fragneeded_NAT
    public void An_icmp_error_from_the_client_reaches_the_server_as_if_it_were_about_its_packet()
    {
        Bench bench = Started(Nat);
        Receive(bench);
        byte[] aboutOurs = Frames.Udp(default, default, Bench.Vip, 53, Bench.ClientAddress, 40000);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, Frames.Icmp(
            bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.ClientAddress, Bench.Vip, IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded, aboutOurs.AsSpan(14))));

        Assert.Equal((Bench.ClientAddress, Bench.ServerAddress(1)), (sent.Ip.Source, sent.Ip.Destination));
        AssertQuote(sent, Bench.ServerAddress(1), 5353, Bench.ClientAddress, 40000);
    }

    [Theory]
    [InlineData("10.2.0.11")]
    [InlineData("10.2.0.12")] // the recording icmp_from_third_party_timeexceeded_NAT
    public void An_icmp_error_from_the_servers_side_reaches_the_client_from_the_virtual_address(string sender)
    {
        Bench bench = Started(Nat);
        Receive(bench);
        byte[] aboutTheirs = Frames.Udp(default, default, Bench.ClientAddress, 40000, Bench.ServerAddress(1), 5353);
        Sent sent = Assert.Single(bench.Receive(Bench.ServerSide, Frames.Icmp(
            bench.Interfaces[1].AnswerMac, Bench.ServerMac(2), Bench.Ip(sender), Bench.ClientAddress, IcmpHeader.TimeExceeded, 0, aboutTheirs.AsSpan(14))));

        Assert.Equal((Bench.Vip, Bench.ClientAddress, Bench.Client), (sent.Ip.Source, sent.Ip.Destination, sent.Position));
        AssertQuote(sent, Bench.ClientAddress, 40000, Bench.Vip, 53);
        Assert.Equal(1ul, Assert.Single(bench.Core.Statistics().Services).Statistics.OutPackets);
    }

    [Fact]
    public void A_packet_waits_for_its_neighbour_and_leaves_when_it_is_known()
    {
        Bench bench = Started(Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(9, port: 5353)));
        Assert.Empty(Receive(bench));
        Assert.True(bench.Requests.TryTake(out int on, out IpAddress asked));
        Assert.Equal((3, Bench.ServerAddress(9)), (on, asked.Ipv4));

        Sent sent = Assert.Single(bench.Update(new NetworkView(
            bench.Network.Interfaces, [], [new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3)],
            [new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(9)), Bench.ServerMac(9), NeighbourState.Reachable)])));
        Assert.Equal((Bench.ServerMac(9), Bench.ServerAddress(9)), (sent.EthernetHeader.Destination, sent.Ip.Destination));
    }

    [Fact]
    public void A_packet_whose_neighbour_never_comes_is_dropped_and_counted_and_so_are_too_many()
    {
        Bench bench = Started(Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(9, port: 5353)));
        for (ushort port = 1; port <= 40; port++)
            Receive(bench, port: port);
        Assert.Equal(8ul, bench.Core.Counters.Dropped(DropReason.NeighbourQueueFull));
        Assert.DoesNotContain(bench.Tick(3001), sent => sent.EthernetHeader.EtherType == EtherType.Ipv4);
        Assert.Equal(32ul, bench.Core.Counters.Dropped(DropReason.NeighbourUnresolved));
    }

    [Fact]
    public void A_servers_own_traffic_through_the_gateway_is_routed()
    {
        Bench bench = Started(Nat);
        byte[] dns = Frames.Udp(bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Bench.ServerAddress(1), 33000, Bench.Ip("8.8.8.8"), 53);
        Sent sent = Assert.Single(bench.Receive(Bench.ServerSide, dns));
        Assert.Equal((Bench.Client, Bench.ClientMac, 63), (sent.Position, sent.EthernetHeader.Destination, sent.Ip.TimeToLive));
        Assert.Equal((Bench.ServerAddress(1), Bench.Ip("8.8.8.8")), (sent.Ip.Source, sent.Ip.Destination));
        Assert.Equal(1ul, bench.Core.Counters.Routed);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.1.2.3")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("10.1.0.100")]
    public void Impossible_sources_are_dropped_and_counted(string source)
    {
        Bench bench = Started(Nat);
        Assert.Empty(bench.Receive(Bench.Client, Frames.Udp(bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.Ip(source), 1, Bench.Vip, 53)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.SourceInvalid));
    }

    private static Bench Started(VirtualService service)
    {
        Bench bench = new();
        bench.Apply(service);
        return bench;
    }

    private static byte[] FromClient(Bench bench, ushort port = 40000, int length = 10, byte ttl = 64, bool dontFragment = false, bool checksum = true) =>
        Frames.Udp(bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.ClientAddress, port, Bench.Vip, 53, length, ttl, dontFragment, checksum);

    private static Sent[] Receive(Bench bench, ushort port = 40000, int length = 10, byte ttl = 64, bool dontFragment = false, bool checksum = true) =>
        bench.Receive(Bench.Client, FromClient(bench, port, length, ttl, dontFragment, checksum));

    private static byte[][] Fragment(byte[] frame, int size)
    {
        List<byte[]> fragments = [];
        int whole = frame.Length - 34;
        for (int at = 0; at < whole; at += size)
            fragments.Add(Piece(frame, at, Math.Min(size, whole - at), last: at + size >= whole));
        return [.. fragments];
    }

    private static byte[] Piece(byte[] frame, int at, int length, bool last)
    {
        byte[] fragment = [.. frame[..34], .. frame[(34 + at)..(34 + at + length)]];
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(16), (ushort)(20 + length));
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(20), (ushort)((at >> 3) | (last ? 0 : 0x2000)));
        MendHeaderChecksum(fragment, 20);
        return fragment;
    }

    private static void MendHeaderChecksum(Span<byte> frame, int header)
    {
        frame.Slice(24, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(frame[24..], Checksum.Compute(frame.Slice(14, header)));
    }

    private static IcmpHeader AssertError(Sent sent, byte type, byte code)
    {
        Assert.Equal((Bench.Vip, Bench.ClientAddress, Bench.Client), (sent.Ip.Source, sent.Ip.Destination, sent.Position));
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader error, out _));
        Assert.Equal((type, code), (error.Type, error.Code));
        Assert.True(error.ChecksumIsValid());
        return error;
    }

    private static void AssertQuote(Sent sent, uint source, ushort sourcePort, uint destination, ushort destinationPort)
    {
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader error, out _));
        Assert.True(error.ChecksumIsValid());
        Assert.True(Ipv4Header.TryParse(error.Quote, out Ipv4Header quoted, out _));
        Assert.True(UdpHeader.TryParse(quoted.Payload, out UdpHeader udp, out _));
        Assert.Equal((source, sourcePort, destination, destinationPort), (quoted.Source, udp.SourcePort, quoted.Destination, udp.DestinationPort));
        Assert.True(Frames.TransportChecksumIsValid(quoted));
    }
}
