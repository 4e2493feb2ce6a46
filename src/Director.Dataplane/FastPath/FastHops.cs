using Director.Dataplane.Forwarding;
using Director.Dataplane.Linux;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.FastPath;

/// <summary>
/// The next hops that the program knows by number. They follow the network: a new MAC is in force with the next packet. Packet
/// thread only.
/// </summary>
internal sealed class FastHops(Region<FastHop> hops)
{
    // All the room at once: nothing is allocated while packets go.
    private readonly Dictionary<(int Interface, IpAddress Neighbour, int Mtu), uint> _numbers = new((int)hops.Length);
    private readonly NextHop[] _ways = new NextHop[hops.Length];
    private uint _last; // number given last

    /// <summary>The number of this way, which is known; 0: there are too many, or it is the way into the host.</summary>
    public uint NumberOf(in NextHop way)
    {
        if (way is not { Resolved: true, Leaving: { HostMac: null } leaving })
            return 0;
        // Routes by one neighbour may differ in their MTU.
        if (!_numbers.TryGetValue((leaving.Index, way.Neighbour, way.Mtu), out uint number))
        {
            if (_numbers.Count + 1 == hops.Length)
                return 0;
            number = Next();
            _numbers.Add((leaving.Index, way.Neighbour, way.Mtu), number);
        }
        _ways[number] = way;
        hops[number].Set(way.Mac, leaving.AnswerMac, leaving.Index, way.Mtu);
        return number;
    }

    /// <summary>Neighbours changed; routes and interfaces did not.</summary>
    public void Update(NetworkView network)
    {
        foreach (uint number in _numbers.Values)
        {
            ref NextHop way = ref _ways[number];
            if (network.TryNeighbour(way.Leaving!.Index, way.Neighbour, out way.Mac, out _))
                hops[number].Set(way.Mac, way.Leaving.AnswerMac, way.Leaving.Index, way.Mtu);
            else
                hops[number].Clear();
        }
    }

    /// <summary>Packets by the program do not ask for their neighbours: the kernel is told that these are in use.</summary>
    public void Refresh(NextHops ways)
    {
        foreach (uint number in _numbers.Values)
            ways.AskFor(_ways[number]);
    }

    /// <summary>None is known any more: routes or interfaces changed.</summary>
    public void Clear()
    {
        foreach (uint number in _numbers.Values)
            hops[number].Clear();
        _numbers.Clear();
    }

    // A number is used again as late as possible: a program that runs right now may have read it from a record.
    private uint Next()
    {
        do
            _last = _last + 1 < hops.Length ? _last + 1 : 1;
        while (hops[_last].IsSet);
        return _last;
    }
}
