using System.Net;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Whom a template holds together, and for how long. (What was recorded of that: <see cref="RecordedLives"/>.)</summary>
public sealed class PersistenceTests : BenchLife
{
    public static TheoryData<string, string, string, bool> Groups => new()
    {
        // -M, a client, another one, together?
        { "", "10.1.128.1", "10.1.128.2", false },
        { "-M 255.255.255.0", "10.1.128.1", "10.1.128.254", true },
        { "-M 255.255.255.0", "10.1.128.1", "10.1.129.1", false },
        { "-M 255.255.0.255", "10.1.128.7", "10.1.200.7", true },
        { "-M 255.255.0.255", "10.1.128.7", "10.1.128.8", false },
        // ipvsadm's -M 24
        { "-M 0.0.0.24", "10.1.128.1", "10.1.200.7", true },
        { "-M 0.0.0.24", "10.1.128.1", "10.1.128.8", false },
        { "-M 0.0.0.0", "10.1.128.1", "10.1.255.254", true },
    };

    [Theory]
    [MemberData(nameof(Groups))]
    public void The_mask_says_who_shares_a_template(string mask, string first, string second, bool together)
    {
        Have("-t 10.1.0.100:80", $"-p 60 {mask}");
        Assert.Equal(4, Opened(new Peer(first, 1)));
        Assert.Equal(together ? 4 : 3, Opened(new Peer(second, 1)));
        Assert.Equal(4, Opened(new Peer(first, 2)));
        Assert.Equal(together ? 1 : 2, Templates().Length);
    }

    [Theory]
    [InlineData("", "fd00:8::1", "fd00:8::2", false)]
    [InlineData("-M 64", "fd00:8::1", "fd00:8::ffff:1", true)]
    [InlineData("-M 64", "fd00:8::1", "fd00:8:0:1::1", false)]
    [InlineData("-M 63", "fd00:8::1", "fd00:8:0:1::1", true)]
    [InlineData("-M 97", "fd00:8::1", "fd00:8::8000:1", false)]
    public void Of_ipv6_the_prefix_length_does(string mask, string first, string second, bool together)
    {
        Have("-t [fd00:1::100]:80", $"-p 60 {mask}", servers: "[fd00:2::1{0}]:80");
        Assert.Equal(4, Opened(new Peer(first, 1, "fd00:1::100")));
        Assert.Equal(together ? 4 : 3, Opened(new Peer(second, 1, "fd00:1::100")));
        Assert.Equal(4, Opened(new Peer(first, 2, "fd00:1::100")));
        Assert.Equal(together ? 1 : 2, Templates().Length);
    }

    [Fact]
    public void A_template_is_listed_with_the_masked_client()
    {
        Have("-t 10.1.0.100:80", "-p 60 -M 255.255.255.0");
        Send(new Peer("10.1.128.77", 1), TcpFlags.Syn);
        ConnectionEntry template = Assert.Single(Templates());
        Assert.Equal("NONE 10.1.128.0:0 10.1.0.100:80 10.2.0.14:80", Line(template));
        Answer(new Peer("10.1.128.77", 1), TcpFlags.Syn | TcpFlags.Ack);
        Assert.Equal("NONE 10.1.128.0:0 10.1.0.100:80 10.2.0.14:80", Line(Assert.Single(Templates())));
        Send(new Peer("10.1.128.77", 1), TcpFlags.Ack);
        Assert.Equal("ASSURED 10.1.128.0:0 10.1.0.100:80 10.2.0.14:80", Line(Assert.Single(Templates())));
    }

    [Fact]
    public void A_service_for_every_port_holds_all_of_a_clients_connections_together()
    {
        Have("-t 10.1.0.100:0", "-p 60", servers: "10.2.0.1{0}:0");
        foreach (ushort port in (ushort[])[80, 443, 22, 60000])
        {
            Peer client = new("10.1.128.1", 1000, VirtualPort: port);
            Assert.Equal((4, port), (Opened(client), ServerPortOf(client)));
        }
        Assert.Equal(3, Opened(new Peer("10.1.128.2", 1000, VirtualPort: 443)));
        Assert.Equal(["ASSURED 10.1.128.1:0 10.1.0.100:0 10.2.0.14:0", "ASSURED 10.1.128.2:0 10.1.0.100:0 10.2.0.13:0"], Templates().Select(Line));
    }

    [Fact]
    public void A_service_of_one_port_goes_before_the_one_for_every_port_and_has_its_own_templates()
    {
        Have("-t 10.1.0.100:0", "-p 60", servers: "10.2.0.1{0}:0");
        Have("-t 10.1.0.100:80", "-p 60", servers: "10.2.0.1{0}:8080");
        Assert.Equal(4, Opened(new Peer("10.1.128.9", 1)));
        Peer web = new("10.1.128.1", 1), other = new("10.1.128.1", 1, VirtualPort: 81);
        Assert.Equal((4, 3), (Opened(other), Opened(web)));
        Assert.Equal((81, 8080), (ServerPortOf(other), ServerPortOf(web)));
        Assert.Equal((4, 3), (Opened(other with { Port = 2 }), Opened(web with { Port = 2 })));
    }

    [Fact]
    public void The_template_of_a_port_is_for_that_port_alone()
    {
        Have("-t 10.1.0.100:80", "-p 60");
        Have("-t 10.1.0.100:81", "-p 60", servers: "10.2.0.1{0}:81");
        Assert.Equal(4, Opened(new Peer("10.1.128.9", 1, VirtualPort: 81)));
        Assert.Equal(4, Opened(new Peer("10.1.128.1", 1)));
        Assert.Equal(3, Opened(new Peer("10.1.128.1", 1, VirtualPort: 81)));
        Assert.Equal(4, Opened(new Peer("10.1.128.1", 2)));
    }

    [Fact]
    public void Only_new_connections_start_a_templates_time_again()
    {
        Have("-t 10.1.0.100:80", "-p 30");
        Peer client = new("10.1.128.1", 1);
        Open(client);
        Wait(20_000);
        Send(client, TcpFlags.Ack | TcpFlags.Psh, 1);
        Assert.Equal(10u, Assert.Single(Templates()).Expires, 1.0);
        Open(client with { Port = 2 });
        Assert.Equal(30u, Assert.Single(Templates()).Expires, 1.0);
    }

    [Fact]
    public void A_template_without_connections_ends_when_its_time_is_up_and_the_client_is_scheduled_anew()
    {
        Have("-t 10.1.0.100:80", "-p 30");
        Assert.Equal(4, OpenedAndReset(1));
        Wait(29_000);
        Assert.Equal(1u, StatusOf(4).PersistentConnections);
        Wait(1_100);
        Assert.Empty(Listed());
        Assert.Equal(0u, StatusOf(4).PersistentConnections);
        Assert.Equal(3, OpenedAndReset(2));
    }

    [Fact]
    public void A_template_with_connections_gets_another_minute_as_often_as_it_needs_to_and_from_then_on_always()
    {
        Have("-t 10.1.0.100:80", "-p 5");
        Peer client = new("10.1.128.1", 1);
        Open(client);
        Wait(5_100);
        Assert.Equal(59u, Assert.Single(Templates()).Expires, 1.0);
        Wait(60_000);
        Assert.Equal(59u, Assert.Single(Templates()).Expires, 1.0);
        Wait(30_000);
        Assert.Equal(4, Opened(client with { Port = 2 }));
        Assert.Equal(59u, Assert.Single(Templates()).Expires, 1.0);
    }

    [Fact]
    public void An_overloaded_server_keeps_the_clients_that_it_has()
    {
        Do("ipvsadm -A -t 10.1.0.100:80 -s rr -p 60");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -x 1");
        Assert.Equal(2, Opened(new Peer("10.1.128.1", 1)));
        Assert.Equal(1, Opened(new Peer("10.1.128.2", 1)));
        Assert.Equal(1, Opened(new Peer("10.1.128.3", 1)));
        Assert.Equal(2, Opened(new Peer("10.1.128.1", 2)));
        Assert.Equal((2u, 1u), (StatusOf(2).ActiveConnections, StatusOf(2).PersistentConnections));
    }

    [Fact]
    public void A_template_outlives_its_service_and_serves_the_one_that_comes_back()
    {
        Have("-t 10.1.0.100:80", "-p 60");
        Open(new Peer("10.1.128.1", 1));
        Do("ipvsadm -C");
        Have("-t 10.1.0.100:80", "-p 60");
        Assert.Equal(4, Opened(new Peer("10.1.128.9", 1)));
        Assert.Equal(3, Opened(new Peer("10.1.128.8", 1)));
        Assert.Equal(4, Opened(new Peer("10.1.128.1", 2)));
        Assert.Equal(2u, StatusOf(4).PersistentConnections);
    }

    [Fact]
    public void A_service_edited_not_to_be_persistent_schedules_every_connection()
    {
        Have("-t 10.1.0.100:80", "-p 60");
        Assert.Equal(4, Opened(new Peer("10.1.128.1", 1)));
        Do("ipvsadm -E -t 10.1.0.100:80 -s rr");
        Assert.Equal(3, Opened(new Peer("10.1.128.1", 2)));
        Do("ipvsadm -E -t 10.1.0.100:80 -s rr -p 100");
        Assert.Equal(4, Opened(new Peer("10.1.128.1", 3)));
        // Its time was given to it when it was made.
        Assert.Equal(60u, Assert.Single(Templates()).Expires, 1.0);
    }

    [Fact]
    public void Without_a_server_to_choose_the_client_is_told_so_and_no_template_is_made()
    {
        Have("-t 10.1.0.100:80", "-p 60");
        for (int server = 1; server <= 4; server++)
            Do($"ipvsadm -e -t 10.1.0.100:80 -r 10.2.0.1{server}:80 -m -w 0");
        Refuse(new Peer("10.1.128.1", 1), TcpFlags.Syn, IpProtocol.Icmp);
        Assert.Empty(Listed());
        Assert.Equal(1ul, Bench.Core.Counters.Dropped(DropReason.NoServerAvailable));
    }

    private void Have(string service, string options, string servers = "10.2.0.1{0}:80")
    {
        Do($"ipvsadm -A {service} -s rr {options}");
        for (int server = 1; server <= 4; server++)
            Do($"ipvsadm -a {service} -r {servers.Replace("{0}", $"{server}", StringComparison.Ordinal)} -m");
    }

    private int OpenedAndReset(ushort port)
    {
        Peer client = new("10.1.128.1", port);
        int server = Opened(client);
        Send(client, TcpFlags.Rst | TcpFlags.Ack);
        return server;
    }

    private ConnectionEntry[] Templates() => [.. Listed().Where(each => each.ClientPort == 0)];

    private static string Line(ConnectionEntry each) =>
        $"{each.State} {new IPEndPoint(each.Client, each.ClientPort)} {new IPEndPoint(each.Virtual, each.VirtualPort)} {new IPEndPoint(each.Server, each.ServerPort)}";
}
