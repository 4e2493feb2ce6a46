using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Templates and what hangs on them outlive the engine.</summary>
public sealed class PersistenceRestartTests : BenchLife
{
    private static readonly Peer Client = new("10.1.128.1", 1);

    public PersistenceRestartTests()
    {
        Do("ipvsadm -A -t 10.1.0.100:80 -s rr -p 30");
        for (int server = 1; server <= 3; server++)
            Do($"ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.1{server}:80 -m");
    }

    [Fact]
    public void They_are_listed_counted_and_followed_as_before()
    {
        Open(Client);
        Open(new Peer("10.1.128.2", 1));
        Wait(10_000);
        IReadOnlyList<ConnectionEntry> before = Listed();

        RestartEngine();
        Assert.Equal(before, Listed());
        Assert.Equal([(0u, 0u), (1u, 1u), (1u, 1u)], Enumerable.Range(1, 3).Select(server => (StatusOf(server).ActiveConnections, StatusOf(server).PersistentConnections)));
        Assert.Equal(3, Opened(new Peer("10.1.128.3", 1)));
        Assert.Equal(3, Opened(Client with { Port = 2 }));
        Assert.Equal(2, Opened(new Peer("10.1.128.2", 2)));
    }

    [Fact]
    public void A_template_knows_its_connections_again_and_stays_until_the_last_has_ended()
    {
        Open(Client);
        Open(Client with { Port = 2 });
        Send(Client, TcpFlags.Rst | TcpFlags.Ack);
        RestartEngine();
        Wait(40_000);
        ConnectionEntry template = Assert.Single(Listed(), each => each.ClientPort == 0);
        Assert.Equal(50u, template.Expires, 1.0);

        Send(Client with { Port = 2 }, TcpFlags.Rst | TcpFlags.Ack);
        Wait(11_000);
        Assert.Single(Listed());
        Wait(40_000);
        Assert.Empty(Listed());
        Assert.Equal((0u, 0u), (StatusOf(3).InactiveConnections, StatusOf(3).PersistentConnections));
    }

    [Fact]
    public void An_invalid_template_stays_invalid()
    {
        Open(Client);
        Do("ipvsadm -d -t 10.1.0.100:80 -r 10.2.0.13:80");
        Assert.Equal(2, Opened(Client with { Port = 2 }));
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.13:80 -m");
        RestartEngine();
        Assert.Equal(2, Opened(Client with { Port = 3 }));
        Assert.Equal([65535, 80], Listed().Where(each => each.ClientPort == 0).Select(each => (int)each.VirtualPort).OrderDescending());
        Assert.Equal(1u, StatusOf(3).PersistentConnections);
    }

    [Fact]
    public void With_expire_nodest_conn_nothing_ends_before_the_new_engine_has_its_table()
    {
        Do("sysctl -w net.ipv4.vs.expire_nodest_conn=1");
        Open(Client);
        Bench next = new(memory: ConnectionMemory.Attach(Bench.Memory.Memory), now: Bench.Now);
        next.Core.SetSettings(new Settings { ExpireNodestConn = true });
        next.Tick(1000);
        Assert.Equal(2u, next.Core.Connections.Count);
        next.Apply([.. Commands.Services]);
        next.Tick(1000);
        Assert.Equal(2u, next.Core.Connections.Count);
    }

    [Fact]
    public void With_expire_nodest_conn_they_end_if_the_new_table_has_no_such_server()
    {
        Do("sysctl -w net.ipv4.vs.expire_nodest_conn=1");
        Open(Client);
        Open(new Peer("10.1.128.2", 1));
        Bench next = new(memory: ConnectionMemory.Attach(Bench.Memory.Memory), now: Bench.Now);
        next.Core.SetSettings(new Settings { ExpireNodestConn = true });
        next.Apply(Commands.Services[0] with { Servers = Commands.Services[0].Servers.RemoveAt(2) });
        next.Tick(1000);
        Assert.Equal(2u, next.Core.Connections.Count);
    }
}
