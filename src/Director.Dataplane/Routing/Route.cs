using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>What a route does with a packet. Only <see cref="Unicast"/> leads anywhere.</summary>
public enum RouteKind : byte
{
    /// <summary>No route: the host would answer "network unreachable".</summary>
    None,
    Unicast,

    /// <summary>One of the host's own addresses.</summary>
    Local,

    /// <summary>A subnet's broadcast address, multicast, or the subnet-router anycast address (RFC 4291 section 2.6.1).</summary>
    Broadcast,

    /// <summary>Dropped without a word.</summary>
    Blackhole,

    /// <summary>Answered with ICMP "host unreachable".</summary>
    Unreachable,

    /// <summary>Answered with ICMP "communication administratively prohibited".</summary>
    Prohibit,
}

/// <summary>
/// A route of the family of its <paramref name="Destination"/>; other addresses are unspecified if there is none. Without a
/// <paramref name="Gateway"/>, which may be of the other family (RFC 8950), the destination is on-link; without
/// <paramref name="Mtu"/> the interface's counts.
/// </summary>
public readonly record struct Route(
    IpAddress Destination,
    byte PrefixLength,
    RouteKind Kind,
    int InterfaceIndex,
    IpAddress Gateway = default,
    IpAddress PreferredSource = default,
    int Mtu = 0,
    uint Metric = 0)
{
    /// <summary>Whose MAC address a packet to <paramref name="destination"/> is sent to.</summary>
    public IpAddress NextHop(IpAddress destination) => Gateway.IsUnspecified ? destination : Gateway;
}
