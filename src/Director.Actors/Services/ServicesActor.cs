using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Marks;
using Director.Actors.Replication;

namespace Director.Actors.Services;

/// <summary>
/// The coordinator of the services. Transactions go through in rounds (<see cref="Round"/>): probe new addresses, let each
/// service decide, journal, commit, publish, answer. The next round starts when this one has been answered.
/// </summary>
public sealed class ServicesActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan JournalPause = TimeSpan.FromSeconds(1);

    private readonly Props _journalProps;
    private readonly IActorRef _forwarding;
    private readonly LiveDirector _live;
    private readonly MarkState _marks;
    private readonly ReplicaIdentity _identity;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ServiceChildren _services;
    private readonly List<Func<ServiceTable, Request>> _queued = [];
    private readonly List<(MergeStates Asked, IActorRef ReplyTo)> _merges = [];
    private readonly List<IActorRef> _awaitingJournal = [];
    private IActorRef _replication = ActorRefs.Nobody;
    private ulong _epoch = 1;
    private IActorRef _journal = ActorRefs.Nobody;
    private string? _journalTrouble = "the journal is being read";
    private ServiceTable _table = ServiceTable.Empty;
    private ulong _revision;
    private Round? _round;
    private MergeRound? _merge;
    private bool _published;
    private bool _stored;
    private string? _warning;
    private bool _restored;
    private bool _appending;
    private long _rounds;

    /// <param name="journal">Of the journal's actor.</param>
    /// <param name="forwarding">Takes each revision.</param>
    /// <param name="live">Tells whether there is an engine.</param>
    /// <param name="capabilities">What commands may ask for.</param>
    /// <param name="marks">The configuration's mark rules, without those of the journal.</param>
    /// <param name="identity">Who makes the edits.</param>
    public ServicesActor(Props journal, IActorRef forwarding, LiveDirector live, Capabilities capabilities, MarkState marks, ReplicaIdentity identity)
    {
        _journalProps = journal;
        _forwarding = forwarding;
        _live = live;
        _marks = marks;
        _identity = identity;
        _services = new ServiceChildren(Context, capabilities, _log);

        Receive<Execute>(execute => Enqueue(Transaction(execute, Sender)));
        Receive<Declare>(declare => Enqueue(Transaction(declare, Sender)));
        Receive<Probed>(Continue);
        Receive<Decided>(Collect);
        Receive<Appended>(appended => Commit(appended.Sequence));
        Receive<AppendFailed>(failed => FailJournal($"the journal could not be written ({failed.Reason})"));
        Receive<Published>(published => Settle(published: true, warning: published.Warning));
        Receive<MergeStates>(Enqueue);
        Receive<Stored>(stored => Settle(stored: stored.Revision == _revision));
        Receive<AttachReplication>(Attach);
        Receive<EditUnder>(under => _epoch = under.Epoch);
        Receive<Observed>(_services.Observe);

        Receive<Recovered>(Restore);
        Receive<RecoveryFailed>(failed => TellJournalRead(failed.Cause));
        Receive<Terminated>(stopped => LoseJournal(stopped.ActorRef));
        Receive<OpenJournal>(_ => Open());
        Receive<AwaitJournal>(_ => Await(Sender));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Open();

    protected override void PreRestart(Exception reason, object message)
    {
        _round?.AnswerUnavailable("the director restarts its services", _revision);
        _queued.ForEach(request => new Round(0, [request(_table)], _table).AnswerUnavailable("the director restarts its services", _revision));
        base.PreRestart(reason, message);
    }

    /// <summary>A service that fails may have lost a decision that the round counts on: all begin again from the journal.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    private static Func<ServiceTable, Request> Transaction(Execute execute, IActorRef replyTo) => _ => new Request(replyTo, [.. execute.Batch.Commands]);

    // What a declaration comes to depends on what is there when its turn comes.
    private static Func<ServiceTable, Request> Transaction(Declare declare, IActorRef replyTo) => table => Declaration.Request(declare, table, replyTo);

    private void Enqueue(Func<ServiceTable, Request> request)
    {
        _queued.Add(request);
        if (IsIdle)
            StartRound();
    }

    private void Enqueue(MergeStates states)
    {
        _merges.Add((states, Equals(Sender, Context.System.DeadLetters) ? ActorRefs.Nobody : Sender));
        if (IsIdle)
            StartRound();
    }

    private bool IsIdle => _round is null && _merge is null;

    private void StartRound()
    {
        (_published, _stored) = (false, false);
        // Merges first: they wait for nobody, and edits are decided on top of them.
        if (_merges.Count > 0)
        {
            StartMerge();
            return;
        }
        if (_queued.Count == 0)
            return;
        _round = new Round(++_rounds, [.. _queued.Select(request => request(_table))], _table);
        _queued.Clear();
        if ((_journalTrouble ?? (_live.Current.Ready ? null : _live.Current.Trouble)) is { } trouble)
            Abandon(trouble);
        else if (_round.NewAddresses.Length > 0)
            _forwarding.Tell(new Probe(_round.NewAddresses));
        else
            Continue(new Probed([], null));
    }

    private void Continue(Probed probed)
    {
        if (probed.Failure is { } failure)
        {
            Abandon(failure);
            return;
        }
        _round!.Refuse(probed.Conflicts);
        _services.Decide(_round, _table);
        CloseIfDecided();
    }

    private void Collect(Decided decided)
    {
        if (_round is null || decided.Round != _round.Number)
            return;
        _round.Take(decided);
        CloseIfDecided();
    }

    private void CloseIfDecided()
    {
        if (!_round!.IsDecided)
            return;
        _round.Close(_identity, _epoch);
        if (_round.Events.IsEmpty)
            Commit(_revision);
        else
            Append(_round.Events);
    }

    private void StartMerge()
    {
        _merge = new MergeRound([.. _merges], _table, _identity.Now);
        _merges.Clear();
        if (_journalTrouble is { } trouble)
            EndMerge(trouble);
        else if (_merge.Events.IsEmpty)
            EndMerge();
        else
            Append(_merge.Events);
    }

    private void Append(ImmutableArray<DirectorEvent> events)
    {
        _appending = true;
        _journal.Tell(new Append(events));
    }

    private void Commit(ulong revision)
    {
        _appending = false;
        _revision = revision;
        ImmutableArray<DirectorEvent> events = _merge?.Events ?? _round!.Events;
        _table = events.Aggregate(_table, (table, happened) => table.Apply(happened));
        ImmutableArray<ObjectKey> objects = [.. events.Select(ObjectKey.Of).OfType<ObjectKey>().Distinct()];
        (_published, _stored, _warning) = (objects.IsEmpty && (_round?.Zeroes.IsEmpty ?? true), objects.IsEmpty || _merge is not null || _replication.IsNobody(), null);
        if (!events.IsEmpty)
            _replication.Tell(new Written(_table, _revision, objects, IsEdit: _merge is null));
        // On the disk is all that another director asks for; without an engine there is nothing to publish to either.
        _merge?.Answer();
        if (!_published && _merge is not null && !_live.Current.Ready)
        {
            _forwarding.Tell(new Forwarding.Restore(_table, _revision));
            _published = true;
        }
        else if (!_published)
            _forwarding.Tell(new Publish(_table, _revision, [.. events.OfType<ServiceEvent>().Select(e => e.Key)], _round?.Zeroes ?? []));
        Settle();
    }

    /// <summary>The round is over when the engine has it and every director that can be reached.</summary>
    private void Settle(bool published = false, bool stored = false, string? warning = null)
    {
        _published |= published;
        _stored |= stored;
        _warning ??= warning;
        if (IsIdle || _appending || !_published || !_stored)
            return;
        if (_warning is not null)
            _log.Warning("Revision {Revision} is {Warning}", _revision, _warning);
        if (_merge is not null)
            EndMerge();
        else
            Finish();
    }

    private void EndMerge(string? failure = null)
    {
        MergeRound merge = _merge!;
        _merge = null;
        if (failure is null && merge.Events.IsEmpty)
            merge.Answer();
        else if (failure is not null)
            merge.Answer(failure);
        else
        {
            _services.Adopt(merge.Events, _table);
            _services.Log(merge.Events, " by another director");
        }
        StartRound();
    }

    private void Finish()
    {
        if (_round is { } round)
        {
            round.Answer(_revision);
            _services.Commit(round, _table);
            _services.Log(round.Events, "");
        }
        _round = null;
        StartRound();
    }

    private void Abandon(string why)
    {
        _log.Warning("Commands are refused: {Reason}", why);
        _services.Abandon(_round!, _table);
        _round!.AnswerUnavailable(why, _revision);
        _round = null;
        StartRound();
    }

    private void Open() => _journal = Context.Watch(Context.ActorOf(_journalProps));

    private void Restore(Recovered recovered)
    {
        ServiceTable table = recovered.Table with { Replica = recovered.Table.Replica.Forget(recovered.Table, _identity.Now), Marks = _marks with { Added = recovered.Table.Marks.Added } };
        (_table, _revision, _journalTrouble, _restored) = (table, recovered.Sequence, null, true);
        _services.Restore(_table);
        _forwarding.Tell(new Forwarding.Restore(_table, _revision));
        _replication.Tell(new Written(_table, _revision, [], IsEdit: false));
        if (_table.Replica.Cluster is null)
            Self.Tell(new MergeStates([], [new ClusterIdentified(_identity.DrawCluster(), IsSettled: false)]), ActorRefs.NoSender);
        _log.Info("{Services} services restored from the journal, revision {Revision}", _table.Count, _revision);
        TellJournalRead(failure: null);
    }

    private void LoseJournal(IActorRef stopped)
    {
        if (!stopped.Equals(_journal))
            return;
        FailJournal("the journal cannot be written; see the log");
        if (!_restored)
            return;
        _log.Error("The journal has stopped; it is opened again in {Pause}", JournalPause);
        Timers.StartSingleTimer(nameof(OpenJournal), OpenJournal.Instance, JournalPause);
    }

    private void FailJournal(string trouble)
    {
        // From here on nothing is decided until the journal has been read again: what it holds is the truth.
        _journalTrouble = trouble;
        if (!_appending)
            return;
        _appending = false;
        if (_merge is not null)
            EndMerge(trouble);
        else
            Abandon(trouble);
    }

    private void Attach(AttachReplication attach)
    {
        _replication = attach.Replication;
        // A replication that failed meanwhile has forgotten what was waited for.
        Settle(stored: true);
        if (_restored)
            _replication.Tell(new Written(_table, _revision, [], IsEdit: false));
    }

    private void TellJournalRead(Exception? failure)
    {
        _awaitingJournal.ForEach(waiting => waiting.Tell(new JournalRead(_table.Count, failure)));
        _awaitingJournal.Clear();
    }

    private void Await(IActorRef waiting)
    {
        if (_journalTrouble is null)
            waiting.Tell(new JournalRead(_table.Count, null));
        else
            _awaitingJournal.Add(waiting);
    }

    private sealed class OpenJournal
    {
        public static readonly OpenJournal Instance = new();
    }
}
