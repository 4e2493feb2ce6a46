using System.Numerics;

namespace Director.Dataplane.Routing;

/// <summary>
/// Immutable longest-prefix match: for each prefix length in use a hash of its prefixes, tried from the longest. A host has
/// a handful of lengths, so a look-up is a handful of probes. Allocation-free.
/// </summary>
internal sealed class RouteTable
{
    public static readonly RouteTable Empty = new([]);

    private readonly Prefixes[] _lengths; // longest first

    /// <summary>Of routes to the same prefix the one with the lowest metric counts, and of those the first, as in the kernel.</summary>
    public RouteTable(IEnumerable<Route> routes)
    {
        var best = new Dictionary<(byte, uint), Route>();
        foreach (Route route in routes)
        {
            (byte, uint) key = (route.PrefixLength, route.Destination & Mask(route.PrefixLength));
            if (!best.TryGetValue(key, out Route other) || route.Metric < other.Metric)
                best[key] = route;
        }
        _lengths = [.. from route in best.Values
                       group route by route.PrefixLength into length
                       orderby length.Key descending
                       select new Prefixes(length.Key, [.. length])];
    }

    public bool TryFind(uint destination, out Route route)
    {
        foreach (Prefixes prefixes in _lengths)
        {
            if (prefixes.TryFind(destination, out route))
                return true;
        }
        route = default;
        return false;
    }

    public static uint Mask(byte prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);

    /// <summary>Open addressing, at most half full; index 0 of <see cref="_slots"/> values means free.</summary>
    private sealed class Prefixes
    {
        private readonly Route[] _routes;
        private readonly int[] _slots; // 1 + index into _routes
        private readonly uint _mask;

        public Prefixes(byte length, Route[] routes)
        {
            _routes = routes;
            _mask = Mask(length);
            _slots = new int[BitOperations.RoundUpToPowerOf2((uint)routes.Length * 2)];
            for (int i = 0; i < routes.Length; i++)
            {
                int slot = Start(routes[i].Destination & _mask);
                while (_slots[slot] != 0)
                    slot = (slot + 1) & (_slots.Length - 1);
                _slots[slot] = i + 1;
            }
        }

        public bool TryFind(uint destination, out Route route)
        {
            uint prefix = destination & _mask;
            for (int slot = Start(prefix); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
            {
                route = _routes[_slots[slot] - 1];
                if ((route.Destination & _mask) == prefix)
                    return true;
            }
            route = default;
            return false;
        }

        private int Start(uint prefix) => (int)(prefix * 0x9E37_79B1 >> 8) & (_slots.Length - 1); // Fibonacci hashing
    }
}
