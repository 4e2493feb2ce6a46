using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>
/// Immutable longest-prefix match for both families: for each prefix length in use a hash of its prefixes, tried from the
/// longest. A host has a handful of lengths, so a look-up is a handful of probes. Allocation-free.
/// </summary>
internal sealed class RouteTable
{
    /// <summary>For a destination whose link is not known, or does not matter.</summary>
    public const int AnyLink = 0; // the kernel counts interfaces from 1

    public static readonly RouteTable Empty = new([]);

    private readonly Prefixes[] _ipv4; // longest first
    private readonly Prefixes[] _ipv6;

    /// <summary>Of routes to the same prefix the one with the lowest metric counts, and of those the first, as in the kernel.</summary>
    public RouteTable(IEnumerable<Route> routes)
    {
        var best = new Dictionary<Key, Route>();
        foreach (Route route in routes)
        {
            IpAddress prefix = route.Destination.Masked(route.PrefixLength);
            Prefer(best, new Key(prefix, route.PrefixLength, AnyLink), route);
            // Every interface has its own fe80::/64, all with the same metric: the link tells them apart (RFC 4007 section 6).
            if (prefix.IsLinkLocal)
                Prefer(best, new Key(prefix, route.PrefixLength, route.InterfaceIndex), route);
        }
        _ipv4 = ByLength(best.Where(each => each.Key.Prefix.IsIpv4));
        _ipv6 = ByLength(best.Where(each => !each.Key.Prefix.IsIpv4));
    }

    /// <summary><paramref name="link"/> (an interface's index) counts for link-local destinations only.</summary>
    public bool TryFind(IpAddress destination, int link, out Route route)
    {
        if (!destination.IsLinkLocal)
            link = AnyLink;
        foreach (Prefixes prefixes in destination.IsIpv4 ? _ipv4 : _ipv6)
        {
            if (prefixes.TryFind(destination, link, out route))
                return true;
        }
        route = default;
        return false;
    }

    /// <summary>Destinations of one address.</summary>
    public IEnumerable<IpAddress> Hosts(RouteKind kind) =>
        from length in (Prefixes[])[.. _ipv4, .. _ipv6]
        from route in length.Routes
        where route.Kind == kind && route.PrefixLength == route.Destination.Bits
        select route.Destination;

    private static void Prefer(Dictionary<Key, Route> best, Key key, Route route)
    {
        if (!best.TryGetValue(key, out Route other) || route.Metric < other.Metric)
            best[key] = route;
    }

    private static Prefixes[] ByLength(IEnumerable<KeyValuePair<Key, Route>> routes) =>
    [
        .. from route in routes
           group route by route.Key.Length into length
           orderby length.Key descending
           select new Prefixes(length.Key, [.. length]),
    ];

    private readonly record struct Key(IpAddress Prefix, byte Length, int Link);

    private sealed class Prefixes
    {
        private readonly byte _length;
        private readonly KeyValuePair<Key, Route>[] _routes;
        private readonly AddressSlots _slots;
        private readonly int[] _places; // by slot: 1 + index into _routes, 0 is free

        public Prefixes(byte length, KeyValuePair<Key, Route>[] routes)
        {
            _length = length;
            _routes = routes;
            _slots = new AddressSlots(routes.Length);
            _places = new int[_slots.Length];
            for (int i = 0; i < routes.Length; i++)
            {
                int slot = _slots.First(routes[i].Key.Prefix, routes[i].Key.Link);
                while (_places[slot] != 0)
                    slot = _slots.Next(slot);
                _places[slot] = i + 1;
            }
        }

        public IEnumerable<Route> Routes => _routes.Select(each => each.Value);

        public bool TryFind(IpAddress destination, int link, out Route route)
        {
            var key = new Key(destination.Masked(_length), _length, link);
            for (int slot = _slots.First(key.Prefix, link); _places[slot] != 0; slot = _slots.Next(slot))
            {
                ref readonly KeyValuePair<Key, Route> candidate = ref _routes[_places[slot] - 1];
                if (candidate.Key == key)
                {
                    route = candidate.Value;
                    return true;
                }
            }
            route = default;
            return false;
        }
    }
}
