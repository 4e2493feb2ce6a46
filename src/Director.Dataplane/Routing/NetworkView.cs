using System.Collections.Immutable;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>
/// The host's interfaces, addresses, routes and neighbours at one moment. Immutable: the packet thread looks up in it without a
/// lock and without an allocation. Addresses are in host order.
/// </summary>
public sealed class NetworkView
{
    public static readonly NetworkView Empty = new([], RouteTable.Empty, RouteTable.Empty, NeighbourTable.Empty);

    private readonly RouteTable _local;
    private readonly RouteTable _main;
    private readonly NeighbourTable _neighbours;
    private readonly uint[] _hostAddresses;

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
                              where address.Broadcast != 0
                              select address.Broadcast).Distinct().Order()];
    }

    public ImmutableArray<NetworkInterface> Interfaces { get; }

    /// <summary>Every address that the host has configured, sorted.</summary>
    public ReadOnlySpan<uint> HostAddresses => _hostAddresses;

    /// <summary>The broadcast addresses of the host's subnets, sorted.</summary>
    public ImmutableArray<uint> HostBroadcasts { get; }

    public bool IsHostAddress(uint address) => HostAddresses.BinarySearch(address) >= 0;

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
    /// prefix, lowest metric; of several next hops the first that is alive; rules of policy routing and TOS routes are not
    /// looked at). False: nowhere; <see cref="Route.Kind"/> says why.
    /// </summary>
    public bool TryRoute(uint destination, out Route route)
    {
        if (!_local.TryFind(destination, out route))
            _main.TryFind(destination, out route);
        return route.Kind == RouteKind.Unicast;
    }

    /// <summary>
    /// The MAC address to send to. False: none that can be used, and <paramref name="state"/> says whether it is being asked for
    /// (<see cref="NeighbourState.Incomplete"/>), was asked for in vain (Failed) or never (None).
    /// </summary>
    public bool TryNeighbour(int interfaceIndex, uint address, out MacAddress mac, out NeighbourState state)
    {
        bool found = _neighbours.TryFind(interfaceIndex, address, out Neighbour neighbour);
        mac = found ? neighbour.Mac : default;
        state = found ? neighbour.State : NeighbourState.None;
        return found && neighbour.IsUsable;
    }
}
