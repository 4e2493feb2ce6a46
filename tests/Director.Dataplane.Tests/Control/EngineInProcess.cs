using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Tests.Control;

/// <summary>A control socket with a <see cref="FakeCore"/> behind it, on a thread of this process.</summary>
internal sealed class EngineInProcess : IDisposable
{
    private readonly ControlLoop _loop = new(TimeProvider.System);
    private readonly EngineServer _server;
    private readonly Thread _thread;
    private readonly StringWriter _text = new();

    public EngineInProcess(string path, FakeCore? core = null, EngineIdentity? identity = null, ProtocolRange? versions = null)
    {
        Core = core ?? new FakeCore();
        Log = new EngineLog(_text, TimeProvider.System);
        _server = new EngineServer(_loop, identity ?? EngineIdentity.Current("a"), Core, Log, versions);
        try
        {
            _server.Listen(path, TimeProvider.System);
        }
        catch
        {
            _server.Dispose();
            _loop.Dispose();
            throw;
        }
        _thread = new Thread(() => _loop.Run()) { Name = "engine" };
        _thread.Start();
    }

    public FakeCore Core { get; }

    public EngineLog Log { get; }

    /// <summary>Whether the engine ended by itself.</summary>
    public bool Ended(TimeSpan patience) => _thread.Join(patience);

    /// <summary>As kill -9 would: without a shutdown. The memory lives on in whoever holds it.</summary>
    public void Dispose()
    {
        _loop.Stop();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(10)));
        _server.Dispose();
        _loop.Dispose();
        Core.Dispose();
    }

    public override string ToString() => _text.ToString();
}
