using System.Runtime.InteropServices;
using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Routing;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux.Netlink;

public sealed class MessageParserTests
{
    [Fact]
    public void A_route_is_read_with_gateway_metric_and_mtu()
    {
        byte[] body = Route(kind: 1, writer =>
        {
            writer.AddressAttribute(Rtnetlink.RouteDestination, Ip("10.20.0.0"));
            writer.Attribute(Rtnetlink.RouteInterface, 7u);
            writer.AddressAttribute(Rtnetlink.RouteGateway, Ip("10.1.0.1"));
            writer.AddressAttribute(Rtnetlink.RoutePreferredSource, Ip("10.1.0.2"));
            writer.Attribute(Rtnetlink.RouteMetric, 100u);
            int metrics = writer.Nest(Rtnetlink.RouteMetrics);
            writer.Attribute(Rtnetlink.MetricsMtu, 1400u);
            writer.End(metrics);
            return writer;
        });
        Assert.True(MessageParser.TryRoute(body, out uint table, out Route route));
        Assert.Equal(Rtnetlink.TableMain, table);
        Assert.Equal(new Route(Ip("10.20.0.0"), 16, RouteKind.Unicast, 7, Ip("10.1.0.1"), Ip("10.1.0.2"), 1400, 100), route);
    }

    [Theory]
    [InlineData(0, 0, 3)] // both there: the first
    [InlineData(Rtnetlink.NextHopDead, 0, 4)]
    [InlineData(Rtnetlink.NextHopLinkDown, 0, 4)]
    [InlineData(Rtnetlink.NextHopLinkDown, Rtnetlink.NextHopLinkDown, 3)] // none: the first, as the kernel does
    public void Of_several_next_hops_the_first_alive_counts(uint first, uint second, int taken)
    {
        byte[] body = Route(kind: 1, writer =>
        {
            int hops = writer.Nest(Rtnetlink.RouteMultipath);
            foreach ((uint flags, int index) in ((uint, int)[])[(first, 3), (second, 4)])
            {
                writer.Add(new NextHopMessage { Length = 16, Flags = (byte)flags, Index = index });
                writer.AddressAttribute(Rtnetlink.RouteGateway, Ip($"10.1.0.{index}"));
            }
            writer.End(hops);
            return writer;
        });
        Assert.True(MessageParser.TryRoute(body, out _, out Route route));
        Assert.Equal((taken, Ip($"10.1.0.{taken}")), (route.InterfaceIndex, route.Gateway));
    }

    [Theory]
    [InlineData(6, RouteKind.Blackhole)]
    [InlineData(7, RouteKind.Unreachable)]
    [InlineData(8, RouteKind.Prohibit)]
    [InlineData(2, RouteKind.Local)]
    public void Kinds_of_routes_are_told_apart(byte kind, RouteKind expected)
    {
        Assert.True(MessageParser.TryRoute(Route(kind, writer => writer), out _, out Route route));
        Assert.Equal(expected, route.Kind);
    }

    [Theory]
    [InlineData(9)] // throw: back to the rules, as if it were not there
    [InlineData(200)]
    public void Other_kinds_are_no_routes(byte kind) => Assert.False(MessageParser.TryRoute(Route(kind, writer => writer), out _, out _));

    [Theory]
    [InlineData("")]
    [InlineData("0A")]
    [InlineData("0A00 FE80")]
    [InlineData("0A00 00000000000000000000000000000000")] // nobody
    [InlineData("0A00 0A010001")] // four bytes are not IPv6
    [InlineData("1C00 FE800000000000000000000000000001")] // a label of MPLS
    public void A_next_hop_that_cannot_be_reached_is_unreachable(string via)
    {
        byte[] body = Route(kind: 1, writer =>
        {
            writer.Attribute(Rtnetlink.RouteVia, Convert.FromHexString(via.Replace(" ", "", StringComparison.Ordinal)));
            return writer;
        });
        Assert.True(MessageParser.TryRoute(body, out _, out Route route));
        Assert.Equal(RouteKind.Unreachable, route.Kind);
    }

    /// <summary>Kernels before 5.11 called their ff00::/8 unicast.</summary>
    [Theory]
    [InlineData(Rtnetlink.TableLocal, "ff00::", RouteKind.Broadcast)]
    [InlineData(Rtnetlink.TableMain, "ff00::", RouteKind.Unicast)] // the administrator's: for applications that send to groups
    [InlineData(Rtnetlink.TableLocal, "fe80::", RouteKind.Unicast)]
    public void Multicast_of_the_local_table_is_no_unicast_route(uint table, string destination, RouteKind kind)
    {
        byte[] body = Body(writer =>
        {
            writer.Add(new RouteMessage { Family = Rtnetlink.Ipv6, DestinationLength = 8, Table = (byte)table, Type = 1 });
            writer.AddressAttribute(Rtnetlink.RouteDestination, Ip(destination));
            return writer;
        });
        Assert.True(MessageParser.TryRoute(body, out _, out Route route));
        Assert.Equal(kind, route.Kind);
    }

    [Theory]
    [InlineData(Rtnetlink.Ipv4, "fd00::1")]
    [InlineData(Rtnetlink.Ipv6, "10.0.0.1")]
    [InlineData(28, "fd00::1")]
    public void An_address_that_contradicts_its_family_is_none(byte family, string address)
    {
        byte[] route = Body(writer =>
        {
            writer.Add(new RouteMessage { Family = family, Table = (byte)Rtnetlink.TableMain, Type = 1 });
            writer.AddressAttribute(Rtnetlink.RouteDestination, Ip(address));
            return writer;
        });
        Assert.False(MessageParser.TryRoute(route, out _, out _));
        byte[] neighbour = Body(writer =>
        {
            writer.Add(new NeighbourMessage { Family = family, Index = 3 });
            writer.AddressAttribute(Rtnetlink.NeighbourDestination, Ip(address));
            return writer;
        });
        Assert.False(MessageParser.TryNeighbour(neighbour, out _));
    }

    [Fact]
    public void A_proxy_is_no_neighbour()
    {
        byte[] body = Body(writer =>
        {
            writer.Add(new NeighbourMessage { Family = Rtnetlink.Ipv6, Index = 3, Flags = Rtnetlink.NeighbourProxy });
            writer.AddressAttribute(Rtnetlink.NeighbourDestination, Ip("fd00:1::77"));
            return writer;
        });
        Assert.False(MessageParser.TryNeighbour(body, out _));
    }

    [Fact]
    public void A_message_about_a_bridge_port_is_not_about_the_link()
    {
        byte[] body = Body(writer =>
        {
            writer.Add(new InterfaceMessage { Family = 7, Index = 3 });
            return writer;
        });
        Assert.False(MessageParser.TryLink(body, out _));
    }

    /// <summary>Every truncation and every flipped byte of a message: no exception, no endless loop.</summary>
    [Fact]
    public void Damaged_messages_are_survived()
    {
        byte[] whole = Route(kind: 1, writer =>
        {
            writer.AddressAttribute(Rtnetlink.RouteDestination, Ip("10.20.0.0"));
            int hops = writer.Nest(Rtnetlink.RouteMultipath);
            writer.Add(new NextHopMessage { Length = 16, Index = 3 });
            writer.AddressAttribute(Rtnetlink.RouteGateway, Ip("10.1.0.0"));
            writer.End(hops);
            return writer;
        });
        for (int length = 0; length <= whole.Length; length++)
            Parse(whole.AsSpan(0, length));
        for (int at = 0; at < whole.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] damaged = [.. whole];
                damaged[at] = (byte)value;
                Parse(damaged);
            }
        }

        static void Parse(ReadOnlySpan<byte> body)
        {
            _ = MessageParser.TryRoute(body, out _, out _);
            _ = MessageParser.TryLink(body, out _);
            _ = MessageParser.TryAddress(body, out _, out _);
            _ = MessageParser.TryNeighbour(body, out _);
            var reader = new NetlinkReader(body);
            while (reader.Next())
                Assert.True(reader.Body.Length < body.Length);
        }
    }

    [Fact]
    public void A_datagram_holds_several_messages()
    {
        byte[] one = Message(20, writer => writer);
        byte[] two = Message(28, writer =>
        {
            writer.Attribute(1, [1, 2, 3]);
            return writer;
        });
        var reader = new NetlinkReader((byte[])[.. one, .. two]);
        Assert.True(reader.Next());
        Assert.Equal((20, 0), (reader.Type, reader.Body.Length));
        Assert.True(reader.Next());
        Assert.Equal(28, reader.Type);
        var attributes = new AttributeReader(reader.Body);
        Assert.True(attributes.Next());
        Assert.Equal([1, 2, 3], attributes.Value.ToArray());
        Assert.False(attributes.Next());
        Assert.False(reader.Next());
    }

    private delegate NetlinkWriter Fill(NetlinkWriter writer);

    private static byte[] Route(byte kind, Fill fill) => Body(writer =>
    {
        writer.Add(new RouteMessage { Family = Rtnetlink.Ipv4, DestinationLength = 16, Table = (byte)Rtnetlink.TableMain, Type = kind });
        return fill(writer);
    });

    private static byte[] Body(Fill fill) => Message(0, fill)[NetlinkReader.HeaderLength..];

    private static byte[] Message(ushort type, Fill fill)
    {
        byte[] message = fill(new NetlinkWriter(new byte[512], type, 0, 1)).Message.ToArray();
        Assert.Equal(message.Length, MemoryMarshal.Read<int>(message));
        return message;
    }
}
