using System.Buffers.Binary;
using System.Net;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// IPv6 in tunnels, IPv6 around them, and one family inside the other. The kernel's tunnels of these kinds were not recorded: what is
/// asked for here stands in RFC 2473 and RFC 4213.
/// </summary>
public sealed class TunnelFamiliesTests
{
    private static readonly IpAddress Client6 = Of("fd00:1::2");
    private static readonly IpAddress Vip6 = Of("fd00:1::100");
    private static readonly IpAddress Director6 = Of("fd00:2::1");
    private static readonly IpAddress Server6 = Of("fd00:2::11");
    private static readonly IpAddress Client4 = IpAddress.FromIpv4(Bench.ClientAddress);
    private static readonly IpAddress Vip4 = IpAddress.FromIpv4(Bench.Vip);
    private static readonly IpAddress Server4 = IpAddress.FromIpv4(Bench.ServerAddress(1));

    /// <summary>Inside IPv4?, outside IPv4?, kind, bytes between the two IP headers.</summary>
    public static TheoryData<bool, bool, TunnelType, int> Kinds
    {
        get
        {
            TheoryData<bool, bool, TunnelType, int> kinds = [];
            foreach ((bool inside, bool outside) in ((bool, bool)[])[(true, false), (false, true), (false, false)])
            {
                kinds.Add(inside, outside, TunnelType.IpIp, 0);
                kinds.Add(inside, outside, TunnelType.Gre, 8);
                kinds.Add(inside, outside, TunnelType.Gue, 12);
            }
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_packet_travels_in_the_other_and_arrives_with_one_hop_less(bool inside4, bool outside4, TunnelType type, int shim)
    {
        Bench bench = Start(inside4, outside4, type);
        byte[] frame = FromClient(bench, inside4, 100);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, frame));
        Assert.Equal((Bench.ServerSide, Bench.ServerMac(1)), (sent.Position, sent.EthernetHeader.Destination));
        IpHeader outer = Parse(sent);
        Assert.Equal((outside4 ? IpAddress.FromIpv4(Bench.Gateway) : Director6, outside4 ? Server4 : Server6), (outer.Source, outer.Destination));
        Assert.Equal(63, outer.TimeToLive);
        byte[] expected = frame[14..];
        expected[inside4 ? 8 : 7]--;
        byte[] inner = outer.Packet[((outside4 ? 20 : 40) + shim)..].ToArray();
        Assert.Equal(WithoutChecksum(expected), WithoutChecksum(inner));
        if (type == TunnelType.Gue)
            Assert.Equal(0, Checksum.Transport(outer.Source, outer.Destination, IpProtocol.Udp, outer.Payload));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Too_big_is_told_with_what_the_tunnel_leaves(bool inside4, bool outside4, TunnelType type, int shim)
    {
        Bench bench = Start(inside4, outside4, type);
        int mtu = 1500 - (outside4 ? 20 : 40) - shim;
        int headers = (inside4 ? 20 : 40) + 8;
        Assert.Equal(1500, Parse(Assert.Single(bench.Receive(Bench.Client, FromClient(bench, inside4, mtu - headers)))).TotalLength);

        Sent refusal = Assert.Single(bench.Receive(Bench.Client, FromClient(bench, inside4, mtu - headers + 1)));
        AssertTooBig(refusal, inside4, mtu);
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TooBig));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_link_of_the_tunnel_that_is_too_small_is_told_too(bool inside4, bool outside4, TunnelType type, int shim)
    {
        Bench bench = Start(inside4, outside4, type);
        // IPv6 under IPv4 may be fragmented there, so a router that says otherwise is mistaken; it is believed all the same.
        IpHeader outer = Parse(Assert.Single(bench.Receive(Bench.Client, FromClient(bench, inside4, 1300))));
        byte[] error = Error(
            bench, outer, outside4 ? IcmpHeader.DestinationUnreachable : Icmpv6Header.PacketTooBig, outside4 ? IcmpHeader.FragmentationNeeded : (byte)0, 1400);
        Sent told = Assert.Single(bench.Receive(Bench.ServerSide, error));
        Assert.Equal((Bench.Client, Bench.ClientMac), (told.Position, told.EthernetHeader.Destination));
        AssertTooBig(told, inside4, 1400 - (outside4 ? 20 : 40) - shim);
        Assert.Equal(1ul, bench.Core.Counters.Related);
    }

    [Theory]
    [InlineData(true, Icmpv6Header.DestinationUnreachable, Icmpv6Header.AdministrativelyProhibited, IcmpHeader.DestinationUnreachable, IcmpHeader.HostUnreachable)]
    [InlineData(true, Icmpv6Header.TimeExceeded, Icmpv6Header.HopLimitExceeded, IcmpHeader.TimeExceeded, 0)]
    [InlineData(true, Icmpv6Header.ParameterProblem, Icmpv6Header.NextHeaderUnrecognized, IcmpHeader.DestinationUnreachable, IcmpHeader.HostUnreachable)]
    [InlineData(false, Icmpv6Header.DestinationUnreachable, Icmpv6Header.AdministrativelyProhibited, Icmpv6Header.DestinationUnreachable, Icmpv6Header.AdministrativelyProhibited)]
    [InlineData(false, Icmpv6Header.TimeExceeded, Icmpv6Header.HopLimitExceeded, Icmpv6Header.TimeExceeded, Icmpv6Header.HopLimitExceeded)]
    [InlineData(false, Icmpv6Header.ParameterProblem, Icmpv6Header.NextHeaderUnrecognized, Icmpv6Header.DestinationUnreachable, Icmpv6Header.AddressUnreachable)]
    public void Errors_under_IPv6_are_said_in_the_clients_words(bool inside4, byte type, byte code, byte expectedType, byte expectedCode)
    {
        Bench bench = Start(inside4, outside4: false, TunnelType.IpIp);
        IpHeader outer = Parse(Assert.Single(bench.Receive(Bench.Client, FromClient(bench, inside4, 100))));
        IpHeader told = Parse(Assert.Single(bench.Receive(Bench.ServerSide, Error(bench, outer, type, code, 0))));
        Assert.Equal((expectedType, expectedCode), (told.Payload[0], told.Payload[1]));
        Assert.Equal(inside4 ? (Vip4, Client4) : (Vip6, Client6), (told.Source, told.Destination));
        Assert.True(IcmpMessage.TryParse(told, out IcmpMessage message, out _) && message.ChecksumIsValid());
    }

    [Theory]
    [InlineData(Icmpv6Header.ParameterProblem, Icmpv6Header.OptionUnrecognized)]
    [InlineData(100, 0)]
    public void Errors_about_what_the_client_did_not_write_are_not_told(byte type, byte code)
    {
        Bench bench = Start(inside4: false, outside4: false, TunnelType.IpIp);
        IpHeader outer = Parse(Assert.Single(bench.Receive(Bench.Client, FromClient(bench, false, 100))));
        Assert.Empty(bench.Receive(Bench.ServerSide, Error(bench, outer, type, code, 0)));
        Assert.Equal(0ul, bench.Core.Counters.Related);
    }

    [Fact]
    public void IPv4_that_may_be_fragmented_makes_fragments_of_IPv6()
    {
        Bench bench = Start(inside4: true, outside4: false, TunnelType.IpIp);
        byte[] frame = FromClient(bench, ipv4: true, 1472, dontFragment: false);
        Sent[] sent = bench.Receive(Bench.Client, frame);
        Assert.Equal([(1496, 0, true), (48 + 52, 1448, false)], sent.Select(Fragment));
        uint identification = Assert.Single(sent.Select(each => Parse(each).V6.Identification).Distinct());
        byte[] inner = [.. sent.SelectMany(each => Parse(each).V6.Fragmentable.ToArray())];
        Assert.Equal(frame[34..], inner[20..]);
        Assert.Equal(1ul, bench.Core.Counters.Fragmented);
        Assert.NotEqual(identification, Parse(bench.Receive(Bench.Client, frame)[0]).V6.Identification);
    }

    // RFC 2473 section 7.1, RFC 4213 section 3.2: IPv6 is never told less than 1280.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tunnel_smaller_than_1280_fragments_what_IPv6_must_be_able_to_send(bool outside4)
    {
        Bench bench = Start(inside4: false, outside4, TunnelType.IpIp, serverMtu: 1280);
        Sent[] sent = bench.Receive(Bench.Client, FromClient(bench, ipv4: false, 1280 - 48));
        Assert.Equal(2, sent.Length);
        Assert.All(sent, each => Assert.InRange(Parse(each).TotalLength, 40, 1280));
        AssertTooBig(Assert.Single(bench.Receive(Bench.Client, FromClient(bench, ipv4: false, 1280 - 48 + 1))), ipv4: false, 1280);
    }

    [Fact]
    public void Without_an_address_of_the_tunnels_family_there_is_no_way()
    {
        Bench bench = Start(inside4: true, outside4: false, TunnelType.IpIp, director: null);
        Assert.Empty(bench.Receive(Bench.Client, FromClient(bench, ipv4: true, 100)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.NoRoute));
    }

    [Fact] // a server behind routers cannot answer one
    public void A_link_local_address_is_no_begin_of_a_tunnel()
    {
        Bench bench = Start(inside4: true, outside4: false, TunnelType.IpIp, director: "fe80::1");
        Assert.Empty(bench.Receive(Bench.Client, FromClient(bench, ipv4: true, 100)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.NoRoute));
    }

    [Fact]
    public void A_super_frame_of_IPv6_is_cut()
    {
        Bench bench = Start(inside4: false, outside4: true, TunnelType.Gre);
        byte[] frame = FromClient(bench, ipv4: false, 3000);
        byte[] offload = new byte[VirtioNetHeader.Length];
        _ = new VirtioNetHeader(offload)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = VirtioNetGso.UdpL4,
            GsoSize = 1200,
            ChecksumStart = 54,
            ChecksumOffset = 6,
        };
        Sent[] sent = bench.Receive(Bench.Client, frame, offload);
        Assert.Equal([1200, 1200, 600], sent.Select(each => Parse(each).TotalLength - 20 - 8 - 48));
        foreach (Sent each in sent)
        {
            Assert.True(Ipv6Header.TryParse(Parse(each).Packet[28..], out Ipv6Header inner, out _));
            Assert.Equal(0, Checksum.Transport(inner.Source, inner.Destination, IpProtocol.Udp, inner.Payload));
        }
    }

    private static Bench Start(bool inside4, bool outside4, TunnelType type, int serverMtu = 1500, string? director = "fd00:2::1")
    {
        Bench bench = new(serverMtu: serverMtu);
        InterfaceAddress[] six = director is null ? [] : [new InterfaceAddress(Of(director), 64)];
        bench.Update(new NetworkView(
            [
                bench.Network.Interfaces[0] with { Addresses = [.. bench.Network.Interfaces[0].Addresses, new InterfaceAddress(Of("fd00:1::1"), 64)] },
                bench.Network.Interfaces[1] with { Addresses = [.. bench.Network.Interfaces[1].Addresses, .. six] },
            ],
            [],
            [
                new Route(Bench.Address("10.1.0.0"), 16, RouteKind.Unicast, 2), new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3),
                new Route(Of("fd00:1::"), 64, RouteKind.Unicast, 2), new Route(Of("fd00:2::"), 64, RouteKind.Unicast, 3),
            ],
            [
                new Neighbour(2, Client4, Bench.ClientMac, NeighbourState.Reachable), new Neighbour(2, Client6, Bench.ClientMac, NeighbourState.Reachable),
                new Neighbour(3, Server4, Bench.ServerMac(1), NeighbourState.Reachable), new Neighbour(3, Server6, Bench.ServerMac(1), NeighbourState.Reachable),
            ]));
        RealServer server = new()
        {
            Address = (outside4 ? Server4 : Server6).ToIPAddress(),
            Port = 53,
            Forwarding = ForwardingMethod.Tunnel,
            TunnelType = type,
            TunnelPort = TunnelBench.GuePort,
            TunnelFlags = TunnelFlags.Checksum,
        };
        bench.Apply(Bench.Service(inside4 ? "udp 10.1.0.100:53" : "udp [fd00:1::100]:53", "rr", server));
        return bench;
    }

    private static byte[] FromClient(Bench bench, bool ipv4, int length, bool dontFragment = true)
    {
        if (ipv4)
        {
            return Frames.Udp(
                bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.ClientAddress, 41000, Bench.Vip, 53, length, dontFragment: dontFragment);
        }
        byte[] datagram = Frames.Udp(default, default, 1, 41000, 2, 53, length)[34..];
        _ = UdpHeader.TryParse(datagram, out UdpHeader udp, out _);
        udp.Checksum = 0;
        udp.Checksum = Checksum.UdpWire(Checksum.Transport(Client6, Vip6, IpProtocol.Udp, datagram));
        return Version6(bench.Interfaces[0].AnswerMac, Bench.ClientMac, IpProtocol.Udp, Client6, Vip6, datagram);
    }

    // From the next router on the server's side, about the outer packet, to the tunnel's begin.
    private static byte[] Error(Bench bench, IpHeader outer, byte type, byte code, ushort mtu)
    {
        MacAddress to = outer.IsIpv4 ? bench.Interfaces[1].AnswerMac : Bench.ServerSideMac;
        ReadOnlySpan<byte> quote = outer.Packet[..Math.Min(outer.TotalLength, 500)];
        byte[] message = [type, code, 0, 0, 0, 0, (byte)(mtu >> 8), (byte)mtu, .. quote];
        if (outer.IsIpv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum.Compute(message));
            return Frames.Ip(to, Bench.ServerMac(1), IpProtocol.Icmp, Bench.ServerAddress(2), outer.V4.Source, message);
        }
        IpAddress router = Of("fd00:2::99");
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum.Transport(router, outer.Source, IpProtocol.Icmpv6, message));
        return Version6(to, Bench.ServerMac(1), IpProtocol.Icmpv6, router, outer.Source, message);
    }

    private static byte[] Version6(MacAddress to, MacAddress from, byte protocol, IpAddress source, IpAddress destination, byte[] payload)
    {
        byte[] frame = [.. new byte[54], .. payload];
        EthernetHeader.Write(frame, to, from, EtherType.Ipv6);
        Ipv6Header.Write(frame.AsSpan(14), 40 + payload.Length, protocol, source, destination);
        return frame;
    }

    private static void AssertTooBig(Sent sent, bool ipv4, int mtu)
    {
        IpHeader ip = Parse(sent);
        Assert.Equal(ipv4 ? (Vip4, Client4) : (Vip6, Client6), (ip.Source, ip.Destination));
        Assert.True(IcmpMessage.TryParse(ip, out IcmpMessage message, out _) && message.ChecksumIsValid());
        Assert.Equal(ipv4 ? [3, 4] : [2, 0], ip.Payload[..2].ToArray());
        Assert.Equal((uint)mtu, BinaryPrimitives.ReadUInt32BigEndian(ip.Payload[4..]));
        Assert.True(IpHeader.TryParseQuote(ipv4, message.Quote, out IpHeader quoted, out _));
        Assert.Equal(ipv4 ? (Client4, Vip4) : (Client6, Vip6), (quoted.Source, quoted.Destination));
    }

    private static (int Length, int Offset, bool MoreFragments) Fragment(Sent sent)
    {
        IpHeader ip = Parse(sent);
        return (ip.TotalLength, ip.FragmentOffset, ip.MoreFragments);
    }

    private static IpHeader Parse(Sent sent)
    {
        EthernetHeader ethernet = sent.EthernetHeader;
        Assert.True(IpHeader.TryParse(ethernet.EtherType, ethernet.Payload, out IpHeader ip, out DropReason reason), reason.ToString());
        return ip;
    }

    // IPv4's, which changes with the TTL.
    private static byte[] WithoutChecksum(byte[] packet)
    {
        if (packet[0] >> 4 == 4)
            packet.AsSpan(10, 2).Clear();
        return packet;
    }

    private static IpAddress Of(string text) => IpAddress.Of(IPAddress.Parse(text));
}
