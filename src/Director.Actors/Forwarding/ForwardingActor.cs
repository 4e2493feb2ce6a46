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

    private static readonly TimeSpan RecheckEvery = TimeSpan.FromSeconds(30);

    private readonly EngineConfiguration _configuration;
    private readonly LiveDirector _live;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<IActorRef> _publishers = [];
    private readonly List<IActorRef> _starters = [];
    private readonly ImmutableArray<string> _lastingWarnings;
    private ServiceTable _table = ServiceTable.Empty;
    private ulong _revision;
    private EngineLink? _link;
    private EngineAttached? _firstAttach;
    private AddressConflict[] _conflicts = [];

    /// <param name="configuration">What the engine is told before the table.</param>
    /// <param name="live">Where readers look.</param>
    /// <param name="warnings">Of the configuration; shown in the status as long as this director runs.</param>
    public ForwardingActor(EngineConfiguration configuration, LiveDirector live, ImmutableArray<string> warnings)
    {
        _configuration = configuration;
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
            (_table, _revision) = (restore.Table, restore.Revision);
            Show();
            Become(Restored);
            Stash.UnstashAll();
        });
        Receive<AwaitEngine>(_ => _starters.Add(Sender));
        ReceiveAny(_ => Stash.Stash());
    }

    private void Restored()
    {
        ReceiveAsync<Restore>(restore => PublishAsync(restore.Table, restore.Revision, link => link.ReplaceAsync(restore.Table, restore.Revision)));
        ReceiveAsync<EngineUp>(up => AttachAsync(up.Engine));
        Receive<EngineDown>(down => Lose(down.Reason));
        ReceiveAsync<Publish>(async publish =>
        {
            _publishers.Add(Sender);
            ServiceTable before = _table;
            await PublishAsync(publish.Table, publish.Revision, link => link.PublishAsync(before, publish));
        });
        ReceiveAsync<Probe>(probe => ProbeAsync(probe.Addresses));
        ReceiveAsync<Recheck>(_ => RecheckAsync());
        Receive<OutOfPatience>(_ => Answer($"recorded, but not in force yet: {_live.Current.EngineTrouble}"));
        Receive<AwaitEngine>(_ => Await(Sender));
    }

    private async Task AttachAsync(IForwardingEngine engine)
    {
        EngineLink link = new(engine);
        try
        {
            _conflicts = await link.AttachAsync(_configuration, _table, _revision);
            if (_firstAttach is null && Array.Find(_conflicts, IsFloatingOnHost) is { } floating)
                throw new EngineException($"floating address {Conflicts.Describe(floating)}");
            await link.OwnAsync();
            _link = link;
            foreach (AddressConflict conflict in _conflicts)
                _log.Error("{Conflict}", Conflicts.Describe(conflict));
            Timers.StartPeriodicTimer(nameof(Recheck), Recheck.Instance, RecheckEvery);
            Attached(failure: null);
            Answer(warning: null);
        }
        catch (EngineException e)
        {
            Attached(e.Message);
            Lose(e.Message);
        }
    }

    private bool IsFloatingOnHost(AddressConflict conflict) =>
        conflict.Mac is null && _configuration.FloatingAddresses.Any(floating => floating.Address.Equals(conflict.Address));

    private void Attached(string? failure)
    {
        _firstAttach ??= new EngineAttached(failure);
        Show(failure);
        foreach (IActorRef starter in _starters)
            starter.Tell(_firstAttach);
        _starters.Clear();
    }

    private void Await(IActorRef starter)
    {
        if (_firstAttach is null)
            _starters.Add(starter);
        else
            starter.Tell(_firstAttach);
    }

    private async Task PublishAsync(ServiceTable table, ulong revision, Func<EngineLink, Task> hand)
    {
        (_table, _revision) = (table, revision);
        if (_link is null)
        {
            // Readers see what the journal has; the answer waits a while for the engine.
            Show();
            Timers.StartSingleTimer(nameof(OutOfPatience), OutOfPatience.Instance, Patience);
            return;
        }
        try
        {
            await hand(_link);
            Show();
            Answer(warning: null);
        }
        catch (EngineException e)
        {
            Lose(e.Message);
            Timers.StartSingleTimer(nameof(OutOfPatience), OutOfPatience.Instance, Patience);
        }
    }

    private async Task ProbeAsync(IPAddress[] addresses)
    {
        try
        {
            Sender.Tell(_link is null ? new Probed([], _live.Current.EngineTrouble) : new Probed(await _link.ProbeAsync(addresses), null));
        }
        catch (EngineException e)
        {
            Sender.Tell(new Probed([], e.Message));
        }
    }

    /// <summary>A conflict that somebody has mended is no longer shown.</summary>
    private async Task RecheckAsync()
    {
        IPAddress[] asked = [.. _conflicts.Select(conflict => conflict.Address).Where(Wanted).Distinct()];
        if (_link is null || _conflicts.Length == 0)
            return;
        try
        {
            _conflicts = asked.Length == 0 ? [] : await _link.ProbeAsync(asked);
            Show();
        }
        catch (EngineException e)
        {
            Lose(e.Message);
        }
    }

    private bool Wanted(IPAddress address) => _table.HasAddress(address)
        || _configuration.FloatingAddresses.Any(floating => floating.Address.Equals(address)) || _configuration.LocalAddresses.Contains(address);

    private void Lose(string reason)
    {
        if (_link is not null)
            _log.Error("The engine is lost: {Reason}", reason);
        _link = null;
        Timers.Cancel(nameof(Recheck));
        Show(reason);
    }

    private void Answer(string? warning)
    {
        if (warning is null)
            Timers.Cancel(nameof(OutOfPatience));
        else if (_publishers.Count > 0)
            _log.Warning("Revision {Revision} is {Warning}", _revision, warning);
        foreach (IActorRef publisher in _publishers)
            publisher.Tell(new Published(_revision, warning));
        _publishers.Clear();
    }

    private void Show(string? trouble = null) => _live.Set(_live.Current with
    {
        Table = _table,
        Revision = _revision,
        Engine = _link?.Engine,
        EngineTrouble = trouble ?? _live.Current.EngineTrouble,
        Warnings = [.. _lastingWarnings, .. _conflicts.Select(Conflicts.Describe)],
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
