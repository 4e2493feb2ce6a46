namespace Director.Dataplane.Routing;

/// <summary>What a route does with a packet. Only <see cref="Unicast"/> leads anywhere.</summary>
public enum RouteKind : byte
{
    /// <summary>No route: the host would answer "network unreachable".</summary>
    None,
    Unicast,

    /// <summary>One of the host's own addresses.</summary>
    Local,

    /// <summary>A subnet's broadcast address, or multicast.</summary>
    Broadcast,

    /// <summary>Dropped without a word.</summary>
    Blackhole,

    /// <summary>Answered with ICMP "host unreachable".</summary>
    Unreachable,

    /// <summary>Answered with ICMP "communication administratively prohibited".</summary>
    Prohibit,
}

/// <summary>
/// An IPv4 route. Addresses are in host order, 0 for none: without a <paramref name="Gateway"/> the destination is on-link;
/// without <paramref name="Mtu"/> the interface's counts.
/// </summary>
public readonly record struct Route(
    uint Destination,
    byte PrefixLength,
    RouteKind Kind,
    int InterfaceIndex,
    uint Gateway = 0,
    uint PreferredSource = 0,
    int Mtu = 0,
    uint Metric = 0)
{
    /// <summary>Whose MAC address a packet to <paramref name="destination"/> is sent to.</summary>
    public uint NextHop(uint destination) => Gateway != 0 ? Gateway : destination;
}
