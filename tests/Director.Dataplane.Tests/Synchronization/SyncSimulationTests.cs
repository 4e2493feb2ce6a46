using Director.Dataplane.Synchronization;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Synchronization;

public sealed class SyncSimulationTests
{
    private static readonly (string Name, Weather Weather)[] Weathers =
    [
        ("calm", Weather.Calm),
        ("lossy", new Weather(Lost: 30, Repeated: 0, Cut: 0, Altered: 0, MostDelay: 4)),
        ("hopeless", new Weather(Lost: 500, Repeated: 100, Cut: 50, Altered: 50, MostDelay: 300)),
        ("reordering", new Weather(Lost: 0, Repeated: 50, Cut: 0, Altered: 0, MostDelay: 20)),
        ("cutting", new Weather(Lost: 5, Repeated: 5, Cut: 30, Altered: 30, MostDelay: 4)),
    ];

    public static TheoryData<string, int, int> Runs
    {
        get
        {
            TheoryData<string, int, int> runs = [];
            for (int seed = 1; seed <= 10; seed++)
                runs.Add(Weathers[seed % Weathers.Length].Name, seed, seed % 4 == 0 ? 3 : 2);
            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void After_the_storm_the_tables_are_the_same(string weather, int seed, int directors) => Live(weather, seed, directors, lives: 2);

    [Fact]
    [Trait("Category", "Long")]
    public void After_every_storm_the_tables_are_the_same()
    {
        for (int seed = 1000; seed < 1100; seed++)
        {
            TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
            Live(Weathers[seed % Weathers.Length].Name, seed, 2 + (seed % 2), lives: 4);
        }
    }

    [Fact]
    public void Whoever_takes_over_goes_on_with_every_connection()
    {
        SyncSimulation simulation = new(7);
        simulation.Run(3000);
        List<(Peer Peer, (uint, ushort, uint, ushort) Way)> open = [];
        foreach (int port in Enumerable.Range(80, 5))
        {
            Peer peer = simulation.Clients.Open(simulation.Owner.Bench, port);
            open.Add((peer, simulation.Clients.WayOf(peer)));
        }
        simulation.CheckCalm();
        foreach (SyncNode next in new[] { simulation.Nodes[1], simulation.Nodes[0], simulation.Nodes[1] })
        {
            simulation.Own(next);
            foreach ((Peer peer, (uint, ushort, uint, ushort) way) in open)
            {
                Assert.True(simulation.Clients.ToServer(next.Bench, peer, TcpFlags.Ack), $"{peer} is lost");
                Assert.Equal(way, simulation.Clients.WayOf(peer));
                Assert.True(
                    peer.VirtualPort == 83 || simulation.Clients.ToClient(next.Bench, peer, TcpFlags.Ack),
                    $"no answer for {peer}: {string.Join(' ', next.Bench.Core.Counters.DropsByReason())}");
            }
            simulation.CheckCalm();
        }
    }

    [Fact]
    public void A_connection_that_only_lives_on_outlives_its_timeout_on_the_standby_too()
    {
        SyncSimulation simulation = new(8);
        Peer peer = simulation.Clients.Open(simulation.Owner.Bench, 80);
        for (int i = 0; i < 30; i++)
        {
            simulation.Run(3000, withClients: false);
            simulation.Clients.ToServer(simulation.Owner.Bench, peer, TcpFlags.Ack);
            Assert.Single(simulation.Nodes[1].Synced());
        }
        // 90 s with a timeout of 40 s; and nothing was sent but when it was time.
        Assert.InRange(simulation.Owner.Sync.Counters.SyncEntriesSent, 10u, 40u);
        simulation.CheckCalm();
        simulation.Run(39_000, withClients: false);
        Assert.Empty(simulation.Owner.Synced());
        Assert.Empty(simulation.Nodes[1].Synced());
    }

    [Fact]
    public void Half_open_connections_of_a_flood_stay_where_they_are()
    {
        SyncSimulation simulation = new(9);
        simulation.RunUntil(() => simulation.Owner.Sync.Sender.HasStandby);
        for (ushort port = 1; port <= 500; port++)
            simulation.Clients.ToServer(simulation.Owner.Bench, new Peer("10.1.0.2", port), TcpFlags.Syn);
        simulation.Run(1000, withClients: false);
        Assert.Equal(500u, simulation.Owner.Table.Count);
        Assert.Equal(0u, simulation.Nodes[1].Table.Count);
        Assert.Equal(0u, simulation.Owner.Sync.Counters.SyncEntriesSent);
    }

    [Fact]
    public void Entries_whose_service_is_not_there_yet_are_counted_when_it_comes()
    {
        SyncSimulation simulation = new(10);
        SyncNode standby = simulation.Nodes[1];
        simulation.Apply(standby);
        simulation.Run(2000);
        simulation.RunUntil(() => standby.Sync.Receiver.IsInSync);
        Assert.NotEmpty(standby.Synced());
        Assert.True(standby.Sync.Counters.SyncEntriesUnconfigured > 0);
        simulation.Apply(standby, SyncClients.Services);
        simulation.CheckCalm();
    }

    [Fact]
    public void An_owner_of_an_earlier_epoch_is_not_listened_to()
    {
        SyncSimulation simulation = new(11, directors: 3);
        simulation.Run(1000);
        SyncNode stale = simulation.Owner;
        simulation.Own(simulation.Nodes[1]);
        simulation.CheckCalm();
        // The first one has not heard that it is none any more.
        stale.Become(true, epoch: 1);
        ulong before = simulation.Nodes[2].Sync.Counters.SyncEntriesReceived;
        simulation.Network.Now += 1500;
        simulation.Clients.Open(stale.Bench, 80);
        _ = stale.Pass();
        simulation.Network.Now += 10;
        simulation.Network.Deliver();
        Assert.True(simulation.Nodes[2].Sync.Counters.SyncBatchesStale > 0);
        Assert.Equal(before, simulation.Nodes[2].Sync.Counters.SyncEntriesReceived);
        simulation.Network.Now += 10;
        simulation.Network.Deliver();
        Assert.True(stale.Sync.Counters.SyncRefusedByPeer > 0);
        stale.Become(false, epoch: 1);
        simulation.CheckCalm();
    }

    [Fact]
    public void What_nobody_answers_is_not_queued_and_what_is_missing_is_copied_later()
    {
        SyncSimulation simulation = new(12);
        simulation.RunUntil(() => simulation.Owner.Sync.Sender.HasStandby);
        simulation.Network.IsCut = true;
        ulong before = simulation.Network.Batches;
        simulation.Run(20_000);
        Assert.False(simulation.Owner.Sync.Sender.HasStandby);
        // The window once, then a try each second.
        Assert.InRange(simulation.Network.Batches - before, 20u, 48u + 25);
        simulation.CheckCalm();
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(22)]
    public void A_table_that_was_full_of_what_was_before_asks_again(int seed)
    {
        SyncSimulation simulation = new(seed, connections: 256);
        simulation.Run(5000);
        simulation.Network.IsCut = true;
        simulation.Run(4000);
        // Both have gone on by themselves, and are full of different connections.
        simulation.Own(simulation.Nodes[1]);
        simulation.Run(4000);
        simulation.CheckCalm();
        Assert.True(simulation.Nodes[0].Sync.Counters.SyncEntriesWithoutRoom > 0);
    }

    [Fact]
    public void More_endings_than_there_is_room_for_are_made_up_for_by_a_copy()
    {
        SyncSimulation simulation = new(13);
        simulation.Run(2000);
        simulation.CheckCalm();
        ulong before = simulation.Owner.Sync.Counters.SyncResyncs;
        SyncEntry gone = new() { Kind = SyncEntryKind.ConnectionRemoved, Flow = simulation.Owner.Table.At(1).Flow };
        for (int i = 0; i <= ConnectionJournal.RemovalBytes / SyncEntryFormat.FewestBytes; i++)
            simulation.Owner.Table.Journal.Removed(ref simulation.Owner.Table[1], gone);
        Assert.True(simulation.Owner.Table.Journal.Overflowed);
        simulation.Run(500, withClients: false);
        Assert.Equal(before + 1, simulation.Owner.Sync.Counters.SyncResyncs);
        simulation.CheckCalm();
    }

    private static void Live(string weather, int seed, int directors, int lives)
    {
        SyncSimulation simulation = new(seed, directors);
        for (int life = 0; life < lives; life++)
        {
            simulation.Network.Weather = Weathers.Single(each => each.Name == weather).Weather;
            // Owners change in the midst of a copy as well as long after it.
            for (int owners = simulation.Random.Next(4); owners > 0; owners--)
            {
                simulation.Run(simulation.Random.Next(1, 3000));
                simulation.Own(simulation.Nodes[simulation.Random.Next(directors)]);
            }
            simulation.Run(simulation.Random.Next(500, 8000));
            simulation.CheckCalm();
        }
    }
}
