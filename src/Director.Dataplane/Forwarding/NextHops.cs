using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>The way to a destination: out of which interface, to which neighbour, how large.</summary>
public struct NextHop
{
    /// <summary>Null: there is no route, or it leaves by an interface that is not the engine's.</summary>
    public EngineInterface? Leaving;

    /// <summary>The gateway, or the destination itself where it is on the link.</summary>
    public IpAddress Neighbour;

    public int Mtu;

    /// <summary>Whether <see cref="Mac"/> is known.</summary>
    public bool Resolved;

    public MacAddress Mac;
}

/// <summary>
/// Next hops by destination address, from the kernel's routes and neighbours. A direct-mapped cache in front of the
/// snapshot: a change of the network makes it stale as a whole. Packet thread only.
/// </summary>
public sealed class NextHops(NeighbourRequests requests)
{
    private const int Entries = 4096;
    private const int EthernetMtu = 1500;

    private struct Entry
    {
        public IpAddress Destination;
        public uint Version;
        public bool Used;
        public NextHop Hop;
    }

    private readonly Entry[] _cache = new Entry[Entries];
    private NetworkView _network = NetworkView.Empty;
    private EngineInterface[] _interfaces = [];
    private (IpAddress V4, IpAddress V6)[] _ourAddresses = [];
    private uint _version = 1;

    public NetworkView Network => _network;

    /// <summary>A new picture of the network, of our interfaces and our address on each. Takes effect with the next packet.</summary>
    public void Update(NetworkView network, EngineInterface[] interfaces, (IpAddress V4, IpAddress V6)[] ourAddresses)
    {
        _network = network;
        _interfaces = interfaces;
        _ourAddresses = ourAddresses;
        if (++_version == 0)
        {
            Array.Clear(_cache);
            _version = 1;
        }
    }

    /// <summary>What we call ourselves towards a segment (the source of ICMP errors).</summary>
    public IpAddress AddressOn(EngineInterface on, bool ipv4) => ipv4 ? _ourAddresses[on.Position].V4 : _ourAddresses[on.Position].V6;

    public int MtuOf(EngineInterface on, IpAddress destination) =>
        AtLeast(_network.FindInterface(on.Index)?.MtuTo(destination) ?? EthernetMtu, destination);

    /// <summary>Valid until the next call of <see cref="Update"/>.</summary>
    public ref readonly NextHop To(IpAddress destination)
    {
        ref Entry entry = ref _cache[(uint)destination.GetHashCode() >> 20];
        if (entry.Version != _version || entry.Destination != destination)
            Fill(ref entry, destination);
        entry.Used = true;
        return ref entry.Hop;
    }

    /// <summary>Asks the kernel to find this neighbour.</summary>
    public void AskFor(in NextHop hop) => requests.Add(hop.Leaving!.Index, hop.Neighbour);

    /// <summary>Has a neighbour found ahead of the first packet to it: a take-over is no time to ask around.</summary>
    public void Warm(IpAddress destination)
    {
        ref readonly NextHop hop = ref To(destination);
        if (hop is { Resolved: false, Leaving.HostMac: null })
            AskFor(hop);
    }

    /// <summary>
    /// Every half minute: tells the kernel which neighbours are in use. Our packets pass it by, so it would not check
    /// (RFC 4861's idea of reachability, Linux's for ARP) whether they are still there.
    /// </summary>
    public void RefreshUsed()
    {
        foreach (ref Entry entry in _cache.AsSpan())
        {
            if (entry.Used && entry.Version == _version && entry.Hop.Leaving is { HostMac: null } leaving)
                requests.Add(leaving.Index, entry.Hop.Neighbour);
            entry.Used = false;
        }
    }

    private void Fill(ref Entry entry, IpAddress destination)
    {
        entry.Destination = destination;
        entry.Version = _version;
        entry.Hop = default;
        if (!_network.TryRoute(destination, out Route route))
        {
            if (route.Kind == RouteKind.Local && !destination.IsLoopback && Array.Find(_interfaces, each => each.HostMac is not null) is { } host)
                entry.Hop = new NextHop { Leaving = host, Neighbour = destination, Mtu = MtuOf(host, destination), Resolved = true, Mac = host.HostMac!.Value };
            return;
        }
        if (Find(route.InterfaceIndex) is not { } leaving)
            return;
        entry.Hop.Leaving = leaving;
        entry.Hop.Neighbour = route.NextHop(destination);
        entry.Hop.Mtu = route.Mtu != 0 ? AtLeast(route.Mtu, destination) : MtuOf(leaving, destination);
        entry.Hop.Resolved = _network.TryNeighbour(leaving.Index, entry.Hop.Neighbour, out entry.Hop.Mac, out _);
    }

    // No IPv6 link carries less (RFC 8200 section 5), and no sender sends less for being told so.
    private static int AtLeast(int mtu, IpAddress destination) => destination.IsIpv4 ? mtu : Math.Max(mtu, Ipv6Header.MinimumMtu);

    private EngineInterface? Find(int index)
    {
        foreach (EngineInterface candidate in _interfaces)
        {
            if (candidate.Index == index)
                return candidate;
        }
        return null;
    }
}
