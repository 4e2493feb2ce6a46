using System.Collections.Immutable;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>Why the engine has an address.</summary>
public enum AddressRole : byte
{
    /// <summary>Of a virtual service.</summary>
    Virtual,
    /// <summary>Follows the owner: a gateway of NAT real servers, say.</summary>
    Floating,
    /// <summary>A source of FULLNAT.</summary>
    Local,
}

/// <summary>An address that the engine answers for, on the segment of <paramref name="Home"/>.</summary>
public sealed record OwnedAddress(IpAddress Address, AddressRole Role, EngineInterface Home);

/// <summary>
/// The addresses that are the engine's and never the host's: virtual, floating and local ones. Immutable; the packet thread
/// gets a new one when services or the network change.
/// </summary>
public sealed class OwnedAddresses
{
    public static readonly OwnedAddresses None = new([]);

    private readonly Dictionary<IpAddress, OwnedAddress> _addresses;
    private readonly ImmutableArray<IpAddress>[] _groups;

    public OwnedAddresses(IEnumerable<OwnedAddress> addresses)
    {
        _addresses = [];
        foreach (OwnedAddress address in addresses)
            _addresses.TryAdd(address.Address, address);
        All = [.. _addresses.Values];
        _groups = [.. Enumerable.Range(0, All.Select(address => address.Home.Position + 1).DefaultIfEmpty().Max()).Select(Groups)];
    }

    public ImmutableArray<OwnedAddress> All { get; }

    /// <summary>The groups in which the IPv6 addresses of that segment are asked for, each once.</summary>
    public ImmutableArray<IpAddress> GroupsOn(EngineInterface on) => on.Position < _groups.Length ? _groups[on.Position] : [];

    public bool Contains(IpAddress address) => _addresses.ContainsKey(address);

    public OwnedAddress? Find(IpAddress address) => _addresses.GetValueOrDefault(address);

    /// <summary>A floating address lives on this segment: hosts there may use us as their gateway.</summary>
    public bool IsGateway(EngineInterface on)
    {
        foreach (OwnedAddress address in _addresses.Values)
        {
            if (address.Role == AddressRole.Floating && address.Home == on)
                return true;
        }
        return false;
    }

    /// <summary>A virtual address lives on this segment: clients are there.</summary>
    public bool HasVirtual(EngineInterface on)
    {
        foreach (OwnedAddress address in _addresses.Values)
        {
            if (address.Role == AddressRole.Virtual && address.Home == on)
                return true;
        }
        return false;
    }

    private ImmutableArray<IpAddress> Groups(int position) =>
    [
        .. All.Where(address => address.Home.Position == position && !address.Address.IsIpv4)
            .Select(address => Ipv6Multicast.SolicitedNode(address.Address))
            .Distinct(),
    ];
}
