using Akka.Actor;
using Akka.Event;
using Director.Actors.Cluster.Joining;
using Director.Actors.Cluster.Link;
using Director.Actors.Cluster.Peering;
using MemberStatus = Akka.Cluster.MemberStatus;

namespace Director.Actors.Cluster;

/// <summary>
/// Keeps the link to other directors: finds them, makes one cluster with them (<see cref="JoinStep"/>), tells who is a peer
/// (<see cref="PeerStep"/>). Lives as long as the director (<c>/user/cluster</c>) and starts links as they are needed.
/// </summary>
/// <remarks>
/// | message | from | does |
/// |---|---|---|
/// | <see cref="LinkStarted"/> | itself | begins to look for others; a later one that failed is tried again |
/// | <see cref="LinkEnded"/> | the link | peers are down; the next link is started, unless the director stops |
/// | <see cref="FromContact"/> | another director | steps |
/// | <see cref="MembershipSeen"/>, <see cref="ConnectionClosed"/> | the link | steps |
/// | <see cref="LinkQuarantined"/> | the link | starts anew |
/// | <see cref="DomainEventSeen"/> | the link | goes to the director's event stream, for readers |
/// | <see cref="MemberCommand"/> | an operator | is handed to Akka |
/// | <see cref="AwaitCluster"/>, <see cref="StopCluster"/> | the host | answered when it listens, when it ended |
/// | Beat, Look | timers | signs of life to peers; hello to contacts, steps |
/// Messages of an earlier link are ignored: it has nothing to say any more.
/// </remarks>
public sealed class ClusterActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ClusterSettings _settings;
    private readonly LiveCluster _live;
    private readonly IActorRef _peersActor;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly List<IActorRef> _starters = [];
    private readonly List<IActorRef> _stoppers = [];

    private ClusterLink? _link;
    private JoinSettings _contacts = new("", []);
    private JoinState _joining;
    private AcquaintanceState _acquaintances = new();
    private ClusterView _view = ClusterView.None;
    private ulong _beats;

    public ClusterActor(ClusterSettings settings, LiveCluster live, IActorRef peers, TimeProvider time)
    {
        (_settings, _live, _peersActor, _time) = (settings, live, peers, time);
        _origin = time.GetTimestamp();
        _joining = JoinState.Begin(TimeSpan.Zero);

        Receive<LinkStarted>(Started);
        Receive<LinkEnded>(ended => IfCurrent(ended.Incarnation, Ended));
        Receive<FromContact>(said => IfCurrent(said.Incarnation, () => Hear(said)));
        Receive<MembershipSeen>(seen => IfCurrent(seen.Incarnation, () =>
        {
            _view = seen.View;
            Join(new JoinInput.Members([.. seen.View.Members.Select(member => member.Member)]));
            Show();
            // An operator had it leave: Akka's own way out may be held (ClusterLink).
            if (_link is { } link && _joining.Members.Any(member => member.Address == link.Address && member.Status is MemberStatus.Exiting))
                End(link);
        }));
        Receive<ConnectionClosed>(closed => IfCurrent(closed.Incarnation, () => Peer(new PeerInput.Closed(closed.Address))));
        Receive<LinkQuarantined>(told => IfCurrent(told.Incarnation, () => Restart($"{told.By} takes nothing from it any more")));
        Receive<DomainEventSeen>(seen => IfCurrent(seen.Incarnation, () => Context.System.EventStream.Publish(seen.Event)));
        Receive<MemberCommand>(Obey);
        Receive<AwaitCluster>(_ => Await());
        Receive<StopCluster>(Stop);
        Receive<Beat>(_ => SendBeats());
        Receive<Look>(_ => LookAround());
        Receive<StartLink>(_ => Start());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Look), new Look(), LookEvery);
        Timers.StartPeriodicTimer(nameof(Beat), new Beat(), _settings.BeatInterval);
        Start();
        Show();
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    private void IfCurrent(ulong incarnation, Action act)
    {
        if (_link?.Incarnation == incarnation)
            act();
    }

    private void Start()
    {
        (Func<ActorSystem> create, ulong incarnation, IActorRef self, EventStream log) = (_settings.CreateLink, _settings.Draw(), Self, Context.System.EventStream);
        Task.Run(() => ClusterLink.Start(create, incarnation, self, log)).PipeTo(Self);
    }

    private void Started(LinkStarted started)
    {
        foreach (IActorRef starter in _starters)
            starter.Tell(new ClusterStarted(started.Failure));
        _starters.Clear();
        if (started.Link is not { } link)
        {
            _log.Error("The link to other directors cannot be started: {Reason}", started.Failure);
            // The first one's failure ends the start of the director.
            if (_contacts.Self.Length > 0)
                Timers.StartSingleTimer(nameof(StartLink), new StartLink(), RetryAfter);
            return;
        }
        _link = link;
        _contacts = link.LookFor(_settings.Contacts);
        _joining = JoinState.Begin(Now, _joining);
        _peersActor.Tell(new LinkUp(link));
        _log.Info("Listening for other directors at {Address}; looking for {Contacts}", link.Address, _contacts.Contacts.IsEmpty ? "nobody" : string.Join(", ", _contacts.Contacts));
        if (_stoppers.Count > 0)
            End(link);
        else
            LookAround();
    }

    private void Ended()
    {
        _link = null;
        _view = ClusterView.None;
        if (_stoppers.Count == 0)
        {
            _peersActor.Tell(new LinkDown());
            Peer(new PeerInput.LinkLost("the link to other directors is started anew"));
            Start();
        }
        foreach (IActorRef stopper in _stoppers)
            stopper.Tell(new ClusterStopped());
    }

    private void Hear(FromContact said)
    {
        switch (said.Message)
        {
            case ContactHello hello when hello.Address == said.Address:
                Peer(new PeerInput.Hello(hello));
                if (_acquaintances.All.GetValueOrDefault(hello.Address) is { Refusal: null })
                    Join(new JoinInput.Hello(hello));
                break;
            case PeerBeat beat:
                Peer(new PeerInput.Beat(said.Address, beat.Incarnation));
                break;
            case PeerLeaving leaving:
                Peer(new PeerInput.Leaving(said.Address, leaving));
                break;
        }
    }

    private void LookAround()
    {
        if (_link is null)
            return;
        ContactHello hello = Introduce();
        // Members too: not everybody has everybody in its list.
        foreach (string contact in _contacts.Contacts.Union(_acquaintances.All.Keys).Union(_joining.Members.Select(member => member.Address)))
        {
            if (contact != _link.Address)
                _link.Send(contact, hello);
        }
        Peer(new PeerInput.Tick());
        Join(new JoinInput.Tick());
    }

    private void SendBeats()
    {
        if (_link is null)
            return;
        PeerBeat beat = new(_settings.Name, _link.Incarnation, ++_beats);
        foreach (PeerInfo peer in _acquaintances.Up)
            _link.Send(peer.Address, beat);
        Peer(new PeerInput.Tick());
    }

    private void Join(JoinInput input)
    {
        (_joining, JoinEffect? effect) = JoinStep.Step(_contacts, _joining, input, Now);
        switch (effect)
        {
            case JoinEffect.Found:
                _log.Info("No director is in a cluster: this one begins one");
                _link?.Found();
                break;
            case JoinEffect.Join join:
                _log.Info("Joining the cluster of {Address}", join.Address);
                _link?.Obey(new MemberCommand.Join(join.Address));
                break;
            case JoinEffect.Restart restart:
                Restart(restart.Reason);
                break;
            case JoinEffect.Down down:
                _log.Warning("Member {Address} is taken out of the cluster: {Reason}", down.Address, down.Reason);
                _link?.Obey(new MemberCommand.Down(down.Address));
                break;
        }
    }

    private void Peer(PeerInput input)
    {
        (_acquaintances, List<PeerEffect> effects) = PeerStep.Step(Introduce(), _acquaintances, input, Now);
        foreach (PeerEffect effect in effects)
            Carry(effect);
        if (effects.Count > 0)
            Show();
    }

    private void Carry(PeerEffect effect)
    {
        switch (effect)
        {
            case PeerEffect.Up { Peer: var peer }:
                _log.Info("Peer {Name} at {Address} is up", peer.Name, peer.Address);
                _peersActor.Tell(new PeerUp(peer with { Link = _link?.System }));
                break;
            case PeerEffect.Down { Told: var down }:
                _log.Warning("Peer {Name} at {Address} is down: {Detail}", down.Peer.Name, down.Peer.Address, down.Detail);
                _peersActor.Tell(down with { Peer = down.Peer with { Link = _link?.System } });
                break;
            case PeerEffect.Deaf { Name: var name }:
                Restart($"{name} does not hear what is sent over it");
                break;
            case PeerEffect.Report { IsError: true, Text: var text }:
                _log.Error("{Trouble}", text);
                break;
            case PeerEffect.Report { Text: var text }:
                _log.Warning("{Trouble}", text);
                break;
        }
    }

    private void Obey(MemberCommand command)
    {
        if (_link is not { } link)
        {
            Sender.Tell(new MemberCommandTaken("the link to other directors starts just now: try again in a moment"));
            return;
        }
        if (command is MemberCommand.Join)
            _joining = _joining with { Held = false };
        else if (command is MemberCommand.Leave && command.Address == link.Address)
            _joining = _joining with { Held = true };
        link.Obey(command);
        Sender.Tell(new MemberCommandTaken(null));
    }

    private void Await()
    {
        if (_link is null)
            _starters.Add(Sender);
        else
            Sender.Tell(new ClusterStarted(null));
    }

    private void Stop(StopCluster stop)
    {
        _stoppers.Add(Sender);
        Timers.CancelAll();
        if (_link is { } link && _stoppers.Count == 1)
        {
            Farewell(link, stop.Detail);
            End(link);
        }
    }

    private void Restart(string reason)
    {
        if (_link is not { } link)
            return;
        _log.Warning("The link to other directors is started anew: {Reason}. Forwarding goes on", reason);
        Farewell(link, "it joins another cluster");
        End(link);
    }

    private void Farewell(ClusterLink link, string detail)
    {
        foreach (PeerInfo peer in _acquaintances.Up)
            link.Send(peer.Address, new PeerLeaving(link.Incarnation, detail));
    }

    // LinkEnded follows.
    private static void End(ClusterLink link) => _ = link.EndAsync();

    private ContactHello Introduce() =>
        _settings.Introduce(_contacts.Self, _link?.Incarnation ?? 0, Now, _joining.Members) with { Hears = [.. _acquaintances.Heard] };

    private void Show() => _live.Set(new ClusterSnapshot
    {
        Configured = true,
        View = _view,
        Peers = [.. _acquaintances.Up],
        Warnings = [.. _acquaintances.Warnings],
    });

    private sealed record Beat;

    private sealed record Look;

    private sealed record StartLink;
}
