using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Tests.Forwarding;

/// <summary>An engine in memory: keeps the table as an engine would, and every update it was sent.</summary>
public sealed class FakeEngine : IForwardingEngine
{
    private readonly Dictionary<ServiceKey, VirtualService> _table = [];

    public ConcurrentQueue<TableUpdate> Updates { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    public AddressConflict[] Conflicts { get; set; } = [];

    /// <summary>Set: every call fails with it.</summary>
    public EngineException? Broken { get; set; }

    /// <summary>False: as a session whose engine process is being started again.</summary>
    public bool Serves { get; set; } = true;

    /// <summary>Set: the next delta is refused, as by an engine that has lost track.</summary>
    public bool RefuseNextDelta { get; set; }

    public ulong Revision { get; private set; }

    /// <summary>The process ended and another came up in its place.</summary>
    public void Restart()
    {
        lock (_table)
        {
            _table.Clear();
            Revision = 0;
            Marks = [];
            Settings = Settings.Default;
            Broken = null;
            Serves = true;
        }
    }

    public bool Owner { get; private set; }

    public bool Stopped { get; private set; }

    public Timeouts Timeouts { get; private set; } = new();

    public MarkRule[] Marks { get; private set; } = [];

    public Settings Settings { get; private set; } = Settings.Default;

    public EngineConfiguration? Configuration { get; private set; }

    public ConnectionEntry[] Connections { get; set; } = [];

    public VirtualService[] Table
    {
        get
        {
            lock (_table)
                return [.. _table.Values];
        }
    }

    public Task ConfigureAsync(EngineConfiguration configuration, CancellationToken cancellation) => Do("configure", () => Configuration = configuration);

    public Task<ulong> ApplyAsync(TableUpdate update, CancellationToken cancellation) => Do(update.Full ? "full" : "delta", () =>
    {
        lock (_table)
        {
            Updates.Enqueue(update);
            if (!update.Full && (update.BaseRevision != Revision || RefuseNextDelta))
            {
                RefuseNextDelta = false;
                return Revision == update.Revision ? 0 : Revision;
            }
            if (update.Full)
                _table.Clear();
            foreach (ServiceKey key in update.Removed)
                Assert.True(_table.Remove(key), $"{key} removed, but not in the table");
            foreach (VirtualService service in update.Changed)
                _table[service.Key] = service;
            return Revision = update.Revision;
        }
    });

    public Task<AddressConflict[]> ProbeAsync(IPAddress[] addresses, CancellationToken cancellation) =>
        Do($"probe {string.Join(',', addresses.Select(a => a.ToString()))}", () => Conflicts.Where(conflict => addresses.Contains(conflict.Address)).ToArray());

    public Task OwnAsync(bool owner, CancellationToken cancellation) => Do("own", () => Owner = owner);

    public Task SetElectionAsync(ElectionConfiguration election, CancellationToken cancellation) => Do($"election {election.Id}", () => true);

    public void Hear(ReadOnlyMemory<byte> frame) => Calls.Enqueue($"hear {Convert.ToHexString(frame.Span)}");

    public void Hint(ElectionHint hint, ulong director) => Calls.Enqueue($"hint {hint} {director}");

    public Task ZeroAsync(ServiceKey? service, CancellationToken cancellation) => Do($"zero {service}", () => true);

    public Task<Timeouts> SetTimeoutsAsync(Timeouts change, CancellationToken cancellation) => Do("timeouts", () => Timeouts = Timeouts.Changed(change));

    public Task SetMarksAsync(MarkRule[] rules, CancellationToken cancellation) => Do("marks", () => Marks = rules);

    public Task SetSettingsAsync(Settings settings, CancellationToken cancellation) => Do("settings", () => Settings = settings);

    public Task<TableStatistics> StatisticsAsync(CancellationToken cancellation) => Do("statistics", () => new TableStatistics(
        [.. Table.Select((service, i) => new ServiceStatistics(service.Key, new Statistics(Connections: (ulong)i + 1),
            [.. service.Servers.Select(server => new ServerStatus(server.Address, server.Port, 1, 2, 3, new Statistics(Connections: 7)))]))]));

    public async IAsyncEnumerable<ConnectionEntry[]> ConnectionsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (ConnectionEntry[] chunk in Connections.Chunk(2))
        {
            await Task.Yield();
            yield return chunk;
        }
    }

    public Task<EngineStatus> StatusAsync(CancellationToken cancellation) => Do("status", () => new EngineStatus(
        true, 42, "fake", 1, Revision, 1, 0, 1000, [new InterfaceStatus("eth0", true, "02:00:00:00:00:01", 1500, "off", 5, 6, 0)],
        new Dictionary<string, ulong> { ["NoRoute"] = 3 }, [], Owner ? ["10.1.0.100"] : [], []));

    public Task StopAsync(CancellationToken cancellation) => Do("stop", () => Stopped = true);

    private Task<T> Do<T>(string what, Func<T> call)
    {
        Calls.Enqueue(what);
        return Broken is null ? Task.FromResult(call()) : Task.FromException<T>(Broken);
    }
}
