using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Wire;
using Director.Actors.Election;
using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Actors.Tests.Forwarding;

namespace Director.Actors.Tests.Replication;

/// <summary>
/// Two directors, a and b, in two actor systems over loopback, each with its own journal. The test says who sees whom and who owns:
/// there is no cluster and no election.
/// </summary>
internal sealed class Pair : IAsyncDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    private static readonly Config Remote = ConfigurationFactory.ParseString("""
        akka {
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, maximum-frame-size = 1 MiB, send-buffer-size = 2 MiB, receive-buffer-size = 2 MiB }
          remote.retry-gate-closed-for = 100 ms
        }
        """).WithFallback(WireSerializer.Hocon);

    private readonly TemporaryFolder _folder = new();
    private ulong _incarnation;

    public Side A { get; } = new("a");

    public Side B { get; } = new("b");

    internal sealed class Side(string name)
    {
        public string Name => name;

        public FakeEngine Engine { get; set; } = new();

        public RunningDirector? Running { get; set; }

        public RunningDirector Director => Running ?? throw new InvalidOperationException($"{name} does not run");

        public ServiceTable Table => Director.Live.Current.Table;

        public string[] Warnings => [.. Director.Replicas.Current.Warnings];

        public string Address => ((ExtendedActorSystem)Director.System).Provider.DefaultAddress.ToString();
    }

    /// <summary>Both run, see each other, and a is the owner.</summary>
    public static async Task<Pair> StartAsync()
    {
        Pair pair = new();
        await pair.StartAsync(pair.A);
        await pair.StartAsync(pair.B);
        pair.Own(pair.A, epoch: 1);
        pair.Join();
        await pair.InSyncAsync();
        return pair;
    }

    public string JournalOf(Side side) => System.IO.Path.Combine(_folder.Path, side.Name + ".db");

    public async Task StartAsync(Side side)
    {
        side.Engine = new FakeEngine();
        side.Running = await RunningDirector.StartAsync(JournalOf(side), side.Engine, name: side.Name, remote: Remote);
    }

    public async Task StopAsync(Side side)
    {
        Side other = side == A ? B : A;
        if (other.Running is not null)
            other.Director.Actors.Peers.Tell(new PeerDown(new PeerInfo(side.Name, side.Address, _incarnation, 1), PeerDownReason.Closed, "stopped"));
        await side.Director.DisposeAsync();
        side.Running = null;
    }

    /// <summary>The owner is this one, as both are told.</summary>
    public void Own(Side owner, ulong epoch)
    {
        foreach (Side side in (Side[])[A, B])
            side.Running?.Actors.Replication.Tell(new OwnerIs(owner.Name, epoch, side == owner));
    }

    public void Join()
    {
        _incarnation++;
        A.Director.Actors.Peers.Tell(new PeerUp(new PeerInfo("b", B.Address, _incarnation, 1)));
        B.Director.Actors.Peers.Tell(new PeerUp(new PeerInfo("a", A.Address, _incarnation, 1)));
    }

    public void Cut()
    {
        A.Director.Actors.Peers.Tell(new PeerDown(new PeerInfo("b", B.Address, _incarnation, 1), PeerDownReason.Silent, "cut"));
        B.Director.Actors.Peers.Tell(new PeerDown(new PeerInfo("a", A.Address, _incarnation, 1), PeerDownReason.Silent, "cut"));
    }

    public Task InSyncAsync() => UntilAsync(
        () => A.Director.Replicas.Current is { InSync: true, Peers.Length: 1 } && B.Director.Replicas.Current is { InSync: true, Peers.Length: 1 },
        () => $"{A.Table.Count} and {B.Table.Count} services\na: {string.Join(", ", A.Director.Replicas.Current.Peers)} {string.Join("; ", A.Warnings)}\nb: {string.Join(", ", B.Director.Replicas.Current.Peers)} {string.Join("; ", B.Warnings)}");

    public static async Task UntilAsync(Func<bool> condition, Func<string>? described = null)
    {
        using CancellationTokenSource patience = new(Long);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, described?.Invoke() ?? "it did not come true");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>What a director that starts on a side's journal would know, read while that side runs.</summary>
    public async Task<ServiceTable> OnDiskAsync(Side side)
    {
        using ActorSystem system = ActorSystem.Create("reader", Quiet.Hocon.WithFallback(JournalHocon.For(JournalStore.Sqlite(JournalOf(side)))));
        TaskCompletionSource<ServiceTable> read = new();
        system.ActorOf(Props.Create(() => new Reader(read)));
        ServiceTable table = await read.Task.WaitAsync(Long);
        await system.Terminate();
        return table;
    }

    public static string Text(ServiceTable table) => Island.Text(table);

    public async ValueTask DisposeAsync()
    {
        foreach (Side side in (Side[])[A, B])
        {
            if (side.Running is not null)
                await side.Running.DisposeAsync();
        }
        _folder.Dispose();
    }

    public static string Port(int port) => string.Create(CultureInfo.InvariantCulture, $"tcp 10.1.0.100:{port}");

    private sealed class Reader : ReceiveActor
    {
        public Reader(TaskCompletionSource<ServiceTable> read)
        {
            Receive<Recovered>(recovered => read.TrySetResult(recovered.Table));
            Receive<RecoveryFailed>(failed => read.TrySetException(failed.Cause));
            Context.ActorOf(Props.Create(() => new JournalActor(JournalActor.StableId, 1000)));
        }
    }
}
