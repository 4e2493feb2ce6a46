using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// Who else has addresses of ours, or that we ask about, as ARP and neighbour discovery hear it. We defend ours at most once in
/// 10 s (RFC 5227 section 2.4, which IPv6 has no equal of and takes no harm from).
/// </summary>
public sealed class AddressClaims
{
    private const long DefendIntervalMilliseconds = 10_000;

    private readonly Dictionary<IpAddress, MacAddress> _foreign = [];
    private readonly Dictionary<IpAddress, long> _defended = [];
    private readonly HashSet<IpAddress> _probed = [];

    /// <summary>Set by the core; an owner answers, a standby only listens.</summary>
    public OwnedAddresses Owned { get; set; } = OwnedAddresses.None;

    public bool IsOwner { get; set; }

    /// <summary>Who else was heard to have one of our (or the probed) addresses.</summary>
    public IReadOnlyDictionary<IpAddress, MacAddress> Foreign => _foreign;

    public void BeginProbe(IpAddress address)
    {
        _foreign.Remove(address);
        _probed.Add(address);
    }

    /// <summary>Whether somebody answered the probe, and who.</summary>
    public bool EndProbe(IpAddress address, out MacAddress rival)
    {
        _probed.Remove(address);
        bool answered = _foreign.TryGetValue(address, out rival);
        if (!Owned.Contains(address))
            _foreign.Remove(address);
        return answered;
    }

    /// <summary>Somebody else says that the address is his. True: ours, and to be defended now.</summary>
    public bool Note(IpAddress claimed, MacAddress by, EngineInterface on, long nowMilliseconds, out OwnedAddress? ours)
    {
        ours = Owned.Find(claimed);
        if (claimed.IsUnspecified || (ours is null && !_probed.Contains(claimed)) || (ours is not null && ours.Home != on))
            return false;
        _foreign[claimed] = by;
        if (ours is null || !IsOwner || (_defended.TryGetValue(claimed, out long last) && nowMilliseconds - last < DefendIntervalMilliseconds))
            return false;
        _defended[claimed] = nowMilliseconds;
        return true;
    }
}
