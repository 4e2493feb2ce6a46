using Director.Dataplane.Control.Messages;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Control;

/// <summary>
/// The engine's end of the control socket: listens, lets one directord at a time control the <see cref="IEngineCore"/>, and
/// ends the loop when told to stop or when its socket path was taken away (package removed, lab torn down). All of it runs
/// on the loop's thread.
/// </summary>
public sealed class EngineServer : IDisposable
{
    private static readonly TimeSpan PathWatchPeriod = TimeSpan.FromSeconds(1);

    private readonly ControlLoop _loop;
    private readonly IEngineCore _core;
    private readonly EngineLog _log;
    private readonly ProtocolRange _versions;
    private readonly EngineRequests _requests;
    private readonly List<EngineServerConnection> _connections = [];
    private UnixChannelListener? _listener;
    private EngineServerConnection? _controller;
    private bool _ended;

    public EngineServer(ControlLoop loop, EngineIdentity identity, IEngineCore core, EngineLog log, ProtocolRange? versions = null)
    {
        _loop = loop;
        Identity = identity;
        _core = core;
        _log = log;
        _versions = versions ?? ProtocolRange.Supported;
        _requests = new EngineRequests(loop, identity, core, log, End);
        _log.Written += Forward;
        _core.Occurred += Forward;
    }

    internal EngineIdentity Identity { get; }

    internal Hello Hello => new(PeerRole.Engine, _versions, Identity);

    /// <exception cref="EngineException">The path is taken by a live engine, or cannot be made.</exception>
    public void Listen(string path, TimeProvider time)
    {
        if (EngineInspection.WhoListens(path, Identity, time) is { } owner)
            throw new EngineException($"socket path {path} is taken by a live engine ({owner})");
        _listener = new UnixChannelListener(path);
        _loop.Register(_listener.Descriptor, _ => AcceptAll());
        _loop.Every(PathWatchPeriod, WatchPath);
        _log.Information($"director-engine {Identity.Version} (pid {Identity.ProcessId}) of director {Identity.Name} listens at {path}");
    }

    /// <summary>Releases what the core holds and ends the loop; on the loop's thread.</summary>
    public void End(string reason)
    {
        if (_ended)
            return;
        _ended = true;
        _log.Information($"ending: {reason}");
        try
        {
            _core.Shutdown();
        }
        catch (EngineException failure)
        {
            _log.Error($"not everything was released: {failure.Message}");
        }
        _loop.Stop();
    }

    public void Dispose()
    {
        _log.Written -= Forward;
        _core.Occurred -= Forward;
        foreach (EngineServerConnection connection in _connections.ToArray())
            connection.Dispose();
        _listener?.Dispose();
    }

    internal EngineRequests Requests => _requests;

    /// <summary>Null if the connection controls the engine from now on, else why it may not.</summary>
    internal string? TryAttach(EngineServerConnection connection)
    {
        // It may have died a moment ago: what it left behind, its end above all, is read first.
        _controller?.Receive();
        if (_controller is not null)
        {
            return $"the engine (pid {Identity.ProcessId}) is controlled by directord pid {_controller.PeerProcessId} already: "
                + "stop that one first";
        }
        _controller = connection;
        _log.Information($"directord pid {connection.PeerProcessId} attached");
        return null;
    }

    internal void Closed(EngineServerConnection connection, string reason)
    {
        _connections.Remove(connection);
        if (_controller != connection)
            return;
        _controller = null;
        _log.Information($"directord pid {connection.PeerProcessId} detached ({reason}): forwarding goes on");
    }

    internal void Refused(EngineServerConnection connection, string reason) =>
        _log.Warning($"refused pid {connection.PeerProcessId}: {reason}");

    private void AcceptAll()
    {
        while (_listener?.Accept() is { } accepted)
            _connections.Add(new EngineServerConnection(this, _loop, accepted));
    }

    private void WatchPath()
    {
        if (_listener is { OwnsPath: false })
            End("the socket path does not name this engine any more");
    }

    private void Forward(EngineEvent occurred) => _loop.Post(() => _controller?.Tell(occurred));
}
