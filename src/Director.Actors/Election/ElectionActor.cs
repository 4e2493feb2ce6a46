using Akka.Actor;
using Akka.Event;
using Director.Actors.Cluster;
using Director.Actors.ConnectionSync;
using Director.Actors.Forwarding;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Election;

/// <summary>
/// directord's part in the election, which the engines hold among themselves: carries their frames over the cluster link, tells the
/// engine what it cannot hear, and tells others who owns. <c>/user/election</c>.
/// </summary>
/// <remarks>
/// | message | does |
/// |---|---|
/// | <see cref="ElectionFrameSent"/>, of the engine | goes to every peer |
/// | <see cref="ElectionWord"/>, of a peer | goes to the engine |
/// | <see cref="OwnershipChanged"/>, of the engine | shown to readers; subscribers are told of a new owner |
/// | <see cref="EngineLost"/> | peers need not wait for silence: <see cref="EngineGone"/>; readers see no owner here |
/// | <see cref="EngineGone"/>, of a peer | the engine is told that the peer's is dead |
/// | <see cref="PeerUp"/>, <see cref="PeerDown"/> | a closed association is a hint to the engine; silence is none |
/// | <see cref="SyncState"/>, from the event stream | the engine is told whether it could take over with every connection |
/// | <see cref="FailOver"/> | the engine resigns; answered when somebody else owns, or nobody does in time |
/// </remarks>
public sealed class ElectionActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan FailOverPatience = TimeSpan.FromSeconds(3);

    private readonly string _name;
    private readonly LiveDirector _director;
    private readonly LiveElection _live;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, PeerInfo> _peers = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _subscribers = [];
    private readonly List<IActorRef> _failingOver = [];
    private OwnerIs _owner = new(null, 0, false);

    /// <param name="name">This director's.</param>
    /// <param name="peers">Tells of the others.</param>
    /// <param name="director">Has the engine.</param>
    /// <param name="live">Where readers look.</param>
    public ElectionActor(string name, IActorRef peers, LiveDirector director, LiveElection live)
    {
        _name = name;
        _director = director;
        _live = live;
        _live.Set(_live.Current with { Names = _live.Current.Names.SetItem(DirectorId.Of(name), name) });
        Receive<ElectionFrameSent>(sent => TellPeers(new ElectionWord(sent.Frame)));
        Receive<ElectionWord>(word => _director.Current.Engine?.Hear(word.Frame));
        Receive<OwnershipChanged>(changed => Show(changed.Status));
        Receive<EngineLost>(_ => LoseEngine());
        Receive<EngineGone>(gone => Hint(ElectionHint.PeerDead, gone.Director));
        Receive<PeerUp>(up =>
        {
            _peers[up.Peer.Name] = up.Peer;
            _live.Set(_live.Current with { Names = _live.Current.Names.SetItem(DirectorId.Of(up.Peer.Name), up.Peer.Name) });
        });
        Receive<PeerDown>(down =>
        {
            _peers.Remove(down.Peer.Name);
            if (down.Reason == PeerDownReason.Closed)
                Hint(ElectionHint.PeerGone, down.Peer.Name);
        });
        Receive<SyncState>(sync => _director.Current.Engine?.Hint(ElectionHint.Synced, sync.InSync ? 1ul : 0));
        Receive<SubscribeOwner>(message => Subscribe(message.Subscriber));
        Receive<Terminated>(gone => _subscribers.Remove(gone.ActorRef));
        Receive<FailOver>(message => Begin(message.To));
        Receive<OutOfPatience>(_ => AnswerFailOver("no other director took over; this one went on", null));
        Context.System.EventStream.Subscribe(Self, typeof(SyncState));
        peers.Tell(new ServePeers(Self.Path.Name, Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private void TellPeers(Cluster.Wire.IWireMessage message)
    {
        foreach (PeerInfo peer in _peers.Values)
            peer.Select(Context, Self.Path.Name).Tell(message, Self);
    }

    private void Hint(ElectionHint hint, string director) => _director.Current.Engine?.Hint(hint, DirectorId.Of(director));

    private void Show(ElectionStatus status)
    {
        ElectionView before = _live.Current;
        bool took = status.Phase == ElectionPhase.Owner && before.Status.Phase != ElectionPhase.Owner;
        ElectionView now = before with { Status = status, TakeOvers = before.TakeOvers + (took ? 1 : 0) };
        _live.Set(now);
        if (status.Phase != before.Status.Phase)
            _log.Info("Election: {Phase}, epoch {Epoch}, since {Reason}", status.Phase, status.Epoch, status.Reason);
        foreach (string warning in status.Warnings.Except(before.Status.Warnings))
            _log.Warning("{Warning}", warning);
        OwnerIs owner = new(now.OwnerName, status.Epoch, status.Phase == ElectionPhase.Owner);
        if (owner == _owner)
            return;
        _owner = owner;
        foreach (IActorRef subscriber in _subscribers)
            subscriber.Tell(owner);
        if (_failingOver.Count > 0 && owner is { Self: false, Name: not null } && owner.Name != _name)
            AnswerFailOver(null, owner.Name);
    }

    // Who asks should not read of an owner that is none; who it is the next engine tells.
    private void LoseEngine()
    {
        TellPeers(new EngineGone(_name));
        ElectionStatus last = _live.Current.Status;
        _live.Set(_live.Current with
        {
            Status = last with { Phase = ElectionPhase.Standby, Owner = last.Phase == ElectionPhase.Owner ? 0 : last.Owner, Reason = "the engine has ended" },
        });
    }

    private void Subscribe(IActorRef subscriber)
    {
        if (!_subscribers.Add(subscriber))
            return;
        Context.Watch(subscriber);
        subscriber.Tell(_owner);
    }

    private void Begin(string? to)
    {
        if (!_owner.Self)
        {
            Sender.Tell(new FailedOver($"this director does not own the addresses; {_owner.Name ?? "nobody"} does", _owner.Name));
            return;
        }
        if (to is not null && !_peers.ContainsKey(to))
        {
            string known = _peers.Count == 0 ? "there is none" : string.Join(", ", _peers.Keys.Order(StringComparer.Ordinal));
            Sender.Tell(new FailedOver($"no other director {to} is within reach; {known}", _name));
            return;
        }
        _failingOver.Add(Sender);
        Timers.StartSingleTimer(nameof(OutOfPatience), OutOfPatience.Instance, FailOverPatience);
        _director.Current.Engine?.Hint(ElectionHint.Resign, to is null ? 0 : DirectorId.Of(to));
    }

    private void AnswerFailOver(string? error, string? owner)
    {
        Timers.Cancel(nameof(OutOfPatience));
        foreach (IActorRef asking in _failingOver)
            asking.Tell(new FailedOver(error, owner));
        _failingOver.Clear();
    }

    private sealed class OutOfPatience
    {
        public static readonly OutOfPatience Instance = new();
    }
}
