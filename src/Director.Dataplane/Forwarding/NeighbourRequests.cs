using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Neighbours that the packet thread wants the kernel to resolve or check: a ring from the packet thread to the control
/// thread (one writer, one reader). Full means that enough is on the way already: a lost request is asked again by the next packet.
/// </summary>
public sealed class NeighbourRequests(Action wake)
{
    private const int Size = 8192;

    private readonly (int InterfaceIndex, IpAddress Address)[] _ring = new (int, IpAddress)[Size];
    private int _written;
    private int _read;

    public void Add(int interfaceIndex, IpAddress address)
    {
        int written = _written;
        if (written - Volatile.Read(ref _read) == Size)
            return;
        _ring[written % Size] = (interfaceIndex, address);
        Volatile.Write(ref _written, written + 1);
        wake();
    }

    public bool TryTake(out int interfaceIndex, out IpAddress address)
    {
        int read = _read;
        (interfaceIndex, address) = (0, default);
        if (read == Volatile.Read(ref _written))
            return false;
        (interfaceIndex, address) = _ring[read % Size];
        Volatile.Write(ref _read, read + 1);
        return true;
    }
}
