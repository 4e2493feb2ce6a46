using Director.Model;

namespace Director.Dataplane.Tests.Synchronization;

/// <summary>Two or more directors, their network and their clients, in a time of their own. The same seed, the same life.</summary>
internal sealed class SyncSimulation
{
    private ulong _epoch;
    private ulong _revision;

    public SyncSimulation(int seed, int directors = 2, uint connections = 2048)
    {
        Random = new Random(seed);
        Network = new SyncNetwork(Random);
        Clients = new SyncClients(Random);
        Nodes = [.. Enumerable.Range(1, directors).Select(id => new SyncNode((ulong)id, Network, connections))];
        foreach (SyncNode node in Nodes)
        {
            foreach (SyncNode other in Nodes.Where(other => other != node))
                node.Peers.Add(other.Id, other);
            Apply(node, SyncClients.Services);
            node.Bench.Core.SetTimeouts(new Timeouts(Tcp: 40, TcpFin: 8, Udp: 6));
        }
        Own(Nodes[0]);
    }

    public Random Random { get; }

    public SyncNetwork Network { get; }

    public SyncClients Clients { get; }

    public SyncNode[] Nodes { get; }

    public SyncNode Owner { get; private set; } = null!;

    public IEnumerable<SyncNode> Standbys => Nodes.Where(node => node != Owner);

    public ulong Epoch => _epoch;

    public void Apply(SyncNode node, params VirtualService[] services) =>
        node.Bench.Core.Apply(new Dataplane.Control.TableUpdate(0, ++_revision, true, services, []));

    /// <summary>The addresses change hands.</summary>
    public void Own(SyncNode node, bool strict = false)
    {
        Owner?.Become(false, _epoch);
        Owner = node;
        node.Become(true, ++_epoch, strict);
    }

    /// <summary>Time goes on; with clients, something happens in each step of some milliseconds.</summary>
    public void Run(long milliseconds, bool withClients = true)
    {
        for (long end = Network.Now + milliseconds; Network.Now < end;)
        {
            Network.Now += Random.Next(1, 6);
            Network.Deliver();
            foreach (SyncNode node in Nodes)
                _ = node.Pass();
            for (int steps = withClients ? Random.Next(4) : 0; steps > 0; steps--)
                Clients.Step(Owner.Bench);
        }
    }

    /// <summary>Until it is so, or a minute has passed.</summary>
    public void RunUntil(Func<bool> so, bool withClients = false)
    {
        long end = Network.Now + 60_000;
        while (!so() && Network.Now < end)
            Run(1, withClients);
        Assert.True(so());
    }

    /// <summary>Once the weather is calm every standby has what the owner has: the same entries, to a quarter of their time.</summary>
    public void CheckCalm()
    {
        Network.Weather = Weather.Calm;
        Network.IsCut = false;
        RunUntil(() => Standbys.All(node => node.Sync.Receiver.IsInSync && !node.Sync.Receiver.IsSweeping));
        // So long refreshes may take; and what ends, or changes by its time being up, just now is on the way for some milliseconds.
        Run(1200, withClients: false);
        for (int tries = 0; tries < 40 && Standbys.Any(node => !Told(node).SequenceEqual(Told(Owner))); tries++)
            Run(1, withClients: false);
        var owned = Owner.Synced();
        foreach (SyncNode standby in Standbys)
        {
            var copy = standby.Synced();
            string[] missing = [.. owned.Keys.Except(copy.Keys)];
            Assert.True(missing.Length == 0, $"missing: {string.Join("; ", missing.Take(3))}; {string.Join(' ', standby.Sync.Counters.ByName().Where(each => each.Value != 0))}");
            foreach ((string key, (string content, _, _)) in owned)
            {
                Assert.True(
                    content == copy[key].Content,
                    $"{key}: {content}; there {copy[key].Content}; {string.Join(' ', standby.Sync.Counters.ByName().Where(each => each.Value != 0))}");
            }
            Assert.Equal(owned.Select(each => $"{each.Key}: {each.Value.Content}"), copy.Select(each => $"{each.Key}: {each.Value.Content}"));
            foreach ((string key, (_, int remaining, int timeout)) in owned)
                Assert.True(Math.Abs(remaining - copy[key].Remaining) <= (timeout / 4) + 2, $"{key}: {remaining} of {timeout} left, {copy[key].Remaining} there");
        }
        foreach (SyncNode node in Nodes)
            node.CheckCounts();
    }

    private static IEnumerable<(string Key, string Content)> Told(SyncNode node) => node.Synced().Select(each => (each.Key, each.Value.Content));
}
