using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Netlink;

/// <summary>Reads rtnetlink's messages. False: too short, or not of our concern (another family, a bridge port's state).</summary>
internal static class MessageParser
{
    private const byte UnspecifiedFamily = 0; // links; with AF_BRIDGE the message is about a bridge port, not the link
    private const ushort Ethernet = 1;

    private static readonly RouteKind[] Kinds = // RTN_UNSPEC, RTN_UNICAST, ...
    [
        RouteKind.None, RouteKind.Unicast, RouteKind.Local, RouteKind.Broadcast, RouteKind.Broadcast /* anycast */,
        RouteKind.Broadcast /* multicast */, RouteKind.Blackhole, RouteKind.Unreachable, RouteKind.Prohibit,
    ];

    public static bool TryLink(ReadOnlySpan<byte> body, [NotNullWhen(true)] out NetworkInterface? link)
    {
        link = null;
        if (!TrySplit(body, out InterfaceMessage header, out AttributeReader attributes) || header.Family != UnspecifiedFamily)
            return false;
        link = new NetworkInterface(header.Index, "")
        {
            IsUp = (header.Flags & Rtnetlink.LinkUp) != 0,
            HasCarrier = (header.Flags & Rtnetlink.LinkLowerUp) != 0,
        };
        while (attributes.Next())
        {
            link = attributes.Type switch
            {
                Rtnetlink.LinkName => link with { Name = Encoding.UTF8.GetString(attributes.Value.TrimEnd((byte)0)) },
                Rtnetlink.LinkMtu => link with { Mtu = (int)attributes.Number },
                Rtnetlink.LinkAddress when header.DeviceType == Ethernet && attributes.Value.Length == MacAddress.Length =>
                    link with { Mac = MacAddress.Read(attributes.Value) },
                _ => link,
            };
        }
        return true;
    }

    public static bool TryAddress(ReadOnlySpan<byte> body, out int interfaceIndex, out InterfaceAddress address)
    {
        address = default;
        interfaceIndex = 0;
        if (!TrySplit(body, out AddressMessage header, out AttributeReader attributes) || header.Family != Rtnetlink.Ipv4)
            return false;
        interfaceIndex = header.Index;
        uint local = 0, peer = 0, broadcast = 0;
        while (attributes.Next())
        {
            if (attributes.Type == Rtnetlink.AddressLocal)
                local = attributes.Address;
            else if (attributes.Type == Rtnetlink.AddressPeer)
                peer = attributes.Address;
            else if (attributes.Type == Rtnetlink.AddressBroadcast)
                broadcast = attributes.Address;
        }
        address = new InterfaceAddress(local != 0 ? local : peer, header.PrefixLength, broadcast);
        return true;
    }

    /// <summary>A route of table <paramref name="table"/> without type of service.</summary>
    public static bool TryRoute(ReadOnlySpan<byte> body, out uint table, out Route route)
    {
        route = default;
        table = 0;
        if (!TrySplit(body, out RouteMessage header, out AttributeReader attributes)
            || header.Family != Rtnetlink.Ipv4 || header.TypeOfService != 0 || header.SourceLength != 0
            || header.Type >= Kinds.Length || (header.Flags & (Rtnetlink.RouteCloned | Rtnetlink.NextHopDead)) != 0)
        {
            return false;
        }
        table = header.Table;
        route = new Route(0, header.DestinationLength, Kinds[header.Type], 0);
        while (attributes.Next())
        {
            if (attributes.Type == Rtnetlink.RouteTable)
                table = attributes.Number;
            else if (attributes.Type == Rtnetlink.RouteMultipath)
                route = FirstAlive(attributes.Value, route);
            else
                route = With(route, attributes);
        }
        return route.Kind != RouteKind.None;
    }

    public static bool TryNeighbour(ReadOnlySpan<byte> body, out Neighbour neighbour)
    {
        neighbour = default;
        if (!TrySplit(body, out NeighbourMessage header, out AttributeReader attributes)
            || header.Family != Rtnetlink.Ipv4 || (header.Flags & Rtnetlink.NeighbourProxy) != 0)
        {
            return false;
        }
        neighbour = new Neighbour(header.Index, 0, default, (NeighbourState)header.State);
        while (attributes.Next())
        {
            if (attributes.Type == Rtnetlink.NeighbourDestination)
                neighbour = neighbour with { Address = attributes.Address };
            else if (attributes.Type == Rtnetlink.NeighbourLinkAddress && attributes.Value.Length == MacAddress.Length)
                neighbour = neighbour with { Mac = MacAddress.Read(attributes.Value) };
        }
        return true;
    }

    private static Route With(Route route, AttributeReader attribute) => attribute.Type switch
    {
        Rtnetlink.RouteDestination => route with { Destination = attribute.Address },
        Rtnetlink.RouteInterface => route with { InterfaceIndex = (int)attribute.Number },
        Rtnetlink.RouteGateway => route with { Gateway = attribute.Address },
        Rtnetlink.RouteVia => route with { Kind = RouteKind.Unreachable }, // an IPv6 next hop (RFC 5549) leads nowhere yet
        Rtnetlink.RoutePreferredSource => route with { PreferredSource = attribute.Address },
        Rtnetlink.RouteMetric => route with { Metric = attribute.Number },
        Rtnetlink.RouteMetrics => route with { Mtu = Mtu(attribute.Value) },
        _ => route,
    };

    private static int Mtu(ReadOnlySpan<byte> metrics)
    {
        var attributes = new AttributeReader(metrics);
        while (attributes.Next())
        {
            if (attributes.Type == Rtnetlink.MetricsMtu)
                return (int)attributes.Number;
        }
        return 0;
    }

    // The first next hop whose link is there; if all links are down the first of all, as the kernel would.
    private static Route FirstAlive(ReadOnlySpan<byte> hops, Route route)
    {
        Route? fallback = null;
        int size = Unsafe.SizeOf<NextHopMessage>();
        while (hops.Length >= size)
        {
            NextHopMessage hop = MemoryMarshal.Read<NextHopMessage>(hops);
            if (hop.Length < size || hop.Length > hops.Length)
                break;
            Route candidate = route with { InterfaceIndex = hop.Index };
            var attributes = new AttributeReader(hops[size..hop.Length]);
            while (attributes.Next())
                candidate = With(candidate, attributes);
            if ((hop.Flags & (Rtnetlink.NextHopDead | Rtnetlink.NextHopLinkDown)) == 0)
                return candidate;
            fallback ??= candidate;
            hops = hops[Math.Min((hop.Length + 3) & ~3, hops.Length)..];
        }
        return fallback ?? route with { Kind = RouteKind.Unreachable };
    }

    private static bool TrySplit<T>(ReadOnlySpan<byte> body, out T header, out AttributeReader attributes)
        where T : unmanaged
    {
        bool whole = MemoryMarshal.TryRead(body, out header);
        attributes = whole ? new AttributeReader(body[Unsafe.SizeOf<T>()..]) : default;
        return whole;
    }
}
