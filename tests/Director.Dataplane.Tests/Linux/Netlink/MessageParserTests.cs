using System.Runtime.InteropServices;
using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Routing;

namespace Director.Dataplane.Tests.Linux.Netlink;

public sealed class MessageParserTests
{
    [Fact]
    public void A_route_is_read_with_gateway_metric_and_mtu()
    {
        byte[] body = Route(kind: 1, writer =>
        {
            writer.AddressAttribute(Rtnetlink.RouteDestination, 0x0A14_0000);
            writer.Attribute(Rtnetlink.RouteInterface, 7u);
            writer.AddressAttribute(Rtnetlink.RouteGateway, 0x0A01_0001);
            writer.AddressAttribute(Rtnetlink.RoutePreferredSource, 0x0A01_0002);
            writer.Attribute(Rtnetlink.RouteMetric, 100u);
            int metrics = writer.Nest(Rtnetlink.RouteMetrics);
            writer.Attribute(Rtnetlink.MetricsMtu, 1400u);
            writer.End(metrics);
            return writer;
        });
        Assert.True(MessageParser.TryRoute(body, out uint table, out Route route));
        Assert.Equal(Rtnetlink.TableMain, table);
        Assert.Equal(new Route(0x0A14_0000, 16, RouteKind.Unicast, 7, 0x0A01_0001, 0x0A01_0002, 1400, 100), route);
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
                writer.AddressAttribute(Rtnetlink.RouteGateway, 0x0A01_0000 + (uint)index);
            }
            writer.End(hops);
            return writer;
        });
        Assert.True(MessageParser.TryRoute(body, out _, out Route route));
        Assert.Equal((taken, 0x0A01_0000u + (uint)taken), (route.InterfaceIndex, route.Gateway));
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

    [Fact]
    public void A_next_hop_of_another_family_is_unreachable()
    {
        byte[] body = Route(kind: 1, writer =>
        {
            writer.Attribute(Rtnetlink.RouteVia, new byte[18]);
            return writer;
        });
        Assert.True(MessageParser.TryRoute(body, out _, out Route route));
        Assert.Equal(RouteKind.Unreachable, route.Kind);
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
            writer.AddressAttribute(Rtnetlink.RouteDestination, 0x0A14_0000);
            int hops = writer.Nest(Rtnetlink.RouteMultipath);
            writer.Add(new NextHopMessage { Length = 16, Index = 3 });
            writer.AddressAttribute(Rtnetlink.RouteGateway, 0x0A01_0000);
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
