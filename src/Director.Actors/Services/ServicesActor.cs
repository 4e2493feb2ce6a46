using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Marks;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// The coordinator of the services. Transactions go through in rounds (<see cref="Round"/>): probe new addresses, let each
/// service decide, journal, commit, publish, answer. The next round starts when this one has been answered.
/// </summary>
public sealed class ServicesActor : ReceiveActor, IWithTimers
{
    /// <summary>Services that are named in the log; of more only the number is told.</summary>
    private const int MostTold = 50;

    private static readonly TimeSpan JournalPause = TimeSpan.FromSeconds(1);

    private readonly Props _journalProps;
    private readonly IActorRef _forwarding;
    private readonly LiveDirector _live;
    private readonly Capabilities _capabilities;
    private readonly MarkState _marks;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<ServiceKey, IActorRef> _services = [];
    private readonly List<Func<ServiceTable, Request>> _queued = [];
    private readonly List<IActorRef> _awaitingJournal = [];
    private IActorRef _journal = ActorRefs.Nobody;
    private string? _journalTrouble = "the journal is being read";
    private ServiceTable _table = ServiceTable.Empty;
    private ulong _revision;
    private Round? _round;
    private bool _restored;
    private bool _appending;
    private long _rounds;
    private long _incarnations;

    /// <param name="journal">Of the journal's actor.</param>
    /// <param name="forwarding">Takes each revision.</param>
    /// <param name="live">Tells whether there is an engine.</param>
    /// <param name="capabilities">What commands may ask for.</param>
    /// <param name="marks">The configuration's mark rules, without those of the journal.</param>
    public ServicesActor(Props journal, IActorRef forwarding, LiveDirector live, Capabilities capabilities, MarkState marks)
    {
        _journalProps = journal;
        _forwarding = forwarding;
        _live = live;
        _capabilities = capabilities;
        _marks = marks;

        Receive<Execute>(execute => Enqueue(Transaction(execute, Sender)));
        Receive<Declare>(declare => Enqueue(Transaction(declare, Sender)));
        Receive<Probed>(Continue);
        Receive<Decided>(Collect);
        Receive<Appended>(appended => Commit(appended.Sequence));
        Receive<AppendFailed>(failed => FailJournal($"the journal could not be written ({failed.Reason})"));
        Receive<Published>(published => Finish(published.Warning));
        Receive<Observed>(PassOn);

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
        if (_round is null)
            StartRound();
    }

    private void StartRound()
    {
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
        foreach ((ServiceKey key, ImmutableArray<Numbered> commands) in _round.Share(_table, _capabilities))
            ServiceActor(key).Tell(new Decide(_round.Number, commands));
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
        _round.Close();
        if (_round.Events.IsEmpty)
            Commit(_revision);
        else
            Append();
    }

    private void Append()
    {
        _appending = true;
        _journal.Tell(new Append(_round!.Events));
    }

    private void Commit(ulong revision)
    {
        _appending = false;
        _revision = revision;
        _table = _round!.Events.Aggregate(_table, (table, happened) => table.Apply(happened));
        if (_round.Events.IsEmpty && _round.Zeroes.IsEmpty)
            Finish();
        else
            _forwarding.Tell(new Publish(_table, _revision, [.. _round.Events.OfType<ServiceEvent>().Select(e => e.Key)], _round.Zeroes));
    }

    private void Finish(string? warning = null)
    {
        if (warning is not null)
            _log.Warning("Revision {Revision} is {Warning}", _revision, warning);
        if (_round is { } round)
        {
            round.Answer(_revision);
            TellServices(round);
            Log(round.Events);
        }
        _round = null;
        StartRound();
    }

    // After the answer: nobody has to wait for ten thousand services to put their servers in order. (Should the journal have been read
    // again meanwhile, they begin from what it holds, and there is nothing to tell those that it does not.)
    private void TellServices(Round round)
    {
        foreach (ServiceKey key in round.Participants.Where(_services.ContainsKey))
        {
            _services[key].Tell(new Commit(round.Number));
            if (_table.Find(key) is null)
                Forget(key);
        }
    }

    private void Log(ImmutableArray<DirectorEvent> events)
    {
        ServiceEvent[] told = [.. events.OfType<ServiceEvent>().Where(happened => happened is ServiceAdded or ServiceDeleted)];
        if (told.Length > MostTold)
        {
            _log.Info("{Added} services added, {Deleted} deleted", told.Count(happened => happened is ServiceAdded), told.Count(happened => happened is ServiceDeleted));
            return;
        }
        foreach (ServiceEvent happened in told)
            _log.Info("{Service} {Change}", happened.Key, happened is ServiceAdded ? "added" : "deleted");
    }

    private void Abandon(string why)
    {
        _log.Warning("Commands are refused: {Reason}", why);
        foreach (ServiceKey key in _round!.Participants)
        {
            _services[key].Tell(new Abandon(_round.Number));
            if (_table.Find(key) is null)
                Forget(key);
        }
        _round.AnswerUnavailable(why, _revision);
        _round = null;
        StartRound();
    }

    private IActorRef ServiceActor(ServiceKey key)
    {
        if (!_services.TryGetValue(key, out IActorRef? service))
        {
            // The number keeps a service that is added again apart from the one that is just stopping.
            string name = string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(key.ToString())}-{++_incarnations}");
            ServiceState state = _table.StateOf(key);
            service = Context.ActorOf(Made<VirtualServiceActor>.By(() => new VirtualServiceActor(state, _capabilities)), name);
            _services.Add(key, service);
        }
        return service;
    }

    private void Forget(ServiceKey key)
    {
        // After its Commit or Abandon: Stop would overtake them.
        _services[key].Tell(PoisonPill.Instance);
        _services.Remove(key);
    }

    private void PassOn(Observed observed)
    {
        foreach (ServiceStatistics seen in observed.Statistics.Services)
        {
            if (_services.TryGetValue(seen.Key, out IActorRef? service))
                service.Tell(seen);
        }
    }

    private void Open() => _journal = Context.Watch(Context.ActorOf(_journalProps));

    private void Restore(Recovered recovered)
    {
        foreach (IActorRef service in _services.Values)
            Context.Stop(service);
        _services.Clear();
        ServiceTable table = recovered.Table with { Marks = _marks with { Added = recovered.Table.Marks.Added } };
        (_table, _revision, _journalTrouble, _restored) = (table, recovered.Sequence, null, true);
        foreach (VirtualService service in _table.Services)
            ServiceActor(service.Key);
        _forwarding.Tell(new Forwarding.Restore(_table, _revision));
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
        Abandon(trouble);
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
