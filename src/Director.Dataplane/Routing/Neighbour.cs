using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>How sure the host is of a neighbour's MAC address (RFC 4861 section 7.3.2, used for ARP too); the kernel's numbers.</summary>
public enum NeighbourState : byte
{
    /// <summary>Nothing is known.</summary>
    None = 0x00,

    /// <summary>Asked, no answer yet.</summary>
    Incomplete = 0x01,
    Reachable = 0x02,

    /// <summary>Was right some time ago; use it, and ask again.</summary>
    Stale = 0x04,
    Delay = 0x08,
    Probe = 0x10,

    /// <summary>Asked, nobody answered.</summary>
    Failed = 0x20,
    NoArp = 0x40,
    Permanent = 0x80,
}

/// <summary>An entry of the host's table of neighbours: of ARP, or of IPv6 neighbour discovery.</summary>
public readonly record struct Neighbour(int InterfaceIndex, IpAddress Address, MacAddress Mac, NeighbourState State)
{
    private const NeighbourState Usable = NeighbourState.Reachable | NeighbourState.Stale | NeighbourState.Delay
        | NeighbourState.Probe | NeighbourState.NoArp | NeighbourState.Permanent;

    /// <summary>Packets can be sent to <see cref="Mac"/>.</summary>
    public bool IsUsable => (State & Usable) != 0;
}
