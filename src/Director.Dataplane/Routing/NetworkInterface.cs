using System.Collections.Immutable;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>An IPv4 address of the host; <paramref name="Broadcast"/> is 0 if the subnet has none.</summary>
public readonly record struct InterfaceAddress(uint Address, byte PrefixLength, uint Broadcast = 0)
{
    /// <summary>Whether <paramref name="other"/> is in the subnet; a /32 has none but itself.</summary>
    public bool Contains(uint other) => ((Address ^ other) & RouteTable.Mask(PrefixLength)) == 0;
}

/// <summary>An interface of the host as it is now.</summary>
public sealed record NetworkInterface(int Index, string Name)
{
    /// <summary>All zero for what is no Ethernet.</summary>
    public MacAddress Mac { get; init; }

    public int Mtu { get; init; }

    public bool IsUp { get; init; }

    public bool HasCarrier { get; init; }

    /// <summary>In the kernel's order: the first is the primary one.</summary>
    public ImmutableArray<InterfaceAddress> Addresses { get; init; } = [];
}
