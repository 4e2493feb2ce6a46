using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Data connections of FTP, which come to other ports than its service has, follow the control connection's template.</summary>
public sealed class FtpPersistenceTests : BenchLife
{
    private static readonly Peer Control = new("10.1.128.1", 1, VirtualPort: 21);

    [Fact]
    public void Passive_data_goes_where_the_control_connection_went()
    {
        Have("-p 60");
        Assert.Equal(4, Opened(new Peer("10.1.128.9", 1, VirtualPort: 21)));
        Assert.Equal((3, 2100), (Opened(Control), ServerPortOf(Control)));
        Peer data = Control with { Port = 2, VirtualPort = 40000 };
        Assert.Equal((3, 40000), (Opened(data), ServerPortOf(data)));
        Assert.Equal((0, 0), (Template().VirtualPort, Template().ServerPort));
    }

    [Fact]
    public void Active_data_begins_here_with_the_clients_answer()
    {
        Have("-p 60");
        Assert.Equal(4, Opened(Control));
        // The server's SYN from its port 20 went past the director.
        Peer data = Control with { Port = 2000, VirtualPort = 20 };
        Send(data, TcpFlags.Syn | TcpFlags.Ack);
        Assert.Equal((4, 20), (ServerOf(data), ServerPortOf(data)));
    }

    [Fact]
    public void A_data_connection_may_come_first()
    {
        Have("-p 60");
        Assert.Equal(4, Opened(Control with { VirtualPort = 1024 }));
        Assert.Equal(4, Opened(Control));
    }

    [Fact]
    public void Other_ports_below_1024_are_none_of_its_business()
    {
        Have("-p 60");
        Refuse(Control with { VirtualPort = 1023 }, TcpFlags.Syn, IpProtocol.Tcp);
        Refuse(Control with { VirtualPort = 2000 }, null, IpProtocol.Icmp);
    }

    [Fact]
    public void Without_persistence_there_is_nothing_to_follow()
    {
        Have("");
        Open(Control);
        Refuse(Control with { VirtualPort = 40000 }, TcpFlags.Syn, IpProtocol.Tcp);
    }

    [Fact]
    public void A_service_of_that_very_port_goes_before_it()
    {
        Have("-p 60");
        Do("ipvsadm -A -t 10.1.0.100:40000 -s rr");
        Do("ipvsadm -a -t 10.1.0.100:40000 -r 10.2.0.11:80 -m");
        Peer data = Control with { VirtualPort = 40000 };
        Assert.Equal((1, 80), (Opened(data), ServerPortOf(data)));
    }

    [Fact]
    public void A_service_for_every_port_takes_the_others_and_shares_the_template()
    {
        Have("-p 60");
        Do("ipvsadm -A -t 10.1.0.100:0 -s rr -p 60");
        Do("ipvsadm -a -t 10.1.0.100:0 -r 10.2.0.11 -m");
        Assert.Equal(1, Opened(new Peer("10.1.128.9", 1, VirtualPort: 443)));
        // (As in IPVS: both are all ports of this address to the client.)
        Assert.Equal(4, Opened(Control));
        Peer web = Control with { VirtualPort = 443 };
        Assert.Equal((4, 443), (Opened(web), ServerPortOf(web)));
        Assert.Equal(4, Opened(Control with { VirtualPort = 40000 }));
    }

    private void Have(string options)
    {
        Do($"ipvsadm -A -t 10.1.0.100:21 -s rr {options}");
        for (int server = 1; server <= 4; server++)
            Do($"ipvsadm -a -t 10.1.0.100:21 -r 10.2.0.1{server}:2100 -m");
    }

    private Director.Model.ConnectionEntry Template() => Listed().Single(each => each.ClientPort == 0 && each.Client.ToString() == Control.Address);
}
