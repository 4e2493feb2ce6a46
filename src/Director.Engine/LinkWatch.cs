using Director.Dataplane.Control;
using Director.Dataplane.Election;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Engine;

/// <summary>
/// Looks after the engine's interfaces for the election: carrier, and whether gateways or real servers answer
/// (<c>election.track-addresses</c>); on a service segment that has neither, whether anybody does when the other directors are not
/// heard on it (<see cref="Witnesses"/>). Control thread only.
/// </summary>
internal sealed class LinkWatch : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    // Of real servers; one of them is enough.
    private const int MostServers = 4;

    private static readonly IpAddress Elsewhere = IpAddress.FromIpv4(0xC000_0201); // 192.0.2.1, TEST-NET-1: only a default route leads there

    private readonly ElectionConfiguration _election;
    private readonly Func<bool> _segmentIsSilent;
    private readonly Action<string[]> _troubled;
    private readonly LoopTimer _timer;
    private readonly byte[] _frame = new byte[2048];
    private readonly List<Link> _links = [];
    private string[] _told = [];
    private long _askAt;

    /// <param name="election">What to track.</param>
    /// <param name="interfaces">Of the engine; the first one is the service segment's.</param>
    /// <param name="loop">Of the control thread.</param>
    /// <param name="segmentIsSilent">Other directors are there, and not heard on the service segment.</param>
    /// <param name="troubled">Told of what is wrong, in words, when that changed; none: all is well.</param>
    public LinkWatch(
        ElectionConfiguration election, IEnumerable<EngineInterface> interfaces, ControlLoop loop, Func<bool> segmentIsSilent, Action<string[]> troubled)
    {
        _election = election;
        _segmentIsSilent = segmentIsSilent;
        _troubled = troubled;
        // Not the way to the director's own host, which ends in this machine.
        foreach (EngineInterface each in interfaces.Where(each => each.HostMac is null))
            _links.Add(new Link(each, ElectionSocket.Open(each.Name), loop, Receive));
        _timer = loop.Every(Period, Look);
    }

    /// <summary>The addresses to ask for may be others now.</summary>
    public void Follow(NetworkView network, IEnumerable<IpAddress> realServers)
    {
        IpAddress[] servers = [.. realServers.Where(each => each.IsIpv4 && !network.IsHostAddress(each)).Distinct()];
        IpAddress gateway = network.TryRoute(Elsewhere, out Route route) ? route.Gateway : default;
        foreach (Link link in _links)
        {
            InterfaceAddress[] own = [.. (network.FindInterface(link.On.Index)?.Addresses ?? []).Where(each => each.Address.IsIpv4)];
            link.Own = own;
            TrackedLink now = Track(own, route.InterfaceIndex == link.On.Index ? gateway : default, servers);
            if (now.All == link.Tracked.All && now.Targets.SequenceEqual(link.Tracked.Targets))
                continue;
            now.Follow(link.Tracked);
            link.Tracked = now;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        foreach (Link link in _links)
            link.Dispose();
    }

    private TrackedLink Track(InterfaceAddress[] own, IpAddress gateway, IpAddress[] servers)
    {
        bool IsHere(IpAddress address) => own.Any(each => each.Contains(address) && each.Address != address);
        IpAddress[] listed = [.. _election.TrackAddresses.Select(IpAddress.Of).Where(IsHere)];
        if (!_election.TrackAutomatically || listed.Length != 0)
            return new TrackedLink(listed, all: true);
        return gateway.IsIpv4 && !gateway.IsUnspecified && IsHere(gateway)
            ? new TrackedLink([gateway], all: true)
            : new TrackedLink([.. servers.Where(IsHere).Order().Take(MostServers)], all: false);
    }

    private void Look()
    {
        long now = BootClock.Milliseconds;
        bool ask = now >= _askAt;
        if (ask)
            _askAt = now + TrackedLink.AskEvery;
        List<string> troubles = [];
        foreach (Link link in _links)
        {
            if (!link.Socket.HasCarrier)
            {
                troubles.Add($"{link.On.Name} has no carrier");
                continue;
            }
            if (ask)
                AskAt(link);
            if (link.Lost.Length != 0)
                troubles.Add($"{string.Join(", ", link.Lost)} on {link.On.Name} {(link.Lost.Length == 1 ? "does" : "do")} not answer");
            if (link.IsDeserted)
                troubles.Add($"no other director is heard on {link.On.Name}, and no other host answers there");
        }
        if (troubles.SequenceEqual(_told))
            return;
        _told = [.. troubles];
        _troubled(_told);
    }

    private void AskAt(Link link)
    {
        link.Lost = link.Tracked.Ask();
        Ask(link, link.Tracked.Targets);
        // A tracked address says more than a witness could.
        bool isSilent = link == _links[0] && link.Tracked.Targets.Count == 0 && _segmentIsSilent();
        link.IsDeserted = isSilent && link.Witnesses.Ask();
        if (isSilent)
            Ask(link, link.Witnesses.Hosts);
        else
            link.Witnesses.Rest();
    }

    private void Ask(Link link, IEnumerable<IpAddress> targets)
    {
        Span<byte> frame = _frame.AsSpan(0, EthernetHeader.Length + ArpPacket.Length);
        foreach (IpAddress target in targets)
        {
            IpAddress sender = Array.Find(link.Own, each => each.Contains(target)).Address;
            EthernetHeader.Write(frame, MacAddress.Broadcast, link.On.OwnMac, EtherType.Arp);
            ArpPacket.Write(frame[EthernetHeader.Length..], ArpPacket.Request, link.On.OwnMac, sender.Ipv4, default, target.Ipv4);
            _ = link.Socket.Send(frame); // what is not sent is not answered
        }
    }

    private void Receive(Link link)
    {
        link.Socket.TakeError();
        for (int length = link.Socket.Receive(_frame); length > 0; length = link.Socket.Receive(_frame))
        {
            if (EthernetHeader.TryParse(_frame.AsSpan(0, length), out EthernetHeader ethernet, out _)
                && ArpPacket.TryParse(ethernet.Payload, out ArpPacket arp, out _))
            {
                link.Tracked.Heard(IpAddress.FromIpv4(arp.SenderAddress));
                link.Witnesses.Heard(arp);
            }
        }
    }

    private sealed class Link : IDisposable
    {
        private readonly LoopSource _source;

        public Link(EngineInterface on, ElectionSocket socket, ControlLoop loop, Action<Link> ready)
        {
            On = on;
            Socket = socket;
            _source = loop.Register(socket.Descriptor, _ => ready(this));
        }

        public EngineInterface On { get; }

        public ElectionSocket Socket { get; }

        public InterfaceAddress[] Own { get; set; } = [];

        public TrackedLink Tracked { get; set; } = new([], all: false);

        public IpAddress[] Lost { get; set; } = [];

        public Witnesses Witnesses { get; } = new();

        /// <summary>Nobody is there, director or other host.</summary>
        public bool IsDeserted { get; set; }

        public void Dispose()
        {
            _source.Dispose();
            Socket.Dispose();
        }
    }
}
