using Director.Actors.Forwarding;
using Director.Dataplane.Control;
using Director.Dataplane.Control.Sessions;
using Director.Host.Configuration;

namespace Director.Host.Engine;

/// <summary>The engine process at <c>engine.socket</c>, kept alive by an <see cref="EngineSession"/>.</summary>
public sealed class EngineProcessSource : IEngineSource
{
    private readonly EngineSession _session;
    private volatile Action<EngineEvent>? _told;
    private volatile bool _started;

    public EngineProcessSource(DirectorOptions options, TimeProvider time, ILoggerFactory logs)
    {
        ILogger log = logs.CreateLogger("Engine");
        EngineLauncher launcher = new(Program, Path.Combine(options.DataDirectory, "engine.log"), time);
        EngineAccess access = EngineAccess.At(options.EngineSocket, options.Name, launcher, time);
        _session = new EngineSession(access with { Start = StartAsync }, time, Told);

        void Told(EngineEvent occurred)
        {
            if (occurred is EngineLogLine line)
                log.Log(LevelOf(line.Level), "{Text}", line.Text);
            else
                _told?.Invoke(occurred);
        }

        async Task StartAsync(CancellationToken cancellation)
        {
            await launcher.StartAsync(options.EngineSocket, options.Name, cancellation);
            _started = true;
        }
    }

    /// <summary>Beside directord, where the packages and the build put it.</summary>
    private static string Program =>
        Environment.GetEnvironmentVariable("DIRECTOR_ENGINE") is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, "director-engine");

    public async Task<EngineUp> OpenAsync(Action resync, Action<EngineEvent> told, CancellationToken cancellation)
    {
        _told = told;
        _session.ResyncNeeded += resync;
        await _session.OpenAsync(cancellation);
        return new EngineUp(_session, () => _session.State.Phase == SessionPhase.Attached);
    }

    public Task UndoOpenAsync(CancellationToken cancellation) => _started ? StopAsync(cancellation) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation) => _session.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static LogLevel LevelOf(EngineLogLevel level) => level switch
    {
        EngineLogLevel.Debug => LogLevel.Debug,
        EngineLogLevel.Information => LogLevel.Information,
        EngineLogLevel.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
