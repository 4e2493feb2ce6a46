using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Event;
using Director.Actors.Services;
using Director.Dataplane.Control;

namespace Director.Actors.Forwarding;

/// <summary>
/// The control plane's end of the forwarding table: hands each revision to the engine, all of it to a new engine, and shows
/// readers what is live (<see cref="LiveDirector"/>). One thing at a time: while the engine is asked, messages wait.
/// </summary>
public sealed class ForwardingActor : ReceiveActor, IWithStash, IWithTimers
{
    /// <summary>How long a change that is in the journal waits for an engine before its answer says so.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RecheckEvery = TimeSpan.FromSeconds(30);

    private readonly EngineConfiguration _configuration;
    private readonly ElectionConfiguration? _election;
    private readonly LiveDirector _live;
    private readonly ImmutableArray<string> _lastingWarnings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<IActorRef> _publishers = [];
    private readonly List<IActorRef> _starters = [];
    private ServiceTable _table = ServiceTable.Empty;
    private ulong _revision;
    private EngineLink? _link;
    private EngineAttached? _attached;
    private AddressConflict[] _conflicts = [];
    private string[] _tableWarnings = [];

    /// <param name="configuration">What the engine is told before the table.</param>
    /// <param name="election">Null: this director is alone, and owns.</param>
    /// <param name="live">Where readers look.</param>
    /// <param name="warnings">Of the configuration; shown in the status as long as this director runs.</param>
    public ForwardingActor(EngineConfiguration configuration, ElectionConfiguration? election, LiveDirector live, ImmutableArray<string> warnings)
    {
        _configuration = configuration;
        _election = election;
        _live = live;
        _lastingWarnings = warnings;
        Become(Unrestored);
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    private void Unrestored()
    {
        Receive<Restore>(restore =>
        {
            Take(restore.Table, restore.Revision);
            Show();
            Become(Restored);
            Stash.UnstashAll();
        });
        ReceiveAny(_ => Stash.Stash());
    }

    private void Restored()
    {
        ReceiveAsync<EngineUp>(AttachAsync);
        ReceiveAsync<Publish>(publish =>
        {
            _publishers.Add(Sender);
            ServiceTable before = _table;
            return PublishAsync(publish.Table, publish.Revision, link => link.PublishAsync(before, publish));
        });
        ReceiveAsync<Restore>(restore => PublishAsync(restore.Table, restore.Revision, link => link.ReplaceAsync(restore.Table, restore.Revision)));
        ReceiveAsync<Resync>(_ => PublishAsync(_table, _revision, link => link.ReplaceAsync(_table, _revision)));
        Receive<OutOfPatience>(_ => Answer($"recorded, but not in force yet: {_live.Current.Trouble}"));
        ReceiveAsync<Probe>(probe => ProbeAsync(probe.Addresses));
        ReceiveAsync<Recheck>(_ => RecheckAsync());
        Receive<AwaitEngine>(_ => Await(Sender));
    }

    private async Task AttachAsync(EngineUp up)
    {
        EngineLink link = new(up.Engine);
        try
        {
            _conflicts = Foreign(await link.AttachAsync(_configuration, _election, _table, _revision));
            if (Array.Find(_conflicts, IsFloatingOnHost) is { } floating)
                throw new EngineException($"floating address {Conflicts.Describe(floating)}");
            await link.OwnAsync();
            _link = link;
            foreach (AddressConflict conflict in _conflicts)
                _log.Error("{Conflict}", Conflicts.Describe(conflict));
            Timers.StartPeriodicTimer(nameof(Recheck), Recheck.Instance, RecheckEvery);
            _live.Set(_live.Current with { Attached = up });
            Attached(failure: null);
            Answer(warning: null);
        }
        catch (EngineException e)
        {
            _live.Set(_live.Current with { Failure = e.Message });
            Attached(e.Message);
        }
        Show();
    }

    // Among several directors the owner answers, as it should; who else does is found when the addresses are taken.
    private AddressConflict[] Foreign(AddressConflict[] conflicts) =>
        _election is null ? conflicts : Array.FindAll(conflicts, conflict => conflict.Mac is null);

    private bool IsFloatingOnHost(AddressConflict conflict) =>
        conflict.Mac is null && _configuration.FloatingAddresses.Any(floating => floating.Address.Equals(conflict.Address));

    private void Attached(string? failure)
    {
        _attached = new EngineAttached(failure);
        foreach (IActorRef starter in _starters)
            starter.Tell(_attached);
        _starters.Clear();
    }

    private void Await(IActorRef starter)
    {
        if (_attached is null)
            _starters.Add(starter);
        else
            starter.Tell(_attached);
    }

    /// <summary>What is published is in the journal already, so it is tried until an engine takes it.</summary>
    private async Task PublishAsync(ServiceTable table, ulong revision, Func<EngineLink, Task> hand)
    {
        Take(table, revision);
        Show();
        if (_link is null)
            return;
        try
        {
            await hand(_link);
            Timers.Cancel(nameof(Resync));
            Answer(warning: null);
        }
        catch (EngineException e)
        {
            _log.Warning("Revision {Revision} is not in force yet: {Reason}", revision, e.Message);
            Timers.StartSingleTimer(nameof(Resync), new Resync(), RetryAfter);
            if (!Timers.IsTimerActive(nameof(OutOfPatience)))
                Timers.StartSingleTimer(nameof(OutOfPatience), OutOfPatience.Instance, Patience);
        }
    }

    private async Task ProbeAsync(IPAddress[] addresses)
    {
        try
        {
            Sender.Tell(_link is null ? new Probed([], _live.Current.Trouble) : new Probed(await _link.ProbeAsync(addresses), null));
        }
        catch (EngineException e)
        {
            Sender.Tell(new Probed([], e.Message));
        }
    }

    /// <summary>A conflict that somebody has mended is no longer shown.</summary>
    private async Task RecheckAsync()
    {
        if (_link is null || _conflicts.Length == 0)
            return;
        IPAddress[] asked = [.. _conflicts.Select(conflict => conflict.Address).Where(Wanted).Distinct()];
        try
        {
            _conflicts = asked.Length == 0 ? [] : await _link.ProbeAsync(asked);
            Show();
        }
        catch (EngineException e)
        {
            _log.Debug("Addresses in conflict could not be checked again: {Reason}", e.Message);
        }
    }

    private bool Wanted(IPAddress address) => _table.HasAddress(address)
        || _configuration.FloatingAddresses.Any(floating => floating.Address.Equals(address)) || _configuration.LocalAddresses.Contains(address);

    private void Answer(string? warning)
    {
        Timers.Cancel(nameof(OutOfPatience));
        foreach (IActorRef publisher in _publishers)
            publisher.Tell(new Published(_revision, warning));
        _publishers.Clear();
    }

    // What is new about it is told once, here; the status shows all of it as long as it lasts.
    private void Take(ServiceTable table, ulong revision)
    {
        string[] before = _tableWarnings;
        (_table, _revision) = (table, revision);
        _tableWarnings = [.. table.Marks.Warnings(), .. Shadows.Of(table)];
        foreach (string warning in _tableWarnings.Except(before))
            _log.Warning("{Warning}", warning);
    }

    private void Show() => _live.Set(_live.Current with
    {
        Table = _table,
        Revision = _revision,
        Warnings = [.. _lastingWarnings, .. _tableWarnings, .. _conflicts.Select(Conflicts.Describe)],
    });

    private sealed class Recheck
    {
        public static readonly Recheck Instance = new();
    }

    private sealed class OutOfPatience
    {
        public static readonly OutOfPatience Instance = new();
    }
}
