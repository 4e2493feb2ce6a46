using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary><c>-o</c>: every datagram is scheduled for itself and leaves nothing but numbers.</summary>
public sealed class OnePacketTests : BenchLife
{
    private static readonly Peer Client = new("10.1.128.1", 1000, VirtualPort: 53);

    [Fact]
    public void Every_packet_is_scheduled_and_answered_and_nothing_is_listed()
    {
        Have("-o");
        foreach (int server in (int[])[2, 1, 2, 1])
        {
            Ask(Client, server, bytes: 20, back: 100);
            Assert.Equal(5300, ServerPortOf(Client));
            Assert.Empty(Listed());
        }
        Assert.Equal(
            (2ul, 2ul, 96ul, 2ul, 256ul),
            (StatusOf(1).Statistics.Connections, StatusOf(1).Statistics.InPackets, StatusOf(1).Statistics.InBytes, StatusOf(1).Statistics.OutPackets, StatusOf(1).Statistics.OutBytes));
        Assert.Equal((0u, 0u), (StatusOf(1).ActiveConnections, StatusOf(1).InactiveConnections));
        Assert.Equal(4ul, Assert.Single(Bench.Core.Statistics().Services).Statistics.Connections);
        Assert.Equal((4ul, 4ul), (Bench.Core.Counters.Forwarded, Bench.Core.Counters.Replies));
    }

    [Fact]
    public void With_persistence_the_client_keeps_its_server_and_the_template_its_time()
    {
        Have("-o -p 30");
        Ask(Client, server: 2);
        Ask(Client with { Address = "10.1.128.2" }, server: 1);
        Wait(20_000);
        Ask(Client with { Port = 1001 }, server: 2);
        Assert.Equal([("NONE", 30), ("NONE", 10)], Listed().Select(each => (each.State, (int)Math.Round(each.Expires / 10.0) * 10)));
        Assert.Equal(1u, StatusOf(2).PersistentConnections);
        Wait(31_000);
        Assert.Empty(Listed());
        Assert.Equal(0u, StatusOf(2).PersistentConnections);
    }

    [Fact]
    public void Other_traffic_of_the_server_passes_as_it_is()
    {
        Have("-o");
        Sent sent = Assert.Single(Bench.Receive(Bench.ServerSide, Client.FromServer(Bench, "10.2.0.11", 5301, null, new byte[1])));
        Assert.Equal(Bench.ServerAddress(1), sent.Ip.Source);
        sent = Assert.Single(Bench.Receive(Bench.ServerSide, Client.FromServer(Bench, "10.2.0.11", 5300, TcpFlags.Syn, [])));
        Assert.Equal(Bench.ServerAddress(1), sent.Ip.Source);
        sent = Assert.Single(Bench.Receive(Bench.ServerSide, Client.FromServer(Bench, "10.2.0.13", 5300, null, new byte[1])));
        Assert.Equal(Bench.ServerAddress(3), sent.Ip.Source);
    }

    [Fact]
    public void A_servers_connection_in_another_service_goes_before()
    {
        Have("-o");
        Do("ipvsadm -A -u 10.1.0.100:54 -s rr");
        Do("ipvsadm -a -u 10.1.0.100:54 -r 10.2.0.11:5300 -m");
        Peer other = Client with { VirtualPort = 54 };
        Ask(other, server: 1);
        Ask(Client with { Port = 1001 }, server: 2);
        Ask(Client with { Port = 1001 }, server: 1);
        Ask(other, server: 1);
    }

    [Fact]
    public void A_server_that_is_gone_is_answered_for_no_more()
    {
        Have("-o");
        Ask(Client, server: 2);
        Do("ipvsadm -d -u 10.1.0.100:53 -r 10.2.0.12:5300");
        Sent sent = Assert.Single(Bench.Receive(Bench.ServerSide, Client.FromServer(Bench, "10.2.0.12", 5300, null, new byte[1])));
        Assert.Equal(Bench.ServerAddress(2), sent.Ip.Source);
    }

    [Fact]
    public void Connections_from_before_the_option_keep_their_server()
    {
        Have("");
        Ask(Client, server: 2);
        Do("ipvsadm -E -u 10.1.0.100:53 -s rr -o");
        Ask(Client, server: 2);
        Ask(Client with { Port = 1001 }, server: 1);
        Ask(Client with { Port = 1001 }, server: 2);
        Assert.Single(Listed());
    }

    [Fact]
    public void Directly_routed_packets_stay_as_they_are()
    {
        Do("ipvsadm -A -u 10.1.0.100:53 -s rr -o");
        for (int server = 1; server <= 2; server++)
            Do($"ipvsadm -a -u 10.1.0.100:53 -r 10.2.0.1{server}:53 -g");
        foreach (int server in (int[])[2, 1, 2])
        {
            Sent sent = Assert.Single(Bench.Receive(Bench.Client, Client.ToVirtual(Bench, null, new byte[1])));
            Assert.Equal((Bench.ServerMac(server), Bench.Vip), (sent.EthernetHeader.Destination, sent.Ip.Destination));
        }
        Assert.Empty(Listed());
    }

    [Fact]
    public void A_server_on_every_port_gets_the_services()
    {
        Do("ipvsadm -A -u 10.1.0.100:53 -s rr -o");
        Do("ipvsadm -a -u 10.1.0.100:53 -r 10.2.0.11:0 -m");
        Ask(Client, server: 1);
        Assert.Equal(53, ServerPortOf(Client));
    }

    [Fact]
    public void No_server_no_service_for_the_client()
    {
        Do("ipvsadm -A -u 10.1.0.100:53 -s rr -o");
        Refuse(Client, null, IpProtocol.Icmp);
    }

    [Fact]
    public void Of_ipv6()
    {
        Do("ipvsadm -A -u [fd00:1::100]:53 -s rr -o");
        for (int server = 1; server <= 2; server++)
            Do($"ipvsadm -a -u [fd00:1::100]:53 -r [fd00:2::1{server}]:5300 -m");
        Peer client = new("fd00:8::1", 1000, "fd00:1::100", 53);
        Ask(client, server: 2);
        Ask(client, server: 1);
        Assert.Empty(Listed());
    }

    private void Have(string options)
    {
        Do($"ipvsadm -A -u 10.1.0.100:53 -s rr {options}");
        for (int server = 1; server <= 2; server++)
            Do($"ipvsadm -a -u 10.1.0.100:53 -r 10.2.0.1{server}:5300 -m");
    }
}
