using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Servers of weight 0 and deleted ones, under templates and connections. (What was recorded of that: <see cref="RecordedLives"/>.)</summary>
public sealed class QuiescentServerTests : BenchLife
{
    private static readonly Peer Client = new("10.1.128.1", 1);

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    public void Expire_quiescent_template_says_whether_a_template_holds_to_a_server_of_weight_0(int setting, int expected)
    {
        Have("-p 60");
        Do($"sysctl -w net.ipv4.vs.expire_quiescent_template={setting}");
        Assert.Equal(2, Opened(Client));
        Do("ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 0");
        Assert.Equal(expected, Opened(Client with { Port = 2 }));
        Do("ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 1");
        Assert.Equal(expected, Opened(Client with { Port = 3 }));
        Assert.Equal((expected == 1 ? 1u : 3u), StatusOf(2).ActiveConnections);
    }

    [Fact]
    public void A_template_that_nobody_asks_for_is_valid_again_when_its_server_is_back()
    {
        Have("-p 60");
        Assert.Equal(2, Opened(Client));
        Do("ipvsadm -d -t 10.1.0.100:80 -r 10.2.0.12:80");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m");
        Assert.Equal(2, Opened(Client with { Port = 2 }));
    }

    [Fact]
    public void Invalid_templates_of_a_client_wait_for_their_connections_side_by_side()
    {
        Have("-p 60");
        Do("sysctl -w net.ipv4.vs.expire_quiescent_template=1");
        for (ushort port = 1; port <= 4; port++)
        {
            int server = Opened(Client with { Port = port });
            Assert.Equal(port % 2 == 1 ? 2 : 1, server);
            Do($"ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.1{server}:80 -m -w 0");
            Do($"ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.1{3 - server}:80 -m -w 1");
        }
        Assert.Equal(3, Listed().Count(each => each.VirtualPort == 65535));
        Assert.Equal((2u, 2u), (StatusOf(1).PersistentConnections, StatusOf(2).PersistentConnections));
        Wait(1_000_000);
        Assert.Empty(Listed());
        Assert.Equal((0u, 0u), (StatusOf(1).PersistentConnections, StatusOf(2).PersistentConnections));
    }

    [Fact]
    public void Port_65535_is_a_port_like_any_other()
    {
        Do("ipvsadm -A -t 10.1.0.100:65535 -s rr -p 60");
        Do("ipvsadm -a -t 10.1.0.100:65535 -r 10.2.0.11:65535 -m");
        Do("ipvsadm -a -t 10.1.0.100:65535 -r 10.2.0.12:65535 -m");
        Peer client = Client with { VirtualPort = 65535 };
        Assert.Equal(2, Opened(client));
        Do("ipvsadm -d -t 10.1.0.100:65535 -r 10.2.0.12:65535");
        Assert.Equal(1, Opened(client with { Port = 2 }));
        Assert.Equal(1, Opened(client with { Port = 3 }));
        Assert.Equal(2, Listed().Count(each => each.ClientPort == 0));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("-p 60", 0)]
    [InlineData("", 1)]
    [InlineData("-p 60", 1)]
    public void With_expire_nodest_conn_a_syn_on_a_connection_to_weight_0_is_scheduled_anew(string options, int setting)
    {
        Have(options);
        Do($"sysctl -w net.ipv4.vs.expire_nodest_conn={setting}");
        Assert.Equal(2, Opened(Client));
        Do("ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 0");
        Send(Client, TcpFlags.Ack);
        Assert.Equal(2, ServerOf(Client));
        Send(Client, TcpFlags.Syn);
        // A template holds to it.
        Assert.Equal(setting == 1 && options.Length == 0 ? 1 : 2, ServerOf(Client));
        Assert.Equal(setting == 1 ? 2ul : 1ul, StatusOf(1).Statistics.Connections + StatusOf(2).Statistics.Connections);
    }

    [Fact]
    public void With_expire_nodest_conn_a_packet_may_come_before_the_connection_is_ended()
    {
        Have("");
        Do("sysctl -w net.ipv4.vs.expire_nodest_conn=1");
        Assert.Equal((2, 1), (Opened(Client), Opened(Client with { Port = 2 })));
        Do("ipvsadm -d -t 10.1.0.100:80 -r 10.2.0.12:80");
        Refuse(Client, TcpFlags.Ack, IpProtocol.Tcp);
        Assert.Equal(1, Opened(Client));
        Assert.Equal(2u, StatusOf(1).ActiveConnections);
    }

    [Fact]
    public void Expire_nodest_conn_set_later_ends_what_is_left_of_deleted_servers()
    {
        Have("-p 60");
        Open(Client);
        Open(new Peer("10.1.128.2", 1));
        Do("ipvsadm -d -t 10.1.0.100:80 -r 10.2.0.12:80");
        Wait(1000);
        Assert.Equal(4, Listed().Count);
        Do("sysctl -w net.ipv4.vs.expire_nodest_conn=1");
        Wait(1000);
        Assert.Equal(["10.2.0.11", "10.2.0.11"], Listed().Select(each => each.Server.ToString()));
    }

    [Fact]
    public void A_deleted_servers_connections_leave_its_place_to_others_when_the_last_has_ended()
    {
        Have("-p 60");
        Open(Client);
        uint slot = Bench.Core.Services.Services[0].Servers[0].Slot;
        Do("ipvsadm -d -t 10.1.0.100:80 -r 10.2.0.12:80");
        Assert.True(Bench.Core.Connections.Servers[slot].IsInUse);
        Wait(1_000_000);
        Assert.False(Bench.Core.Connections.Servers[slot].IsInUse);
        Assert.Null(Bench.Core.Services.ServerAt(slot));
    }

    private void Have(string options)
    {
        Do($"ipvsadm -A -t 10.1.0.100:80 -s rr {options}");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m");
    }
}
