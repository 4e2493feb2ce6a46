using Director.Dataplane.Defence;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tests.Connections;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Defence;

/// <summary>
/// A thousand SYNs a second, each from another client, into a memory for 1,023 connections. The servers answer; the flood does not
/// go on.
/// </summary>
public sealed class FloodTests : BenchLife
{
    private const int Established = 100;
    private const int PerTick = 100;

    private readonly Peer[] _clients = [.. Enumerable.Range(1, Established).Select(client => new Peer("10.1.128.1", (ushort)client))];
    private int _attackers;

    public FloodTests()
        : base(connections: 1024, TestTable.Hash)
    {
        Do("ipvsadm -A -t 10.1.0.100:80 -s rr");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m");
        foreach (Peer client in _clients)
        {
            Open(client);
            // More than what may be the last of a connection that nobody misses.
            for (int packet = 0; packet < 8; packet++)
                Send(client, TcpFlags.Ack, 10);
            Answer(client, TcpFlags.Ack, 100);
        }
    }

    [Fact]
    public void Without_a_defence_nobody_new_gets_in()
    {
        Flood(seconds: 20);
        Assert.Equal(0u, Bench.Core.Connections.Available);
        Assert.Null(TriesToOpen(new Peer("10.1.129.1", 1), seconds: 15));
        Assert.True(Bench.Core.Counters.Dropped(DropReason.ConnectionTableFull) > 15_000);
        Assert.Equal(0ul, Bench.Core.Counters.EntriesDropped);
    }

    [Fact]
    public void With_defences_those_inside_stay_and_others_get_in()
    {
        Use(new Settings { DropEntry = 1, DropPacket = 1, SecureTcp = 1 });
        Flood(seconds: 20);
        Assert.True(Bench.Core.Defences.Levels is { DropsEntries: true, IsTcpSecure: true, DropRate: > 0 });
        Assert.Contains("room for connections is short", Assert.Single(Bench.Core.Defences.Warnings()), StringComparison.Ordinal);

        for (int newcomer = 1; newcomer <= 10; newcomer++)
            Assert.InRange(TriesToOpen(new Peer("10.1.129.1", (ushort)newcomer), seconds: 64) ?? int.MaxValue, 1, 7);
        foreach (Peer client in _clients)
        {
            Send(client, TcpFlags.Ack, 10);
            Answer(client, TcpFlags.Ack, 10);
        }
        Assert.True(Bench.Core.Connections.Count <= 1023);
        Assert.True(Bench.Core.Counters.Dropped(DropReason.DefenceDropped) > 1000);
        Assert.True(Bench.Core.Counters.EntriesDropped > 1000);
        Assert.Equal(Bench.Core.Counters.Received, Accounted());
    }

    [Fact]
    public void After_the_flood_everything_is_as_before()
    {
        Use(new Settings { DropEntry = 1, DropPacket = 1, SecureTcp = 1 });
        Flood(seconds: 5);
        // SYNACK, where secure_tcp has what a server answered, lasts longest.
        Wait(125_000);
        Assert.Equal(new DefenceLevels(1, 1, 1, 0), Bench.Core.Defences.Levels);
        Assert.False(Bench.Core.Connections.SecureTcp);
        Assert.Empty(Bench.Core.Defences.Warnings());
        Assert.Equal((uint)Established, Bench.Core.Connections.Count);
        Assert.Equal((uint)Established, StatusOf(1).ActiveConnections + StatusOf(2).ActiveConnections);
        Assert.Equal(1, TriesToOpen(new Peer("10.1.129.1", 1), seconds: 1));
    }

    [Fact]
    public void Drop_entry_makes_room_at_once_for_who_comes()
    {
        Use(new Settings { DropEntry = 3 });
        Flood(seconds: 3);
        Assert.Equal(0ul, Bench.Core.Counters.Dropped(DropReason.ConnectionTableFull));
        Assert.Equal(3100ul - Bench.Core.Connections.Count, Bench.Core.Counters.EntriesDropped);
    }

    private void Use(Settings settings) => Bench.Core.SetSettings(settings);

    private void Flood(int seconds)
    {
        for (int tick = 0; tick < 10 * seconds; tick++)
            FloodTick();
    }

    private void FloodTick()
    {
        Bench.Tick(100);
        for (int i = 0; i < PerTick; i++)
        {
            _attackers++;
            Peer attacker = new($"10.1.{200 + (_attackers / 60_000)}.1", (ushort)(1 + (_attackers % 60_000)));
            if (Bench.Receive(Bench.Client, attacker.ToVirtual(Bench, TcpFlags.Syn, [])) is not [var sent])
                continue;
            Remember(attacker, sent);
            Answer(attacker, TcpFlags.Syn | TcpFlags.Ack);
        }
    }

    /// <summary>
    /// As a client does: a SYN after 0, 1, 3, 7, ... seconds, until it is answered; then, a tick later, its ACK. The flood goes on.
    /// Which attempt led to a connection; null: none.
    /// </summary>
    private int? TriesToOpen(Peer client, int seconds)
    {
        for (int attempt = 1, pause = 1; seconds >= 0; attempt++, seconds -= pause, pause *= 2)
        {
            if (Bench.Receive(Bench.Client, client.ToVirtual(Bench, TcpFlags.Syn, [])) is [var sent])
            {
                Remember(client, sent);
                Answer(client, TcpFlags.Syn | TcpFlags.Ack);
                FloodTick();
                if (Bench.Receive(Bench.Client, client.ToVirtual(Bench, TcpFlags.Ack, [])) is [{ Position: Bench.ServerSide }])
                {
                    Answer(client, TcpFlags.Ack);
                    Assert.Contains(Listed(), each => each.ClientPort == client.Port && each.Client.ToString() == client.Address && each.State == "ESTABLISHED");
                    return attempt;
                }
            }
            Flood(pause);
        }
        return null;
    }

    private ulong Accounted()
    {
        PipelineCounters counters = Bench.Core.Counters;
        ulong dropped = 0;
        for (DropReason reason = DropReason.None + 1; reason < DropReason.Count; reason++)
            dropped += counters.Dropped(reason);
        return counters.Forwarded + counters.Replies + counters.Related + counters.Routed + counters.Echoed + counters.Arp + counters.NeighborDiscovery
            + counters.NotOurs + dropped;
    }
}
