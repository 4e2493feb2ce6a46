using System.Collections.Immutable;
using System.Net;
using Director.Dataplane.Control;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// Which addresses are the engine's and on which segment, whether it owns them now, and what the segments are told about that:
/// announcements when they are taken or come to be, group memberships, probes before.
/// </summary>
public sealed class AddressKeeper(AddressClaims claims, ArpResponder arp, NeighborResponder neighbors, ListenerReporter listeners)
{
    // After taking the addresses: at once, and again for those who missed it.
    // NOTE RFC 4861 section 7.2.6 wants a second between advertisements; nobody waits that long for a VIP whose first one got lost.
    private static readonly int[] AnnouncementsAfterMilliseconds = [0, 100, 400, 1000];

    // A group that was joined is told again, since the first report may be lost (RFC 3810 section 6.1; 9.1: the robustness variable).
    private const int RejoinMilliseconds = 1000;

    // Addresses that a warning names.
    private const int MostTold = 8;

    private EngineConfiguration? _configuration;
    private EngineInterface[] _interfaces = [];
    private NetworkView _network = NetworkView.Empty;
    private IpAddress[] _strays = [];
    private long _ownedSince;
    private long _rejoinAt = long.MaxValue;
    private int _announcement = AnnouncementsAfterMilliseconds.Length;

    /// <summary>Milliseconds; set once a batch.</summary>
    public long Now { get; set; }

    public OwnedAddresses Owned => claims.Owned;

    public bool IsOwner => claims.IsOwner;

    /// <summary>Who else was heard to have one of our addresses.</summary>
    public IReadOnlyDictionary<IpAddress, MacAddress> ForeignClaims => claims.Foreign;

    /// <summary>The addresses of this configuration, of these services, in this network.</summary>
    public void Refresh(EngineConfiguration configuration, EngineInterface[] interfaces, NetworkView network, IEnumerable<IpAddress> virtualAddresses)
    {
        (_configuration, _interfaces, _network) = (configuration, interfaces, network);
        List<OwnedAddress> owned = [];
        foreach (FloatingAddress floating in configuration.FloatingAddresses)
        {
            if (Array.Find(interfaces, candidate => candidate.Name == floating.Interface) is { } home)
                owned.Add(new OwnedAddress(IpAddress.Of(floating.Address), AddressRole.Floating, home));
        }
        IpAddress[] vips = [.. virtualAddresses.Distinct()];
        _strays = [.. vips.Where(address => CanBeAsked(address) && FindHome(address) is null)];
        owned.AddRange(vips.Select(address => new OwnedAddress(address, AddressRole.Virtual, HomeOf(address))));
        owned.AddRange(configuration.LocalAddresses
            .Select(IpAddress.Of)
            .Select(address => new OwnedAddress(address, AddressRole.Local, HomeOf(address))));
        // What the host has configured stays the host's: two who answer are worse than one.
        OwnedAddresses before = claims.Owned;
        claims.Owned = new OwnedAddresses(owned.Where(address => CanBeAsked(address.Address) && !network.IsHostAddress(address.Address)));
        if (IsOwner)
            TellChanges(before);
    }

    public void Own(bool owner)
    {
        if (owner && !IsOwner)
        {
            _ownedSince = Now;
            _announcement = 0;
        }
        if (!owner && IsOwner)
        {
            foreach (EngineInterface each in _interfaces)
                listeners.Leave(each, Owned.GroupsOn(each).AsSpan());
        }
        claims.IsOwner = owner;
    }

    public void BeginProbe(IPAddress[] addresses)
    {
        foreach (IpAddress address in addresses.Select(IpAddress.Of))
        {
            claims.BeginProbe(address);
            if (address.IsIpv4)
                arp.Probe(address, HomeOf(address));
            else
                neighbors.Probe(address, HomeOf(address));
        }
    }

    public AddressConflict[] EndProbe(IPAddress[] addresses)
    {
        List<AddressConflict> conflicts = [];
        foreach (IPAddress text in addresses)
        {
            IpAddress address = IpAddress.Of(text);
            bool answered = claims.EndProbe(address, out MacAddress rival);
            if (_network.Interfaces.FirstOrDefault(candidate => candidate.Addresses.Any(own => own.Address == address)) is { } onHost)
                conflicts.Add(new AddressConflict(text, onHost.Name, null));
            else if (answered)
                conflicts.Add(new AddressConflict(text, HomeOf(address).Name, rival.ToString()));
        }
        return [.. conflicts];
    }

    /// <summary>What is said again after some time.</summary>
    public void Tick()
    {
        while (IsOwner && _announcement < AnnouncementsAfterMilliseconds.Length && Now - _ownedSince >= AnnouncementsAfterMilliseconds[_announcement])
        {
            _announcement++;
            JoinAll();
            foreach (OwnedAddress address in Owned.All)
                Announce(address);
        }
        if (Now < _rejoinAt)
            return;
        _rejoinAt = long.MaxValue;
        if (IsOwner)
            JoinAll();
    }

    /// <summary>
    /// What we call ourselves in ICMP errors to hosts of a segment: the floating address there, else the host's; but if there is any
    /// that is good beyond the link, then that. Towards our own host, whose kernel does not believe that others have its addresses, any
    /// that is ours.
    /// </summary>
    public IpAddress AddressOn(EngineInterface on, bool ipv4) => Owned.All
        .Where(address => on.HostMac is not null || (address.Home == on && address.Role == AddressRole.Floating))
        .Select(address => address.Address)
        .Concat(AddressesOf(on).Where(own => !own.IsTentative).Select(own => own.Address))
        .Where(address => address.IsIpv4 == ipv4)
        .OrderBy(address => address.IsLinkLocal)
        .FirstOrDefault();

    // A service may be of any address, even of one that nobody can have.
    private static bool CanBeAsked(IpAddress address) =>
        !address.IsUnspecified && !address.IsMulticast && !address.IsLoopback && address != IpAddress.Broadcast;

    private void TellChanges(OwnedAddresses before)
    {
        foreach (EngineInterface each in _interfaces)
        {
            (ImmutableArray<IpAddress> old, ImmutableArray<IpAddress> now) = (before.GroupsOn(each), Owned.GroupsOn(each));
            IpAddress[] joined = [.. now.Except(old)];
            listeners.Leave(each, [.. old.Except(now)]);
            listeners.Join(each, joined);
            if (joined.Length != 0)
                _rejoinAt = Now + RejoinMilliseconds;
        }
        foreach (OwnedAddress added in Owned.All)
        {
            if (!before.Contains(added.Address))
                Announce(added);
        }
    }

    private void JoinAll()
    {
        foreach (EngineInterface each in _interfaces)
            listeners.Join(each, Owned.GroupsOn(each).AsSpan());
    }

    private void Announce(OwnedAddress address)
    {
        if (address.Address.IsIpv4)
            arp.Announce(address);
        else
            neighbors.Advertise(address);
    }

    /// <summary>
    /// Virtual addresses in no subnet that we know: nobody asks for them on a segment, so that only what routers send there on purpose
    /// finds us. For the status.
    /// </summary>
    public IEnumerable<string> Warnings()
    {
        IpAddress[] strays = _strays;
        if (strays.Length == 0)
            return [];
        string more = strays.Length > MostTold ? $" and {strays.Length - MostTold} more" : "";
        return [$"in no subnet of an interface or floating address: {string.Join(", ", strays.Take(MostTold))}{more}; "
            + $"taken on {_interfaces[0].Name}, where routers must be told to send such packets to this director"];
    }

    // On the interface whose subnet holds it, else on the first.
    private EngineInterface HomeOf(IpAddress address) => FindHome(address) ?? _interfaces[0];

    private EngineInterface? FindHome(IpAddress address)
    {
        foreach (EngineInterface candidate in _interfaces)
        {
            if (AddressesOf(candidate).Any(own => own.Contains(address)) || _configuration!.FloatingAddresses.Any(floating =>
                floating.Interface == candidate.Name && address.IsIn(IpAddress.Of(floating.Address), floating.PrefixLength)))
            {
                return candidate;
            }
        }
        return null;
    }

    private ImmutableArray<InterfaceAddress> AddressesOf(EngineInterface on) => _network.FindInterface(on.Index)?.Addresses ?? [];
}
