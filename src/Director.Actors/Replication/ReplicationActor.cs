using System.Collections.Immutable;
using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Director.Actors.Cluster;
using Director.Actors.Election;
using Director.Actors.Forwarding;
using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Replication;

/// <summary>
/// Between the one who asks for an edit and the one who owns the VIPs, and between this director's table and the others'. Thin: the
/// <see cref="Replicator"/> decides, <see cref="AskedOwner"/> remembers who asked.
/// </summary>
/// <remarks>
/// | message | does |
/// |---|---|
/// | <see cref="Execute"/> | to the services here if this director takes edits, else to the owner; its answer is the answer |
/// | <see cref="Declare"/> | to the services if it changed and this director takes edits (<see cref="DeclarationJudgement"/>) |
/// | <see cref="OwnerIs"/> | who takes edits, under which epoch |
/// | <see cref="Written"/> | the services: this is in the journal; an edit is pushed, and <see cref="Stored"/> follows |
/// | <see cref="Merged"/> | the services: what a peer sent is in the journal; the peer is told |
/// | <see cref="PeerUp"/>, <see cref="PeerDown"/> | a peer is greeted, or forgotten |
/// | <see cref="ReplicaHello"/>, <see cref="ReplicaObjects"/>, <see cref="ReplicaStored"/> | from a peer |
/// | <see cref="ForwardedCommands"/>, <see cref="ForwardedAnswer"/> | a standby asks the owner, the owner answers |
/// </remarks>
public sealed class ReplicationActor : ReceiveActor, IWithTimers
{
    /// <summary>The actor is <c>/user/replication</c> of every director.</summary>
    public const string Name = "replication";

    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    private readonly IActorRef _services;
    private readonly IActorRef _forwarding;
    private readonly IActorRef _peers;
    private readonly LiveReplication _live;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, PeerInfo> _up = new(StringComparer.Ordinal);
    private readonly Dictionary<MergeStates, (string Peer, ulong Transfer)> _merging = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Peer, ulong Id), Parts> _asked = [];
    private readonly AskedOwner _questions;
    private Replicator _replicator;
    private readonly bool _isOneOfSeveral;
    private OwnerIs _ownership;
    private OwnDeclaration? _undecided;
    private ServiceTable? _table;
    private ulong _revision;
    private Declare? _declare;
    private string? _agreed;

    /// <param name="name"><c>director.name</c>.</param>
    /// <param name="services">Carries out and merges.</param>
    /// <param name="forwarding">Asked whether what was merged is live.</param>
    /// <param name="peers">Tells of peers.</param>
    /// <param name="live">Where readers look.</param>
    /// <param name="time">For time-outs.</param>
    /// <param name="isOneOfSeveral">There is an election, which will tell who owns (<see cref="OwnerIs"/>).</param>
    public ReplicationActor(string name, IActorRef services, IActorRef forwarding, IActorRef peers, LiveReplication live, TimeProvider time, bool isOneOfSeveral = false)
    {
        (_services, _forwarding, _peers, _live, _time) = (services, forwarding, peers, live, time);
        _replicator = new Replicator(name);
        // Until the election says something else whoever is asked takes the edit.
        _ownership = new OwnerIs(null, 1, Self: false);
        _isOneOfSeveral = isOneOfSeveral;
        _questions = new AskedOwner(Send);

        Receive<Execute>(execute => Hand(execute, Sender));
        Receive<Declare>(Take);
        Receive<OwnerIs>(Own);
        Receive<Written>(Take);
        Receive<Merged>(Acknowledge);
        Receive<PeerUp>(Meet);
        Receive<PeerDown>(Part);
        Receive<ReplicaHello>(hello => FromPeer(peer => Step(new ReplicatorInput.Heard(peer, hello))));
        Receive<ReplicaObjects>(objects => FromPeer(peer => Merge(peer, objects)));
        Receive<ReplicaStored>(stored => FromPeer(peer => Step(new ReplicatorInput.Stored(peer, stored.Transfer))));
        Receive<ForwardedCommands>(commands => FromPeer(peer => CarryOut(peer, commands)));
        Receive<CarriedOut>(done => Send(done.Peer, done.Id, isOwner: true, done.Result));
        Receive<ForwardedAnswer>(answer => FromPeer(peer => PassOn(peer, answer)));
        Receive<CommandBatchResult>(LogDeclared);
        Receive<Tick>(_ => Look());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Nobody else owns the addresses who could be asked instead.</summary>
    private bool TakesEdits => _ownership.Self || Owner is null;

    /// <summary>Another director that owns the addresses and can be asked.</summary>
    private string? Owner => _ownership is { Self: false, Name: { } owner } && _up.ContainsKey(owner)
        && _replicator.Peers.GetValueOrDefault(owner)?.Standing != PeerStanding.Stranger ? owner : null;

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    protected override void PreStart()
    {
        _services.Tell(new AttachReplication(Self));
        _peers.Tell(new ServePeers(Name, Self));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickEvery);
    }

    private void Hand(Execute execute, IActorRef replyTo, long? since = null)
    {
        if (Owner is { } owner)
            _questions.Ask(execute, replyTo, owner, Self, Now, since);
        else
            _services.Tell(execute, replyTo);
    }

    private void PassOn(string peer, ForwardedAnswer answer)
    {
        if (_questions.Take(peer, answer, Now) is not { } answered)
            return;
        // Whoever asked may look at once: what was edited shows here too by then.
        _forwarding.Ask<Flushed>(new Flush(), AnswerWithin).PipeTo(answered.ReplyTo, success: _ => answered.Result, failure: _ => answered.Result);
    }

    private void CarryOut(string peer, ForwardedCommands commands)
    {
        if (commands.Part == 0)
            _asked[(peer, commands.Id)] = new Parts();
        if (!_asked.TryGetValue((peer, commands.Id), out Parts? parts) || !parts.Add(commands.Part, commands.Bytes) || !commands.IsLast)
            return;
        _asked.Remove((peer, commands.Id));
        if (!_ownership.Self && _ownership.Name is not null)
        {
            Send(peer, commands.Id, isOwner: false, new CommandBatchResult([], _revision));
            return;
        }
        CommandBatch batch = JsonSerializer.Deserialize(parts.ToArray(), DirectorJson.Default.CommandBatch) ?? new CommandBatch([]);
        _services.Ask<CommandBatchResult>(new Execute(batch), AnswerWithin).PipeTo(Self, success: result => new CarriedOut(peer, commands.Id, result));
    }

    private void Send(string peer, ulong id, bool isOwner, CommandBatchResult result)
    {
        foreach ((uint part, bool isLast, byte[] bytes) in Parts.Of(JsonSerializer.SerializeToUtf8Bytes(result, DirectorJson.Default.CommandBatchResult)))
            Send(peer, Self, new ForwardedAnswer(id, part, isLast, isOwner, bytes));
    }

    private void Own(OwnerIs ownership)
    {
        _ownership = ownership;
        _services.Tell(new EditUnder(Math.Max(1, ownership.Epoch)));
        Judge();
        Agree();
        Show();
    }

    private void Take(Declare declare)
    {
        _declare = declare;
        _agreed = null;
        _undecided = new OwnDeclaration(declare, Sender, Now);
        _replicator = _replicator with { Declares = declare.Fingerprint };
        Judge();
        Step(new ReplicatorInput.Identified());
        Show();
    }

    private void Judge()
    {
        if (_undecided is not { } declared)
            return;
        bool settled = !_isOneOfSeveral || _ownership.Self || (Owner is { } owner && _replicator.Peers.GetValueOrDefault(owner)?.Standing == PeerStanding.Joined);
        if (!declared.IsDue(settled, Now))
        {
            if (declared.IsAnsweredBefore(_ownership is { Self: false, Name: not null }, Now))
            {
                declared.ReplyTo.Tell(new CommandBatchResult([], _revision));
                _undecided = declared with { ReplyTo = ActorRefs.Nobody };
            }
            return;
        }
        _undecided = null;
        // (Without a table the journal could not be read; the services say so.)
        if (_table is null || DeclarationJudgement.Applies(_table, declared.Asked.Fingerprint, TakesEdits, _replicator.Director))
        {
            _services.Tell(declared.Asked, declared.ReplyTo.IsNobody() ? Self : declared.ReplyTo);
            return;
        }
        _services.Tell(new MergeStates([], [new DeclarationSeen(declared.Asked.Fingerprint)]));
        declared.ReplyTo.Tell(new CommandBatchResult([], _revision));
    }

    private void Agree()
    {
        if (_declare is null || _undecided is not null || _table is null || !TakesEdits || _agreed == _declare.Fingerprint || !DeclarationJudgement.AllAgree(_replicator, _table))
            return;
        // Once: what was refused in part is not asked for again and again.
        _agreed = _declare.Fingerprint;
        _services.Tell(_declare, Self);
    }

    private void LogDeclared(CommandBatchResult answer)
    {
        foreach (CommandResult refused in answer.Results.Where(result => !result.Succeeded))
            _log.Error("A declared service was not applied: {Error} {Detail}", refused.Error, refused.Detail);
    }

    private void Take(Written written)
    {
        (ServiceTable? before, _table, _revision) = (_table, written.Table, written.Revision);
        if (before is null)
        {
            foreach (string peer in _up.Keys)
                Step(new ReplicatorInput.Appeared(peer));
        }
        else
        {
            foreach (EditOverridden overridden in _table.Replica.Overridden.Values.Where(each => !before.Replica.Overridden.ContainsKey(ObjectKey.Of(each))))
                _log.Warning("{Warning}", ReplicationWarnings.Of(overridden));
            if (before.Replica.Cluster != _table.Replica.Cluster)
                Step(new ReplicatorInput.Identified());
        }
        if (written.IsEdit)
            Step(new ReplicatorInput.Committed(written.Revision, written.Objects));
        Show();
    }

    private void Merge(string peer, ReplicaObjects objects)
    {
        if (_table is null || _replicator.Peers.GetValueOrDefault(peer)?.Standing != PeerStanding.Joined)
            return;
        MergeStates merge = new([.. objects.States.Select(state => state.Decode())], []);
        _merging[merge] = (peer, objects.Transfer);
        Step(new ReplicatorInput.Receives(peer));
        _services.Tell(merge);
    }

    private void Acknowledge(Merged merged)
    {
        if (!_merging.Remove(merged.Asked, out (string Peer, ulong Transfer) from))
            return;
        if (merged.Failure is null)
            Send(from.Peer, Self, new ReplicaStored(from.Transfer));
        else
            _log.Error("What {Peer} sent is not stored here: {Reason}", from.Peer, merged.Failure);
    }

    private void Meet(PeerUp up)
    {
        _up[up.Peer.Name] = up.Peer;
        if (_table is not null)
            Step(new ReplicatorInput.Appeared(up.Peer.Name));
        Show();
    }

    private void Part(PeerDown down)
    {
        string name = down.Peer.Name;
        _up.Remove(name);
        foreach ((string Peer, ulong Id) gone in _asked.Keys.Where(asked => asked.Peer == name).ToArray())
            _asked.Remove(gone);
        _questions.Lose(name);
        if (_table is not null)
            Step(new ReplicatorInput.Vanished(name));
        Show();
    }

    private void Look()
    {
        foreach ((Execute asked, IActorRef replyTo, long since) in _questions.Tick(Now))
            Hand(asked, replyTo, since);
        Judge();
        Step(new ReplicatorInput.Tick());
    }

    private void Step(ReplicatorInput input)
    {
        if (_table is null)
            return;
        (_replicator, ImmutableArray<ReplicatorEffect> effects) = _replicator.Step(input, _table, Now);
        foreach (ReplicatorEffect effect in effects)
            Do(effect);
        if (input is not ReplicatorInput.Heard)
            return;
        Judge();
        Agree();
        Show();
    }

    private void Do(ReplicatorEffect effect)
    {
        switch (effect)
        {
            case ReplicatorEffect.Greet greet:
                Send(greet.Peer, Self, greet.Hello);
                break;
            case ReplicatorEffect.Send send:
                Send(send.Peer, Self, send.Objects);
                break;
            case ReplicatorEffect.Identify identify:
                _services.Tell(new MergeStates([], [identify.Cluster]));
                break;
            case ReplicatorEffect.Replicated replicated:
                _services.Tell(new Stored(replicated.Revision));
                break;
            case ReplicatorEffect.Told told:
                Log(told.Peer);
                Show();
                break;
        }
    }

    private void Log(Peer peer)
    {
        if (peer.Standing == PeerStanding.Stranger)
            _log.Error("{Warning}", ReplicationWarnings.Stranger(peer, _table!));
        else if (peer.IsBehind)
            _log.Warning("{Peer} does not store edits in time: they are answered without it until it has caught up", peer.Name);
        else if (peer.InSync)
            _log.Info("{Peer} has the same services and settings as this director", peer.Name);
    }

    private bool Send(string peer, IActorRef self, object message)
    {
        if (!_up.TryGetValue(peer, out PeerInfo? info))
            return false;
        info.Select(Context, Name).Tell(message, self);
        return true;
    }

    // Messages of an incarnation that is not up (any more) are of no use.
    private void FromPeer(Action<string> act)
    {
        string address = Sender.Path.Address.ToString();
        if (_up.Values.FirstOrDefault(peer => peer.Address == address) is { } peer)
            act(peer.Name);
    }

    private void Show()
    {
        if (_table is null)
            return;
        _live.Set(new ReplicationView
        {
            Cluster = _table.Replica.Cluster?.Cluster,
            Owner = _ownership.Name,
            Epoch = Math.Max(_ownership.Epoch, _table.Replica.Epoch),
            Peers = [.. _replicator.Peers.Values.Select(peer => new ReplicationPeer(peer.Name, peer.InSync, peer.IsBehind, peer.Standing == PeerStanding.Stranger))],
            Warnings = ReplicationWarnings.Of(_replicator, _table),
        });
    }

    /// <param name="Peer">Who asked.</param>
    private sealed record CarriedOut(string Peer, ulong Id, CommandBatchResult Result);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
