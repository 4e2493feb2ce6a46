using Director.Dataplane.Linux;

namespace Director.Dataplane.FullNat;

/// <summary>
/// The local addresses and ports towards one server. Addresses take turns, so that their ports are used evenly; one without a port
/// to give is passed over. Packet thread only; allocates nothing once made.
/// </summary>
public sealed class LocalPortPool
{
    private LocalAddress[] _addresses = [];
    private PortRing[] _rings = [];
    private SharedMemory? _memory;
    private int _next;

    internal LocalPortPool(PortTarget target) => Target = target;

    public PortTarget Target { get; }

    /// <summary>Ports that connections have.</summary>
    public int InUse
    {
        get
        {
            int inUse = 0;
            foreach (PortRing ring in _rings)
                inUse += ring.InUse;
            return inUse;
        }
    }

    public int Capacity { get; private set; }

    /// <summary>Connections that got no port.</summary>
    public ulong Refused { get; private set; }

    /// <summary>Servers (of several services) that share it.</summary>
    internal int References { get; set; }

    /// <summary>False: every port of every address is in use, or was until just now.</summary>
    /// <param name="now">Ticks of the connection clock.</param>
    /// <param name="local">Taken until <see cref="Free"/>.</param>
    public bool TryTake(uint now, out LocalEndpoint local)
    {
        for (int tried = 0; tried < _rings.Length; tried++)
        {
            int turn = _next;
            _next = _next + 1 == _rings.Length ? 0 : _next + 1;
            if (!_rings[turn].TryTake(now, out ushort port))
                continue;
            local = new LocalEndpoint(_addresses[turn].Number, _addresses[turn].Address, port);
            return true;
        }
        Refused++;
        local = default;
        return false;
    }

    /// <summary>The connection has ended; its port rests a while. An address that is no longer configured is nothing to us.</summary>
    public void Free(ushort number, ushort port, uint now) => RingOf(number)?.Free(port, now);

    /// <summary>Of a connection that was there before the pool was made: after a restart, or a change of the addresses.</summary>
    public void MarkUsed(ushort number, ushort port) => RingOf(number)?.MarkUsed(port);

    /// <summary>Starts anew with these addresses; what connections have is to be marked again.</summary>
    /// <exception cref="Control.EngineException">The kernel has no memory for it.</exception>
    internal void Use(LocalAddress[] addresses, PortShare share, ulong seed)
    {
        Close();
        if (addresses.Length == 0)
            return;
        long size = PortRing.SizeFor(share);
        _memory = SharedMemory.Private(size * addresses.Length);
        _addresses = addresses;
        _rings = new PortRing[addresses.Length];
        for (int i = 0; i < _rings.Length; i++)
            _rings[i] = new PortRing(share, _memory, size * i, StartOf(addresses[i].Number, seed));
        Capacity = share.Count * addresses.Length;
        _next = (int)(StartOf(0, seed) % (uint)addresses.Length);
    }

    internal void Close()
    {
        _rings = [];
        _addresses = [];
        _next = 0;
        Capacity = 0;
        _memory?.Dispose();
        _memory = null;
    }

    private PortRing? RingOf(ushort number)
    {
        for (int i = 0; i < _addresses.Length; i++)
        {
            if (_addresses[i].Number == number)
                return _rings[i];
        }
        return null;
    }

    private ulong StartOf(ushort number, ulong seed) => Mixed(
        Mixed(Mixed(seed ^ Target.Address.High) ^ Target.Address.Low) ^ ((ulong)Target.Protocol << 32 | (uint)Target.Port << 16 | number));

    // The finalizer of MurmurHash3: every bit of the number reaches every bit of the result.
    private static ulong Mixed(ulong number)
    {
        number = (number ^ (number >> 33)) * 0xFF51_AFD7_ED55_8CCD;
        number = (number ^ (number >> 33)) * 0xC4CE_B9FE_1A85_EC53;
        return number ^ (number >> 33);
    }
}
