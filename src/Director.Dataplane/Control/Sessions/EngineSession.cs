using System.Net;
using System.Threading.Channels;
using Director.Model;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Control.Sessions;

/// <summary>
/// directord's engine, whichever process that is at the moment: executes what <see cref="SessionStep"/> decides and passes
/// calls on to the engine that is attached. Calls fail while there is none. What was configured is remembered for the next engine.
/// </summary>
public sealed class EngineSession : IForwardingEngine, IAsyncDisposable
{
    private readonly EngineAccess _access;
    private readonly TimeProvider _time;
    private readonly Action<EngineEvent> _told;
    private readonly long _origin;
    private readonly Channel<SessionInput> _inputs = Channel.CreateUnbounded<SessionInput>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private SafeFileHandle[] _memory = [];
    private volatile EngineConfiguration? _configuration;
    private volatile ElectionConfiguration? _election;
    private volatile Timeouts? _timeouts;
    private volatile MarkRule[]? _marks;
    private volatile Settings? _settings;
    private volatile SessionState _state;
    private volatile EngineClient? _client;
    private Task _running = Task.CompletedTask;
    private Task _connecting = Task.CompletedTask;

    /// <param name="access">Without <see cref="EngineAccess.Start"/> the session waits for an engine that somebody else starts.</param>
    /// <param name="time">For delays.</param>
    /// <param name="told">Takes what the engine tells by itself, and the session's own log lines; from any thread.</param>
    public EngineSession(EngineAccess access, TimeProvider time, Action<EngineEvent> told)
    {
        _access = access;
        _time = time;
        _told = told;
        _origin = time.GetTimestamp();
        _state = new SessionState(access.Start is not null);
    }

    /// <summary>
    /// The engine's table is not what was applied last: push the full one. Raised on a pool thread, after each such attach.
    /// </summary>
    public event Action? ResyncNeeded;

    public SessionState State => _state;

    /// <summary>Who is attached; null while nobody is.</summary>
    public EngineIdentity? Engine => _client?.Engine;

    /// <summary>Attaches for the first time; the engine's revision is <see cref="SessionState.EngineRevision"/> then.</summary>
    /// <exception cref="EngineException">There is no engine to be had; what to do.</exception>
    public Task OpenAsync(CancellationToken cancellation)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        Put(new Open());
        return _opened.Task.WaitAsync(cancellation);
    }

    public async Task ConfigureAsync(EngineConfiguration configuration, CancellationToken cancellation)
    {
        EngineClient client = Current();
        await client.ConfigureAsync(configuration, cancellation).ConfigureAwait(false);
        _configuration = configuration;
        Put(new ConfigurationGiven());
        HoldMemory(client);
    }

    public async Task<ulong> ApplyAsync(TableUpdate update, CancellationToken cancellation)
    {
        ulong live = await Current().ApplyAsync(update, cancellation).ConfigureAwait(false);
        if (live == update.Revision)
            Put(new TableApplied(live));
        return live;
    }

    public Task<AddressConflict[]> ProbeAsync(IPAddress[] addresses, CancellationToken cancellation) =>
        Current().ProbeAsync(addresses, cancellation);

    public async Task OwnAsync(bool owner, CancellationToken cancellation)
    {
        await Current().OwnAsync(owner, cancellation).ConfigureAwait(false);
        Put(new OwnershipGiven(owner));
    }

    public async Task SetElectionAsync(ElectionConfiguration election, CancellationToken cancellation)
    {
        await Current().SetElectionAsync(election, cancellation).ConfigureAwait(false);
        _election = election;
    }

    public void Hear(ReadOnlyMemory<byte> frame) => _client?.Hear(frame);

    public void Hint(ElectionHint hint, ulong director) => _client?.Hint(hint, director);

    public Task ZeroAsync(ServiceKey? service, CancellationToken cancellation) => Current().ZeroAsync(service, cancellation);

    public async Task<Timeouts> SetTimeoutsAsync(Timeouts change, CancellationToken cancellation)
    {
        Timeouts inForce = await Current().SetTimeoutsAsync(change, cancellation).ConfigureAwait(false);
        _timeouts = inForce;
        return inForce;
    }

    public async Task SetMarksAsync(MarkRule[] rules, CancellationToken cancellation)
    {
        await Current().SetMarksAsync(rules, cancellation).ConfigureAwait(false);
        _marks = rules;
    }

    public async Task SetSettingsAsync(Settings settings, CancellationToken cancellation)
    {
        await Current().SetSettingsAsync(settings, cancellation).ConfigureAwait(false);
        _settings = settings;
    }

    public Task<TableStatistics> StatisticsAsync(CancellationToken cancellation) => Current().StatisticsAsync(cancellation);

    public IAsyncEnumerable<ConnectionEntry[]> ConnectionsAsync(CancellationToken cancellation) => Current().ConnectionsAsync(cancellation);

    public Task<EngineStatus> StatusAsync(CancellationToken cancellation) => Current().StatusAsync(cancellation);

    /// <summary>Ends the engine and the session with it.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        EngineClient client = Current();
        // First, so that the end that follows is not taken for a death.
        Put(new Stop());
        await client.StopAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends the session; the engine goes on forwarding.</summary>
    public async ValueTask DisposeAsync()
    {
        Put(new Close());
        _inputs.Writer.TryComplete();
        await _closing.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _connecting.ConfigureAwait(false);
        _opened.TrySetException(new EngineException("the session was closed"));
        if (_client is { } client)
            await client.DisposeAsync().ConfigureAwait(false);
        foreach (SafeFileHandle handle in _memory)
            handle.Dispose();
        _closing.Dispose();
    }

    private EngineClient Current() => _client is { } client && _state.Serves
        ? client
        : throw new EngineException("the engine is restarting: try again in a moment") { Fault = EngineFault.Unreachable };

    private void Put(SessionInput input) => _inputs.Writer.TryWrite(input);

    private async Task RunAsync()
    {
        await foreach (SessionInput input in _inputs.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            (_state, SessionEffect[] effects) = SessionStep.Step(_state, input, _time.GetElapsedTime(_origin));
            foreach (SessionEffect effect in effects)
                Execute(effect);
        }
    }

    // What takes time runs on its own and comes back as an input; the order of inputs is the only order there is.
    private void Execute(SessionEffect effect)
    {
        EngineClient? client = _client;
        switch (effect)
        {
            case ConnectToEngine:
                _connecting = ConnectAsync();
                break;
            case StartEngine:
                _ = AttemptAsync(null, () => _access.Start!(_closing.Token), new Started(), reason => new StartFailed(reason));
                break;
            case HandOverMemory:
                _ = AttemptAsync(client, () => client!.AdoptAsync(_memory, _closing.Token), new Adopted(), reason => new AdoptFailed(reason));
                break;
            case Configure:
                _ = AttemptAsync(client, () => RestoreAsync(client!), new Configured(), reason => new ConfigureFailed(reason));
                break;
            case AskForTable:
                _ = Task.Run(() => ResyncNeeded?.Invoke());
                break;
            case Own own:
                _ = AttemptAsync(client, () => client!.OwnAsync(own.Owner, _closing.Token), new Owned(), reason => new OwnFailed(reason));
                break;
            case Wait wait:
                _ = AttemptAsync(null, () => Task.Delay(wait.Delay, _time, _closing.Token), new WaitOver(), _ => new WaitOver());
                break;
            case Detach:
                _client = null;
                _ = client?.DisposeAsync().AsTask();
                break;
            case Tell tell:
                _told(new EngineLogLine(tell.Level, tell.Text));
                break;
            case OpenSucceeded:
                _opened.TrySetResult();
                break;
            case OpenFailed failed:
                _opened.TrySetException(new EngineException(failed.Reason) { Fault = EngineFault.Unreachable });
                break;
        }
    }

    private async Task ConnectAsync()
    {
        try
        {
            EngineClient client = await _access.Connect(_closing.Token).ConfigureAwait(false);
            _client = client;
            if (client.Memory.Count > 0)
                HoldMemory(client);
            Put(new Connected(client.Engine.ProcessId, client.AttachedRevision, client.Memory.Count > 0));
            _ = PumpAsync(client);
        }
        catch (EngineException failure)
        {
            Put(new ConnectFailed(failure.Fault, failure.Message));
        }
        catch (OperationCanceledException)
        {
            Put(new ConnectFailed(EngineFault.Unreachable, "closed"));
        }
    }

    private async Task PumpAsync(EngineClient client)
    {
        await foreach (EngineEvent occurred in client.Events.ReadAllAsync().ConfigureAwait(false))
            _told(occurred);
        string reason = await client.Disconnected.ConfigureAwait(false);
        if (_client != client)
            return;
        _told(new EngineLost(reason));
        Put(new Disconnected(reason));
    }

    private async Task RestoreAsync(EngineClient client)
    {
        await client.ConfigureAsync(_configuration!, _closing.Token).ConfigureAwait(false);
        if (_election is { } election)
            await client.SetElectionAsync(election, _closing.Token).ConfigureAwait(false);
        if (_timeouts is { } timeouts)
            await client.SetTimeoutsAsync(timeouts, _closing.Token).ConfigureAwait(false);
        if (_marks is { } marks)
            await client.SetMarksAsync(marks, _closing.Token).ConfigureAwait(false);
        if (_settings is { } settings)
            await client.SetSettingsAsync(settings, _closing.Token).ConfigureAwait(false);
        HoldMemory(client);
    }

    // Outcomes for a client that was let go meanwhile are dropped: the session has gone on without them.
    private async Task AttemptAsync(EngineClient? client, Func<Task> attempt, SessionInput success, Func<string, SessionInput> failure)
    {
        SessionInput outcome;
        try
        {
            await attempt().ConfigureAwait(false);
            outcome = success;
        }
        catch (Exception problem) when (problem is EngineException or OperationCanceledException)
        {
            outcome = failure(problem.Message);
        }
        if (client is null || client == _client)
            Put(outcome);
    }

    private void HoldMemory(EngineClient client)
    {
        if (client.Memory.Count == 0)
            return;
        SafeFileHandle[] before = Interlocked.Exchange(ref _memory, [.. client.Memory]);
        foreach (SafeFileHandle handle in before)
        {
            if (!client.Memory.Contains(handle))
                handle.Dispose();
        }
        Put(new MemoryGiven());
    }
}
