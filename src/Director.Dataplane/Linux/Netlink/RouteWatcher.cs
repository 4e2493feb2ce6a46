using System.Collections.Immutable;
using Director.Dataplane.Control;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Netlink;

/// <summary>
/// Follows the host's interfaces, addresses, routes and neighbours, and publishes each state as an immutable
/// <see cref="NetworkView"/>. One thread calls <see cref="Process"/>; any may read <see cref="View"/> or call <see cref="Resolve"/>.
/// </summary>
/// <remarks>
/// Neighbours change often and one by one: their messages are applied as they come. All else is read anew when a message says
/// that something changed, because the kernel removes routes of a link that goes down without a message for each, and tells of
/// IPv6 routes in several ways (a next hop at a time, or all of a route).
/// </remarks>
public sealed class RouteWatcher : IDisposable
{
    private const int MostDatagrams = 256; // a call: the rest stays readable, the caller's other work comes first

    private readonly NetlinkSocket _events;
    private readonly NetlinkSocket _requests;
    private readonly Dictionary<int, NetworkInterface> _links = [];
    private readonly Dictionary<(int, IpAddress), Neighbour> _neighbours = [];
    private readonly List<(int Index, InterfaceAddress Address)> _addresses = [];
    private readonly List<Route> _main = [];
    private readonly List<Route> _local = [];
    private ImmutableArray<NetworkInterface> _interfaces = [];
    private RouteTable _mainTable = RouteTable.Empty;
    private RouteTable _localTable = RouteTable.Empty;
    private NeighbourTable _neighbourTable = NeighbourTable.Empty;
    private volatile NetworkView _view = NetworkView.Empty;

    /// <exception cref="EngineException">The kernel refuses.</exception>
    public RouteWatcher()
        : this(NetlinkSocket.DefaultBacklog)
    {
    }

    internal RouteWatcher(int backlog)
    {
        _events = new NetlinkSocket(Rtnetlink.AllGroups, backlog); // subscribed before the dump: nothing falls between
        _requests = new NetlinkSocket();
        try
        {
            ReadTopology();
            ReadNeighbours();
            Publish();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkView View => _view;

    /// <summary>How often changes came faster than they were read, and everything was read again.</summary>
    public long Overruns { get; private set; }

    /// <summary>Readable when <see cref="Process"/> has something to do.</summary>
    public int Descriptor => _events.Descriptor;

    /// <summary>Takes what the kernel has told. True: <see cref="View"/> is a new one.</summary>
    public bool Process()
    {
        bool topology = false;
        bool neighbours = false;
        for (int i = 0; i < MostDatagrams; i++)
        {
            if (!_events.TryReceive(out ReadOnlySpan<byte> datagram))
            {
                // Messages were lost: read everything again. What still waits is older than that and does no harm.
                Overruns++;
                topology = true;
                ReadNeighbours();
                neighbours = true;
                continue;
            }
            if (datagram.IsEmpty)
                break;
            var reader = new NetlinkReader(datagram);
            while (reader.Next())
            {
                topology |= ConcernsTopology(reader.Type, reader.Body);
                neighbours |= ApplyNeighbour(reader.Type, reader.Body);
            }
        }
        if (topology)
            ReadTopology();
        if (neighbours)
            _neighbourTable = new NeighbourTable(_neighbours.Values);
        if (!topology && !neighbours)
            return false;
        Publish();
        return true;
    }

    /// <summary>
    /// Has the kernel ask for a neighbour's MAC address, or confirm one that is stale, as if the host had sent it a packet. The
    /// caller limits how often. For IPv6 it asks from the interface's link-local address, which so has to be there. False: the
    /// kernel did not take it, e.g. for lack of memory.
    /// </summary>
    public bool Resolve(int interfaceIndex, IpAddress address)
    {
        Span<byte> buffer = stackalloc byte[64];
        var request = new NetlinkWriter(buffer, Rtnetlink.NewNeighbour, Rtnetlink.Create, sequence: 0);
        request.Add(new NeighbourMessage
        {
            Family = address.IsIpv4 ? Rtnetlink.Ipv4 : Rtnetlink.Ipv6,
            Index = interfaceIndex,
            Flags = Rtnetlink.NeighbourUse,
        });
        request.AddressAttribute(Rtnetlink.NeighbourDestination, address);
        return _requests.TrySend(request.Message);
    }

    public void Dispose()
    {
        _events.Dispose();
        _requests.Dispose();
    }

    private bool ConcernsTopology(ushort type, ReadOnlySpan<byte> body) => type switch
    {
        // The kernel also tells of changes that are none to us: of a link's statistics or a bridge port, of an address's lifetime
        // with every advertisement of a router.
        Rtnetlink.NewLink => MessageParser.TryLink(body, out NetworkInterface? link)
            ? !(_links.TryGetValue(link.Index, out NetworkInterface? known) && known == link)
            : MessageParser.TryIpv6Mtu(body, out int changed, out int mtu)
                && _links.TryGetValue(changed, out known) && known.Ipv6Mtu != mtu,
        Rtnetlink.DeleteLink => MessageParser.TryLink(body, out _),
        Rtnetlink.NewAddress => MessageParser.TryAddress(body, out int index, out InterfaceAddress address)
            && !_addresses.Contains((index, address)),
        Rtnetlink.DeleteAddress => MessageParser.TryAddress(body, out _, out _),
        Rtnetlink.NewRoute or Rtnetlink.DeleteRoute => MessageParser.TryRoute(body, out uint table, out _)
            && table is Rtnetlink.TableMain or Rtnetlink.TableLocal,
        _ => false,
    };

    private bool ApplyNeighbour(ushort type, ReadOnlySpan<byte> body)
    {
        if (type is not (Rtnetlink.NewNeighbour or Rtnetlink.DeleteNeighbour) || !MessageParser.TryNeighbour(body, out Neighbour neighbour))
            return false;
        (int, IpAddress) key = (neighbour.InterfaceIndex, neighbour.Address);
        if (type == Rtnetlink.DeleteNeighbour)
            return _neighbours.Remove(key);
        if (_neighbours.TryGetValue(key, out Neighbour known) && known == neighbour)
            return false;
        _neighbours[key] = neighbour;
        return true;
    }

    // Headers of zeros ask for every family at once.
    private void ReadTopology()
    {
        _requests.Dump(Rtnetlink.GetLink, default(InterfaceMessage), _links.Clear, (_, body) =>
        {
            if (MessageParser.TryLink(body, out NetworkInterface? link))
                _links[link.Index] = link;
        });
        _requests.Dump(Rtnetlink.GetAddress, default(AddressMessage), _addresses.Clear, (_, body) =>
        {
            if (MessageParser.TryAddress(body, out int index, out InterfaceAddress address))
                _addresses.Add((index, address));
        });
        _requests.Dump(Rtnetlink.GetRoute, default(RouteMessage), ClearRoutes, (_, body) =>
        {
            if (!MessageParser.TryRoute(body, out uint table, out Route route))
                return;
            if (table == Rtnetlink.TableMain)
                _main.Add(route);
            else if (table == Rtnetlink.TableLocal)
                _local.Add(route);
        });
        ILookup<int, InterfaceAddress> addresses = _addresses.ToLookup(each => each.Index, each => each.Address);
        _interfaces = [.. from link in _links.Values orderby link.Index select link with { Addresses = [.. addresses[link.Index]] }];
        _mainTable = new RouteTable(_main);
        _localTable = new RouteTable(_local);
    }

    private void ClearRoutes()
    {
        _main.Clear();
        _local.Clear();
    }

    private void ReadNeighbours()
    {
        _requests.Dump(Rtnetlink.GetNeighbour, default(NeighbourMessage), _neighbours.Clear,
            (_, body) => ApplyNeighbour(Rtnetlink.NewNeighbour, body));
        _neighbourTable = new NeighbourTable(_neighbours.Values);
    }

    private void Publish() => _view = new NetworkView(_interfaces, _localTable, _mainTable, _neighbourTable);
}
