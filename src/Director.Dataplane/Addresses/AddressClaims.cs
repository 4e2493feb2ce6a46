using Director.Dataplane.Election;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// Who else has addresses of ours, or that we ask about, as ARP and neighbour discovery hear it. We defend ours at most once in
/// 10 s (RFC 5227 section 2.4, which IPv6 has no equal of and takes no harm from).
/// </summary>
public sealed class AddressClaims(Ownership ownership)
{
    private const long DefendIntervalMilliseconds = 10_000;

    private readonly Dictionary<IpAddress, MacAddress> _foreign = [];
    private readonly Dictionary<IpAddress, long> _defended = [];
    private readonly HashSet<IpAddress> _probed = [];

    /// <summary>Set by the keeper; an owner answers, a standby only listens.</summary>
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

    /// <summary>Another director's, as the election knows it.</summary>
    public bool IsDirector(MacAddress mac) => ownership.IsDirector(mac);

    /// <summary>The address, if we answer for it on that segment now.</summary>
    public OwnedAddress? AnsweredOn(EngineInterface on, IpAddress address) =>
        IsOwner && Owned.Find(address) is { } ours && ours.Home == on ? ours : null;

    /// <summary>
    /// Somebody else has the address, or is about to take it. Remembered if we have it there, or ask about it; but not of another
    /// director of ours, with whom the election has to do.
    /// </summary>
    public void Note(IpAddress claimed, MacAddress by, EngineInterface on)
    {
        if (ownership.IsDirector(by))
            return;
        if (Owned.Find(claimed) is { } ours ? ours.Home == on : _probed.Contains(claimed))
            _foreign[claimed] = by;
    }

    /// <summary>As <see cref="Note"/>. What he said went to all: the address, if it is ours and to be defended now.</summary>
    public OwnedAddress? Contest(IpAddress claimed, MacAddress by, EngineInterface on, long nowMilliseconds)
    {
        Note(claimed, by, on);
        if (ownership.IsDirector(by) || AnsweredOn(on, claimed) is not { } ours
            || (_defended.TryGetValue(claimed, out long last) && nowMilliseconds - last < DefendIntervalMilliseconds))
        {
            return null;
        }
        _defended[claimed] = nowMilliseconds;
        return ours;
    }
}
