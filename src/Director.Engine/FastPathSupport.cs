using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.FastPath;
using Director.Dataplane.Linux;

namespace Director.Engine;

/// <summary>
/// Whether this engine has a fast path, and its memory. Where the kernel does not take part, packet sockets do all of it, and the
/// reason is kept for <c>director status</c>.
/// </summary>
internal sealed class FastPathSupport : IDisposable
{
    private const string Later = "the connections' memory was made without it; it begins when director and engine start anew";

    private readonly ConnectionMemory _connections;
    private readonly EngineLog _log;
    private FastTables? _tables;
    private GracePeriods? _periods;
    private string _refused = "";

    private FastPathSupport(SharedMemory memory, ConnectionMemory connections, EngineLog log, string refused = "")
    {
        Memory = memory;
        _connections = connections;
        _log = log;
        if (refused.Length != 0)
            Refuse(refused);
    }

    /// <summary>The connections'.</summary>
    public SharedMemory Memory { get; }

    /// <summary>Null: there is no fast path.</summary>
    public (FastTables Tables, IGracePeriods Periods)? Fast => _tables is null ? null : (_tables, _periods!);

    /// <summary>New memory, for a program too if that is wanted and can be.</summary>
    public static FastPathSupport Create(EngineConfiguration configuration, EngineLog log, out ConnectionMemory connections)
    {
        uint limit = configuration.ConnectionLimit;
        string refused = "";
        if (configuration.FastPath != FastPathChoice.Off)
        {
            try
            {
                SharedMemory memory = ConnectionMemory.CreateForProgram(limit);
                connections = ConnectionMemory.Create(memory, limit);
                return For(memory, connections, configuration, log);
            }
            catch (EngineException failure)
            {
                refused = failure.Message;
            }
        }
        SharedMemory plain = SharedMemory.Create("director-connections", ConnectionMemory.SizeFor(limit));
        connections = ConnectionMemory.Create(plain, limit);
        return new FastPathSupport(plain, connections, log, refused);
    }

    /// <summary>The memory of an engine before this one.</summary>
    public static FastPathSupport Adopt(SharedMemory memory, EngineConfiguration configuration, EngineLog log, out ConnectionMemory connections)
    {
        connections = ConnectionMemory.Attach(memory);
        if (connections.IsForProgram)
            return For(memory, connections, configuration, log);
        return new FastPathSupport(memory, connections, log, configuration.FastPath == FastPathChoice.Off
            ? ""
            : Later);
    }

    /// <summary>An interface's fast path, and what a status shows of it.</summary>
    public (FastIngress? Ingress, string Way) On(EngineConfiguration configuration, string name, int position)
    {
        if (configuration.FastPath == FastPathChoice.Off)
            return (null, "off: as configured");
        if (_tables is not null && _refused.Length == 0)
        {
            try
            {
                FastIngress ingress = new(_connections, _tables, configuration.Group, position, name);
                return (ingress, configuration.FastPath == FastPathChoice.Xdp ? "tcx: there is no XDP in this version" : "tcx");
            }
            catch (EngineException failure)
            {
                Refuse(failure.Message);
            }
        }
        return (null, $"off: {(_refused.Length == 0 ? Later : FirstLine(_refused))}");
    }

    public void Dispose()
    {
        _periods?.Dispose();
        _tables?.Memory.Dispose();
        Memory.Dispose();
    }

    private static FastPathSupport For(SharedMemory memory, ConnectionMemory connections, EngineConfiguration configuration, EngineLog log)
    {
        FastPathSupport support = new(memory, connections, log);
        if (configuration.FastPath == FastPathChoice.Off)
            return support;
        try
        {
            support._periods = new GracePeriods();
            support._tables = FastTables.ForProgram(connections);
        }
        catch (EngineException failure)
        {
            support.Refuse(failure.Message);
        }
        return support;
    }

    private void Refuse(string reason)
    {
        _refused = reason;
        _log.Warning($"no fast path: {reason}; packet sockets forward instead");
    }

    private static string FirstLine(string text) => text.Split('\n')[0];
}
