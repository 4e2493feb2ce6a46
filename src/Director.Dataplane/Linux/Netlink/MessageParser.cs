using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Netlink;

/// <summary>
/// Reads rtnetlink's messages. False: too short, or not of our concern (another family than IPv4 and IPv6, a bridge port's state).
/// </summary>
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
                Rtnetlink.LinkFamilies => link with { Ipv6Mtu = Ipv6Mtu(Find(attributes.Value, Rtnetlink.Ipv6).Value) },
                _ => link,
            };
        }
        return true;
    }

    /// <summary>The message that IPv6's settings of a link changed, as a router's advertisement does.</summary>
    public static bool TryIpv6Mtu(ReadOnlySpan<byte> body, out int interfaceIndex, out int mtu)
    {
        bool whole = TrySplit(body, out InterfaceMessage header, out AttributeReader attributes) && header.Family == Rtnetlink.Ipv6;
        interfaceIndex = header.Index;
        mtu = 0;
        while (whole && attributes.Next())
        {
            if (attributes.Type == Rtnetlink.LinkProtocolInformation)
                mtu = Ipv6Mtu(attributes.Value);
        }
        return mtu != 0;
    }

    public static bool TryAddress(ReadOnlySpan<byte> body, out int interfaceIndex, out InterfaceAddress address)
    {
        address = default;
        interfaceIndex = 0;
        if (!TrySplit(body, out AddressMessage header, out AttributeReader attributes))
            return false;
        interfaceIndex = header.Index;
        IpAddress local = default, peer = default, broadcast = default;
        uint flags = header.Flags;
        while (attributes.Next())
        {
            if (attributes.Type == Rtnetlink.AddressLocal)
                local = attributes.Address;
            else if (attributes.Type == Rtnetlink.AddressPeer)
                peer = attributes.Address;
            else if (attributes.Type == Rtnetlink.AddressBroadcast)
                broadcast = attributes.Address;
            else if (attributes.Type == Rtnetlink.AddressFlags)
                flags = attributes.Number;
        }
        bool unsettled = (flags & Rtnetlink.AddressTentative) != 0 && (flags & Rtnetlink.AddressOptimistic) == 0;
        address = new InterfaceAddress(local.IsUnspecified ? peer : local, header.PrefixLength, broadcast)
        {
            IsTentative = unsettled || (flags & Rtnetlink.AddressDuplicate) != 0,
        };
        return Fits(address.Address, address.PrefixLength, header.Family);
    }

    /// <summary>A route of table <paramref name="table"/>, by destination alone: not by source or type of service.</summary>
    public static bool TryRoute(ReadOnlySpan<byte> body, out uint table, out Route route)
    {
        route = default;
        table = 0;
        if (!TrySplit(body, out RouteMessage header, out AttributeReader attributes)
            || header.TypeOfService != 0 || header.SourceLength != 0
            || header.Type >= Kinds.Length || (header.Flags & (Rtnetlink.RouteCloned | Rtnetlink.NextHopDead)) != 0)
        {
            return false;
        }
        table = header.Table;
        IpAddress everywhere = header.Family == Rtnetlink.Ipv4 ? IpAddress.AnyIpv4 : default;
        route = new Route(everywhere, header.DestinationLength, Kinds[header.Type], 0);
        while (attributes.Next())
        {
            if (attributes.Type == Rtnetlink.RouteTable)
                table = attributes.Number;
            else if (attributes.Type == Rtnetlink.RouteMultipath)
                route = FirstAlive(attributes.Value, route);
            else
                route = With(route, attributes);
        }
        // Kernels before 5.11 call their ff00::/8 unicast.
        if (table == Rtnetlink.TableLocal && route.Kind == RouteKind.Unicast && route.Destination.IsMulticast)
            route = route with { Kind = RouteKind.Broadcast };
        return route.Kind != RouteKind.None && Fits(route.Destination, route.PrefixLength, header.Family);
    }

    public static bool TryNeighbour(ReadOnlySpan<byte> body, out Neighbour neighbour)
    {
        neighbour = default;
        if (!TrySplit(body, out NeighbourMessage header, out AttributeReader attributes) || (header.Flags & Rtnetlink.NeighbourProxy) != 0)
            return false;
        neighbour = new Neighbour(header.Index, default, default, (NeighbourState)header.State);
        while (attributes.Next())
        {
            if (attributes.Type == Rtnetlink.NeighbourDestination)
                neighbour = neighbour with { Address = attributes.Address };
            else if (attributes.Type == Rtnetlink.NeighbourLinkAddress && attributes.Value.Length == MacAddress.Length)
                neighbour = neighbour with { Mac = MacAddress.Read(attributes.Value) };
        }
        return Fits(neighbour.Address, prefixLength: 0, header.Family);
    }

    private static Route With(Route route, AttributeReader attribute) => attribute.Type switch
    {
        Rtnetlink.RouteDestination => route with { Destination = attribute.Address },
        Rtnetlink.RouteInterface => route with { InterfaceIndex = (int)attribute.Number },
        Rtnetlink.RouteGateway => route with { Gateway = attribute.Address },
        Rtnetlink.RouteVia => Via(route, attribute.Value),
        Rtnetlink.RouteEncapsulation => route with { Kind = RouteKind.Unreachable }, // without its tunnel it leads astray
        Rtnetlink.RoutePreferredSource => route with { PreferredSource = attribute.Address },
        Rtnetlink.RouteMetric => route with { Metric = attribute.Number },
        Rtnetlink.RouteMetrics => route with { Mtu = (int)Find(attribute.Value, Rtnetlink.MetricsMtu).Number },
        _ => route,
    };

    // struct rtvia: a family, and a next hop of that family (RFC 8950: IPv4 by way of an IPv6 neighbour).
    private static Route Via(Route route, ReadOnlySpan<byte> via)
    {
        ReadOnlySpan<byte> address = via[Math.Min(sizeof(ushort), via.Length)..];
        return address.Length is IpAddress.Ipv4Length or IpAddress.Ipv6Length
            && IpAddress.Read(address) is { IsUnspecified: false } gateway
            && Fits(gateway, prefixLength: 0, (byte)MemoryMarshal.Read<ushort>(via))
            ? route with { Gateway = gateway }
            : route with { Kind = RouteKind.Unreachable };
    }

    private static int Ipv6Mtu(ReadOnlySpan<byte> ipv6)
    {
        ReadOnlySpan<int> settings = MemoryMarshal.Cast<byte, int>(Find(ipv6, Rtnetlink.Ipv6Settings).Value);
        return settings.Length > Rtnetlink.SettingMtu ? settings[Rtnetlink.SettingMtu] : 0;
    }

    // At the nested attribute of this type; empty if there is none.
    private static AttributeReader Find(ReadOnlySpan<byte> nested, ushort type)
    {
        var attributes = new AttributeReader(nested);
        while (attributes.Next())
        {
            if (attributes.Type == type)
                return attributes;
        }
        return default;
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

    // What an IPv6 message calls ::ffff:a.b.c.d is never seen on a wire, and would be taken for IPv4 here.
    private static bool Fits(IpAddress address, byte prefixLength, byte family) =>
        family == (address.IsIpv4 ? Rtnetlink.Ipv4 : Rtnetlink.Ipv6) && prefixLength <= address.Bits;

    private static bool TrySplit<T>(ReadOnlySpan<byte> body, out T header, out AttributeReader attributes)
        where T : unmanaged
    {
        bool whole = MemoryMarshal.TryRead(body, out header);
        attributes = whole ? new AttributeReader(body[Unsafe.SizeOf<T>()..]) : default;
        return whole;
    }
}
