using Akka.Actor;
using Akka.Event;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Wire;
using Director.Actors.Election;
using Director.Actors.Forwarding;
using Director.Dataplane.Control;
using Director.Dataplane.Synchronization;

namespace Director.Actors.ConnectionSync;

/// <summary>
/// Carries batches of connections between the engines of the owner and of its standbys (<c>/user/sync</c>). It looks into none of
/// them: engines number, check, bound and repeat what they say; what is lost on this way they ask for again.
/// </summary>
/// <remarks>
/// | message | does |
/// |---|---|
/// | <see cref="EngineUp"/> | the engine to carry for |
/// | <see cref="Resync"/> | it was restarted: as owner, everything from the beginning |
/// | <see cref="OwnerIs"/> | we own: every peer is to be kept in sync; else none |
/// | <see cref="PeerUp"/>, <see cref="PeerDown"/> | as owner: one more, one less |
/// | <see cref="SyncedBatch"/> | from our engine: to the peer |
/// | <see cref="SyncBatchMessage"/> | from a peer: to our engine, and its answer back |
/// | <see cref="SyncAckMessage"/> | from a peer: to our engine |
/// | <see cref="UnreadableMessage"/> | a line in the log |
/// </remarks>
public sealed class SyncLinkActor : ReceiveActor, IWithTimers
{
    /// <summary>The actor's name, under which peers find it.</summary>
    public const string Name = "sync";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly SyncOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<ulong, PeerInfo> _peers = [];
    private readonly IActorRef _self = Context.Self;
    private IForwardingEngine? _engine;
    private OwnerIs _owner = new(null, 0, false);
    private SyncState _state = new(false, 0);

    public SyncLinkActor(SyncOptions options, IActorRef peers, IActorRef election)
    {
        _options = options;
        Receive<EngineUp>(up => Use(up.Engine));
        Receive<Resync>(_ => StartAll());
        Receive<OwnerIs>(Own);
        Receive<PeerUp>(up =>
        {
            _peers[DirectorId.Of(up.Peer.Name)] = up.Peer;
            if (_owner.Self)
                Set(DirectorId.Of(up.Peer.Name), runs: true);
        });
        Receive<PeerDown>(down =>
        {
            _peers.Remove(DirectorId.Of(down.Peer.Name));
            if (_owner.Self)
                Set(DirectorId.Of(down.Peer.Name), runs: false);
        });
        Receive<SyncedBatch>(batch =>
        {
            if (_peers.TryGetValue(batch.Peer, out PeerInfo? peer))
                peer.Select(Context, Name).Tell(new SyncBatchMessage(batch.Batch), Self);
        });
        Receive<SyncBatchMessage>(Receive);
        Receive<Answered>(Answer);
        Receive<SyncAckMessage>(message => Attempt(engine => engine.AcknowledgeSyncAsync(DirectorId.Of(message.Name), message.Ack, CancellationToken.None)));
        Receive<UnreadableMessage>(message => _log.Warning("{Fault}", message.Describe(Sender.Path.Address.ToString())));
        Receive<Done>(_ => { });
        Receive<Failed>(failed =>
        {
            _log.Debug("Connection sync: {Reason}", failed.Reason);
            if (failed.Again)
                Timers.StartSingleTimer(nameof(StartAll), new Resync(), RetryAfter);
        });
        peers.Tell(new ServePeers(Name, Self));
        election.Tell(new SubscribeOwner(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PostStop() => Use(null);

    private void Use(IForwardingEngine? engine)
    {
        if (_engine == engine)
            return;
        if (_engine is not null)
            _engine.SyncProduced -= Carry;
        _engine = engine;
        if (engine is null)
            return;
        engine.SyncProduced += Carry;
        StartAll();
    }

    // On a thread of the engine's connection.
    private void Carry(SyncedBatch batch) => _self.Tell(batch);

    private void Own(OwnerIs owner)
    {
        if (owner == _owner)
            return;
        bool told = _owner.Self;
        _owner = owner;
        Note(new SyncState(false, owner.Epoch));
        if (owner.Self || told)
            SetAll(runs: owner.Self);
    }

    private void StartAll()
    {
        if (_owner.Self)
            SetAll(runs: true);
    }

    private void SetAll(bool runs)
    {
        foreach (ulong peer in _peers.Keys)
            Set(peer, runs);
    }

    private void Set(ulong peer, bool runs)
    {
        SyncPeer wanted = new(
            peer, runs, DirectorId.Of(_options.Self), _owner.Epoch, _options.Strict, (uint)_options.StrictTimeout.TotalMilliseconds);
        Attempt(engine => engine.SetSyncPeerAsync(wanted, CancellationToken.None), again: true);
    }

    private void Receive(SyncBatchMessage message)
    {
        if (_engine is not { } engine)
            return;
        IActorRef sender = Sender;
        Ask(() => engine.ReceiveSyncAsync(new SyncedBatch(0, message.Batch), CancellationToken.None))
            .PipeTo(Self, success: ack => new Answered(sender, ack), failure: e => new Failed(e.Message, false));
    }

    private void Answer(Answered answered)
    {
        answered.To.Tell(new SyncAckMessage(_options.Self, answered.Ack), Self);
        Note(new SyncState((answered.Ack.Flags & SyncAckFlags.InSync) != 0, answered.Ack.Epoch));
    }

    private void Note(SyncState state)
    {
        if (state == _state)
            return;
        if (state.InSync != _state.InSync)
            _log.Info(state.InSync ? "Connections are in sync with the owner's (epoch {Epoch})" : "Connections are not in sync (epoch {Epoch})", state.Epoch);
        _state = state;
        Context.System.EventStream.Publish(state);
    }

    private void Attempt(Func<IForwardingEngine, Task> call, bool again = false)
    {
        if (_engine is { } engine)
            Ask(async () => { await call(engine); return Done.Instance; }).PipeTo(Self, failure: e => new Failed(e.Message, again));
    }

    // An engine that is being started again refuses at once: that is an answer too, not this actor's end.
    private static async Task<T> Ask<T>(Func<Task<T>> call) => await call();

    private sealed record Answered(IActorRef To, SyncAck Ack);

    private sealed record Failed(string Reason, bool Again);

    private sealed class Done : INoSerializationVerificationNeeded
    {
        public static readonly Done Instance = new();
    }
}
