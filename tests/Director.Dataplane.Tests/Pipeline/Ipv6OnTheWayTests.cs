using Director.Dataplane.Routing;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Hop limit, size, scope, neighbours, routing: what can happen to an IPv6 packet between here and the next hop.</summary>
public sealed class Ipv6OnTheWayTests
{
    private static readonly VirtualService Nat = Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 5353));
    private static readonly VirtualService Direct =
        Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 53, method: ForwardingMethod.DirectRoute));

    [Fact]
    public void Direct_routing_changes_the_frame_and_the_hop_limit_only()
    {
        Bench bench = Ipv6Bench.Started(Direct);
        byte[] frame = FromClient(bench, checksum: false);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame));
        Assert.Equal(
            (Bench.ServerMac(1), bench.Interfaces[1].AnswerMac, Bench.ServerSide),
            (sent.EthernetHeader.Destination, sent.EthernetHeader.Source, sent.Position));
        Assert.Equal(63, sent.Ipv6().TimeToLive);
        Assert.Equal(frame.AsSpan(14, 7), sent.Ethernet[14..21]);
        Assert.Equal(frame.AsSpan(22), sent.Ethernet[22..]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void The_last_hop_ends_here_with_time_exceeded_from_the_virtual_address(byte hopLimit)
    {
        Bench bench = Ipv6Bench.Started(Nat);
        byte[] frame = FromClient(bench, hopLimit: hopLimit);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame));
        AssertError(sent, Icmpv6Header.TimeExceeded, Icmpv6Header.HopLimitExceeded, rest: 0);
        Assert.Equal(frame.AsSpan(14), sent.Icmpv6().Quote);
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TimeToLiveExceeded));
    }

    [Fact]
    public void The_last_hop_but_one_is_forwarded()
    {
        Sent sent = Assert.Single(Receive(Ipv6Bench.Started(Nat), hopLimit: 2));
        Assert.Equal(1, sent.Ipv6().TimeToLive);
    }

    [Fact]
    public void What_came_whole_and_is_too_big_is_told_with_the_mtu_and_never_fragmented()
    {
        Bench bench = Ipv6Bench.Create(serverMtu: 1400);
        bench.Apply(Nat);
        Sent sent = Assert.Single(Receive(bench, length: 1353));
        AssertError(sent, Icmpv6Header.PacketTooBig, 0, rest: 1400);
        Assert.Equal(1280, sent.Ipv6().TotalLength);
        Assert.True(Ipv6Header.TryParseQuote(sent.Icmpv6().Quote, out Ipv6Header quoted, out _));
        Assert.Equal((63, Ipv6Bench.Vip, 1401), (quoted.TimeToLive, quoted.Destination, quoted.TotalLength));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TooBig));

        Assert.Equal(1400, Assert.Single(Receive(bench, length: 1352)).Ipv6().TotalLength);
    }

    [Fact] // RFC 8200 section 5
    public void No_way_is_taken_to_be_narrower_than_1280_bytes()
    {
        Bench bench = Ipv6Bench.Create(serverMtu: 1000);
        bench.Apply(Nat);
        Assert.Equal(1280, Assert.Single(Receive(bench, length: 1232)).Ipv6().TotalLength);
        AssertError(Assert.Single(Receive(bench, length: 1233)), Icmpv6Header.PacketTooBig, 0, rest: 1280);
    }

    [Fact]
    public void A_link_local_client_is_served_by_nobody_behind_us_and_hears_why()
    {
        Bench bench = Ipv6Bench.Started(Nat, Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1, method: ForwardingMethod.DirectRoute)));
        foreach (byte[] frame in (byte[][])
        [
            Ipv6Frames.Udp(bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ip("fe80::2"), 40000, Ipv6Bench.Vip, 53),
            Ipv6Frames.Tcp(bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ip("fe80::2"), 40000, Ipv6Bench.Vip, 80, TcpFlags.Syn),
        ])
        {
            Sent sent = Assert.Single(bench.Receive(Bench.Client, frame));
            Assert.Equal((Icmpv6Header.DestinationUnreachable, Icmpv6Header.BeyondScope), (sent.Icmpv6().Type, sent.Icmpv6().Code));
            Assert.Equal((Ipv6Bench.Vip, Ip("fe80::2"), Bench.ClientMac), (sent.Ipv6().Source, sent.Ipv6().Destination, sent.EthernetHeader.Destination));
        }
        Assert.Equal(2ul, bench.Core.Counters.Dropped(DropReason.NoRoute));
    }

    [Theory]
    [InlineData("fe80::2", "2001:db8::1")]
    [InlineData("fd00:2::11", "fe80::2")]
    [InlineData("fd00:2::11", "ff02::1")]
    [InlineData("fd00:2::11", "ff05::2")]
    public void Addresses_of_a_link_are_not_routed(string source, string destination)
    {
        Bench bench = Ipv6Bench.Started(Nat);
        Sent[] sent = bench.Receive(
            Bench.ServerSide, Ipv6Frames.Udp(bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Ip(source), 33000, Ip(destination), 53));
        Assert.All(sent, each => Assert.Equal((Bench.ServerSide, Icmpv6Header.DestinationUnreachable), (each.Position, each.Icmpv6().Type)));
        Assert.Equal((1ul, 0ul), (bench.Core.Counters.Dropped(DropReason.NoRoute), bench.Core.Counters.Routed));
    }

    [Fact]
    public void A_servers_own_traffic_through_the_floating_gateway_is_routed_by_a_link_local_next_hop()
    {
        Bench bench = Ipv6Bench.Started(Nat);
        byte[] dns = Ipv6Frames.Udp(
            bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), 33000, Ip("2001:db8::53"), 53);
        Sent sent = Assert.Single(bench.Receive(Bench.ServerSide, dns));
        Assert.Equal((Bench.Client, Bench.ClientMac, 63), (sent.Position, sent.EthernetHeader.Destination, sent.Ipv6().TimeToLive));
        Assert.Equal(dns.AsSpan(22), sent.Ethernet[22..]);
        Assert.Equal(1ul, bench.Core.Counters.Routed);

        dns[21] = 1;
        sent = Assert.Single(bench.Receive(Bench.ServerSide, dns));
        Assert.Equal((Icmpv6Header.TimeExceeded, Ipv6Bench.Gateway), (sent.Icmpv6().Type, sent.Ipv6().Source));
    }

    [Fact]
    public void Where_no_route_leads_the_sender_hears_of_it()
    {
        Bench bench = Ipv6Bench.Started(Nat);
        bench.Core.Update(new NetworkView(bench.Network.Interfaces, [], [], []));
        Sent sent = Assert.Single(Receive(bench));
        AssertError(sent, Icmpv6Header.DestinationUnreachable, Icmpv6Header.AddressUnreachable, rest: 0);
    }

    [Fact]
    public void A_packet_waits_for_its_neighbour_and_leaves_when_it_is_known()
    {
        Bench bench = Ipv6Bench.Started(Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(9, port: 5353)));
        Assert.Empty(Receive(bench));
        Assert.True(bench.Requests.TryTake(out int on, out IpAddress asked));
        Assert.Equal((3, Ipv6Bench.ServerAddress(9)), (on, asked));

        Sent sent = Assert.Single(bench.Update(new NetworkView(
            bench.Network.Interfaces, [], [new Route(Ip("fd00:2::"), 64, RouteKind.Unicast, 3)],
            [new Neighbour(3, Ipv6Bench.ServerAddress(9), Bench.ServerMac(9), NeighbourState.Reachable)])));
        Assert.Equal((Bench.ServerMac(9), Ipv6Bench.ServerAddress(9)), (sent.EthernetHeader.Destination, sent.Ipv6().Destination));
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("ff02::1")]
    [InlineData("fd00:1::100")]
    public void Impossible_sources_are_dropped_and_counted(string source)
    {
        Bench bench = Ipv6Bench.Started(Nat);
        Assert.Empty(bench.Receive(
            Bench.Client, Ipv6Frames.Udp(bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ip(source), 1, Ipv6Bench.Vip, 53)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.SourceInvalid));
    }

    [Fact] // RFC 8200 section 4.4
    public void A_route_that_its_sender_chose_ends_at_an_address_of_ours()
    {
        Bench bench = Ipv6Bench.Started(Nat);
        Assert.Empty(bench.Receive(
            Bench.Client, Ipv6Frames.Extended(FromClient(bench), IpProtocol.Routing, Ipv6Bytes.RoutingHeader(17, type: 4, segmentsLeft: 1))));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.Ipv6RoutingHeader));
    }

    [Fact]
    public void The_hosts_own_traffic_is_none_of_ours()
    {
        Bench bench = Ipv6Bench.Started(Nat);
        MacAddress host = bench.Interfaces[0].OwnMac;
        foreach (string own in (string[])["fd00:1::1", "fe80::2:1", "fd00:2::1"])
            Assert.Empty(bench.Receive(Bench.Client, Ipv6Frames.Tcp(host, Bench.ClientMac, Ipv6Bench.Client, 1, Ip(own), 22, TcpFlags.Syn)));
        // mDNS, say.
        Assert.Empty(bench.Receive(
            Bench.Client, Ipv6Frames.Udp(new MacAddress(0x3333000000FB), Bench.ClientMac, Ip("fe80::2"), 5353, Ip("ff02::fb"), 5353)));
        Assert.Equal(4ul, bench.Core.Counters.NotOurs);
    }

    private static byte[] FromClient(Bench bench, int length = 10, byte hopLimit = 64, bool checksum = true) => Ipv6Frames.Udp(
        bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ipv6Bench.Client, 40000, Ipv6Bench.Vip, 53, length, hopLimit, checksum);

    private static Sent[] Receive(Bench bench, int length = 10, byte hopLimit = 64) =>
        bench.Receive(Bench.Client, FromClient(bench, length, hopLimit));

    private static void AssertError(Sent sent, byte type, byte code, uint rest)
    {
        Assert.Equal((Ipv6Bench.Vip, Ipv6Bench.Client, Bench.Client), (sent.Ipv6().Source, sent.Ipv6().Destination, sent.Position));
        Assert.Equal((type, code, rest, 64), (sent.Icmpv6().Type, sent.Icmpv6().Code, sent.Icmpv6().Mtu, sent.Ipv6().TimeToLive));
    }
}
