namespace Director.Dataplane.FullNat;

/// <summary>
/// Which of our addresses and ports each FULLNAT connection is spoken from. Ports are counted for each server by itself, so that
/// one local address has its 64,000 towards every server. Pools are made when servers are configured; a packet only takes
/// from one. Packet thread only.
/// </summary>
/// <param name="share">The ports.</param>
/// <param name="seed">Where each address begins towards each server; not to be guessed from outside.</param>
public sealed class LocalPorts(PortShare share, ulong seed)
{
    private readonly Dictionary<PortTarget, LocalPortPool> _pools = [];
    private readonly PortShare _share = share.Count > 0 ? share : throw new ArgumentOutOfRangeException(nameof(share), share, "It holds no port.");
    private LocalAddress[] _addresses = [];
    private ulong _refusedBefore;

    /// <summary>
    /// The addresses to speak from, from now on. True: they are others than before, all pools start anew, and the connections
    /// that are there have to be marked again.
    /// </summary>
    public bool Use(LocalAddress[] addresses)
    {
        if (addresses.AsSpan().SequenceEqual(_addresses))
            return false;
        _addresses = addresses;
        foreach (LocalPortPool pool in _pools.Values)
            pool.Use(AddressesFor(pool.Target), _share, seed);
        return true;
    }

    /// <summary>The pool towards this server; servers of several services that are the same one share it. Give it back with <see cref="Release"/>.</summary>
    public LocalPortPool Acquire(PortTarget target)
    {
        if (!_pools.TryGetValue(target, out LocalPortPool? pool))
        {
            pool = new LocalPortPool(target);
            pool.Use(AddressesFor(target), _share, seed);
            _pools.Add(target, pool);
        }
        pool.References++;
        return pool;
    }

    /// <summary>The server is gone, and its connections are.</summary>
    public void Release(LocalPortPool pool)
    {
        if (--pool.References > 0)
            return;
        _pools.Remove(pool.Target);
        _refusedBefore += pool.Refused;
        pool.Close();
    }

    public LocalPortsUsage Usage()
    {
        LocalPortsUsage sum = new(0, 0, _refusedBefore, 0);
        foreach (LocalPortPool pool in _pools.Values)
        {
            int inUse = pool.InUse;
            sum = new LocalPortsUsage(
                sum.InUse + (uint)inUse,
                sum.Capacity + (uint)pool.Capacity,
                sum.Refused + pool.Refused,
                Math.Max(sum.FullestPercent, pool.Capacity == 0 ? 0 : (uint)(inUse * 100L / pool.Capacity)));
        }
        return sum;
    }

    private LocalAddress[] AddressesFor(PortTarget target) => Array.FindAll(_addresses, local => local.Address.IsIpv4 == target.Address.IsIpv4);
}
