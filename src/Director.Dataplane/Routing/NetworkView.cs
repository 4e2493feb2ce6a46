using System.Collections.Immutable;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>
/// The host's interfaces, addresses, routes and neighbours at one moment. Immutable: the packet thread looks up in it without a
/// lock and without an allocation.
/// </summary>
public sealed class NetworkView
{
    public static readonly NetworkView Empty = new([], RouteTable.Empty, RouteTable.Empty, NeighbourTable.Empty);

    private readonly RouteTable _local;
    private readonly RouteTable _main;
    private readonly NeighbourTable _neighbours;
    private readonly IpAddress[] _hostAddresses;

    /// <param name="interfaces">In order of their index.</param>
    /// <param name="localRoutes">Of the kernel's table "local": what is the host itself or a broadcast.</param>
    /// <param name="mainRoutes">Of the kernel's table "main".</param>
    /// <param name="neighbours">At most one for each interface and address.</param>
    public NetworkView(
        ImmutableArray<NetworkInterface> interfaces,
        IEnumerable<Route> localRoutes,
        IEnumerable<Route> mainRoutes,
        IReadOnlyCollection<Neighbour> neighbours)
        : this(interfaces, new RouteTable(localRoutes), new RouteTable(mainRoutes), new NeighbourTable(neighbours))
    {
    }

    internal NetworkView(ImmutableArray<NetworkInterface> interfaces, RouteTable local, RouteTable main, NeighbourTable neighbours)
    {
        Interfaces = interfaces;
        _local = local;
        _main = main;
        _neighbours = neighbours;
        _hostAddresses = [.. (from each in interfaces from address in each.Addresses select address.Address).Distinct().Order()];
        HostBroadcasts = [.. (from each in interfaces
                              from address in each.Addresses
                              where !address.Broadcast.IsUnspecified
                              select address.Broadcast).Concat(local.Hosts(RouteKind.Broadcast)).Distinct().Order()];
    }

    public ImmutableArray<NetworkInterface> Interfaces { get; }

    /// <summary>Every address that the host has configured, also <see cref="InterfaceAddress.IsTentative"/> ones; sorted.</summary>
    public ReadOnlySpan<IpAddress> HostAddresses => _hostAddresses;

    /// <summary>The broadcast and anycast addresses of the host's subnets, sorted.</summary>
    public ImmutableArray<IpAddress> HostBroadcasts { get; }

    /// <summary>Whether the ways are the same as in another view: all but the neighbours.</summary>
    public bool HasWaysOf(NetworkView other) => Interfaces == other.Interfaces && _local == other._local && _main == other._main;

    public bool IsHostAddress(IpAddress address) => HostAddresses.BinarySearch(address) >= 0;

    public NetworkInterface? FindInterface(int index)
    {
        foreach (NetworkInterface each in Interfaces)
        {
            if (each.Index == index)
                return each;
        }
        return null;
    }

    public NetworkInterface? FindInterface(string name)
    {
        foreach (NetworkInterface each in Interfaces)
        {
            if (each.Name == name)
                return each;
        }
        return null;
    }

    /// <summary>
    /// Where a packet to <paramref name="destination"/> goes, as the host itself would send it: table local, then main (longest
    /// prefix, lowest metric; of several next hops the first that is alive; rules of policy routing, TOS and source-specific
    /// routes, and the preferences of advertising routers (RFC 4191) are not looked at). False: nowhere; <see cref="Route.Kind"/>
    /// says why.
    /// </summary>
    /// <param name="link">
    /// The interface on whose link a link-local destination is meant, e.g. where the packet that is answered came from; 0: any.
    /// </param>
    public bool TryRoute(IpAddress destination, out Route route, int link = RouteTable.AnyLink)
    {
        if (!_local.TryFind(destination, link, out route))
            _main.TryFind(destination, link, out route);
        return route.Kind == RouteKind.Unicast;
    }

    /// <summary>
    /// The MAC address to send to. False: none that can be used, and <paramref name="state"/> says whether it is being asked for
    /// (<see cref="NeighbourState.Incomplete"/>), was asked for in vain (Failed) or never (None).
    /// </summary>
    public bool TryNeighbour(int interfaceIndex, IpAddress address, out MacAddress mac, out NeighbourState state)
    {
        bool found = _neighbours.TryFind(interfaceIndex, address, out Neighbour neighbour);
        mac = found ? neighbour.Mac : default;
        state = found ? neighbour.State : NeighbourState.None;
        return found && neighbour.IsUsable;
    }
}
