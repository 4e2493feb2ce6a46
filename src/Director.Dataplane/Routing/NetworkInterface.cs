using System.Collections.Immutable;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>An address of the host. <paramref name="Broadcast"/> is unspecified if the subnet has none; IPv6 never has.</summary>
public readonly record struct InterfaceAddress(IpAddress Address, byte PrefixLength, IpAddress Broadcast = default)
{
    /// <summary>
    /// Duplicate address detection (RFC 4862 section 5.4) has not ended yet, or found another who has it: the host does not answer
    /// for the address, but it is its own all the same. False for an optimistic one (RFC 4429), which is in use.
    /// </summary>
    public bool IsTentative { get; init; }

    /// <summary>Whether <paramref name="other"/> is in the subnet; a /32 or /128 has none but itself.</summary>
    public bool Contains(IpAddress other) => other.IsIn(Address, PrefixLength);
}

/// <summary>An interface of the host as it is now.</summary>
public sealed record NetworkInterface(int Index, string Name)
{
    /// <summary>All zero for what is no Ethernet.</summary>
    public MacAddress Mac { get; init; }

    public int Mtu { get; init; }

    /// <summary>
    /// Lower than <see cref="Mtu"/> where the administrator or a router's advertisement (RFC 4861 section 4.6.4) says so; 0 if the
    /// interface has no IPv6.
    /// </summary>
    public int Ipv6Mtu { get; init; }

    public bool IsUp { get; init; }

    public bool HasCarrier { get; init; }

    /// <summary>IPv4 before IPv6, else in the kernel's order: the first of a family is its primary one.</summary>
    public ImmutableArray<InterfaceAddress> Addresses { get; init; } = [];

    /// <summary>Of packets to <paramref name="destination"/>.</summary>
    public int MtuTo(IpAddress destination) => destination.IsIpv4 || Ipv6Mtu == 0 ? Mtu : Math.Min(Mtu, Ipv6Mtu);
}
