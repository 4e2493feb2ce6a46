using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>
/// Whether a segment with neither gateway nor real server still leads anywhere, now that no director is heard on it: the hosts that
/// were heard on it last (clients, by their questions for the VIP) are asked, and one that answers shows that it does. Nobody known is
/// like nobody there, until somebody is heard.
/// </summary>
public sealed class Witnesses
{
    /// <summary>So many hosts are remembered.</summary>
    public const int Most = 4;

    private readonly List<IpAddress> _hosts = new(Most);
    private TrackedLink _tracked = new([], all: false);
    private int _asked;

    public IReadOnlyList<IpAddress> Hosts => _tracked.Targets;

    /// <summary>The sender of an ARP packet on this segment; a host that tells of itself (gratuitous ARP) asks or answers nobody, and does not count.</summary>
    public void Heard(in ArpPacket arp)
    {
        IpAddress sender = IpAddress.FromIpv4(arp.SenderAddress);
        if (sender.IsUnspecified || arp.SenderAddress == arp.TargetAddress)
            return;
        if (!_hosts.Contains(sender))
        {
            if (_hosts.Count == Most)
                _hosts.RemoveAt(0);
            _hosts.Add(sender);
            TrackedLink now = new([.. _hosts], all: false);
            now.Follow(_tracked);
            _tracked = now;
        }
        _tracked.Heard(sender);
    }

    /// <summary>All are asked now; true: the questions before this one were answered by nobody, or there is nobody to ask.</summary>
    public bool Ask()
    {
        bool unanswered = _tracked.Ask().Length != 0;
        return _asked++ >= TrackedLink.MostUnanswered && (unanswered || _hosts.Count == 0);
    }

    /// <summary>There is no need to ask; what went unanswered before says nothing.</summary>
    public void Rest()
    {
        if (_asked == 0)
            return;
        _asked = 0;
        _tracked = new TrackedLink([.. _hosts], all: false);
    }
}
