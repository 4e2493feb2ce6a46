using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Link;
using MemberStatus = Akka.Cluster.MemberStatus;

namespace Director.Actors.Tests.Cluster;

/// <summary>The cluster side of a director: its actors in one actor system, its links to others on a loopback port, for real.</summary>
internal sealed class ClusteredDirector : IAsyncDisposable
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _system;
    private readonly ConcurrentStack<ActorSystem> _links = new();
    private readonly IActorRef _cluster;

    private ClusteredDirector(string name, int port, int[] contacts, string hocon, Func<ClusterSettings, ClusterSettings> change)
    {
        Address = AddressOf(port);
        _system = ActorSystem.Create($"local-{name}", Quiet.Hocon);
        ActorSystemSetup link = LinkHocon.Setup(Quiet.Hocon.WithFallback(ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture,
            $"akka.remote.dot-netty.tcp {{ hostname = \"127.0.0.1\", port = {port} }}\n{hocon}"))));
        Random chance = new(port + contacts.Length + Environment.TickCount);
        Peers = _system.ActorOf(Props.Create(() => new PeersActor()), "peers");
        ClusterSettings settings = change(new ClusterSettings
        {
            Name = name,
            Version = "1.0",
            Contacts = [.. contacts.Select(AddressOf)],
            Draw = () => (ulong)chance.NextInt64(),
            KeyFingerprint = ElectionKey.Fingerprint("secret"),
            Interfaces = ["eth0"],
            CreateLink = () =>
            {
                ActorSystem created = ActorSystem.Create("director", link);
                _links.Push(created);
                return created;
            },
        });
        (LiveCluster live, IActorRef peers) = (Live, Peers);
        _cluster = _system.ActorOf(Props.Create(() => new ClusterActor(settings, live, peers, TimeProvider.System)), "cluster");
    }

    public string Address { get; }

    public LiveCluster Live { get; } = new();

    public IActorRef Peers { get; }

    public ActorSystem System => _system;

    public int Links => _links.Count;

    public ClusterView View => Live.Current.View;

    /// <summary>Addresses of reachable members that are Up.</summary>
    public IEnumerable<string> Up => View.Members.Where(member => member.Member is { Reachable: true, Status: MemberStatus.Up }).Select(member => member.Member.Address);

    public static string AddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"akka.tcp://director@127.0.0.1:{port}");

    public static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).Order()];
        Array.ForEach(listeners, listener => listener.Stop());
        return ports;
    }

    /// <summary>Starts without waiting for anything.</summary>
    public static ClusteredDirector Begin(string name, int port, int[] contacts, string hocon = "", Func<ClusterSettings, ClusterSettings>? change = null) =>
        new(name, port, contacts, hocon, change ?? (settings => settings));

    public Task<ClusterStarted> StartedAsync() => _cluster.Ask<ClusterStarted>(new AwaitCluster(), Long);

    public Task<MemberCommandTaken> ObeyAsync(MemberCommand command) => _cluster.Ask<MemberCommandTaken>(command, Long);

    /// <summary>In good order.</summary>
    public async Task StopAsync()
    {
        await _cluster.Ask<ClusterStopped>(new StopCluster("it stops"), Long);
        await _system.Terminate();
    }

    /// <summary>As by kill -9: nobody is told anything, connections are closed.</summary>
    public async Task KillAsync()
    {
        await _system.Terminate();
        if (_links.TryPeek(out ActorSystem? link))
        {
            ((ExtendedActorSystem)link).Abort();
            await link.WhenTerminated;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _system.Dispose();
    }

    /// <summary>Waits until all of them are Up in one cluster, and peers of each other.</summary>
    public static Task OneClusterAsync(TimeSpan within, params ClusteredDirector[] directors) => Eventually.TrueAsync(
        () => directors.All(one => one.Up.Count() == directors.Length && one.Live.Current.Peers.Length == directors.Length - 1),
        within,
        () => string.Join('\n', directors.Select(one => $"{one.Address}: members {string.Join(", ", one.View.Members.Select(member => member.Member))}; peers {string.Join(", ", one.Live.Current.Peers.Select(peer => peer.Name))}; {string.Join("; ", one.Live.Current.Warnings)}")));
}
