using System.Net;
using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Services;

/// <summary>The kernel's answers, as the recordings of ipvsadm 1.31 on Linux 6.1 have them.</summary>
public sealed class ServiceDecisionTests
{
    private const string Web = "tcp 10.1.0.100:80";
    private const string Web6 = "tcp [fd00:1::101]:80";

    public static TheoryData<string, DirectorCommand, CommandError> Answers => new()
    {
        { "add a second time", new AddService(Service(Web, "rr")), CommandError.ServiceExists },
        { "add another port", new AddService(Service("tcp 10.1.0.100:81")), CommandError.None },
        { "add the same port of UDP", new AddService(Service("udp 10.1.0.100:80")), CommandError.None },
        { "add a firewall mark", new AddService(Service("fwmark 1")), CommandError.None },
        { "twos is not built", new AddService(Service("tcp 10.1.0.1:1013", "twos")), CommandError.UnknownScheduler },
        { "unknown persistence engine", new AddService(Service("udp 10.1.0.1:10") with { PersistenceEngine = "bogus" }), CommandError.UnknownScheduler },
        { "sip", new AddService(Service("udp 10.1.0.1:10") with { PersistenceEngine = "sip" }), CommandError.None },
        { "sip over TCP", new AddService(Persistent("tcp 10.1.0.1:11", 60) with { PersistenceEngine = "sip" }), CommandError.None },
        { "sip, one packet", new AddService(OnePacket("udp 10.1.0.1:12") with { PersistenceEngine = "sip" }), CommandError.None },
        { "one packet", new AddService(OnePacket("udp 10.1.0.1:1")), CommandError.None },
        { "one packet of a firewall mark", new AddService(OnePacket("fwmark 5")), CommandError.None },
        { "one packet of TCP", new AddService(OnePacket("tcp 10.1.0.1:3")), CommandError.InvalidOperation },
        { "one packet of SCTP", new AddService(OnePacket("sctp 10.1.0.1:6")), CommandError.InvalidOperation },
        { "edit to one packet of TCP", new EditService(OnePacket(Web)), CommandError.InvalidOperation },
        { "IPv6 prefix of 0", new AddService(Persistent("tcp [fd00::4]:80", 60) with { PrefixLength = 0 }), CommandError.InvalidOperation },
        { "IPv6 prefix of 129", new AddService(Persistent("tcp [fd00::5]:80", 60) with { PrefixLength = 129 }), CommandError.InvalidOperation },
        { "any IPv4 mask", new AddService(Persistent("tcp 10.1.0.1:4", 60) with { PersistenceNetmask = IPAddress.Parse("255.0.255.0") }), CommandError.None },
        { "port 0 without persistence", new AddService(Service("tcp 10.1.0.1:0")), CommandError.InvalidOperation },
        { "port 0 with persistence", new AddService(Persistent("tcp 10.1.0.1:0", 360)), CommandError.None },
        { "persistence of 0 s", new AddService(Persistent("tcp 10.1.0.1:1", 0)), CommandError.OutOfRange },
        { "persistence of 31 days", new AddService(Persistent("tcp 10.1.0.1:1", 2678400)), CommandError.None },
        { "persistence of more", new AddService(Persistent("tcp 10.1.0.1:1", 2678401)), CommandError.OutOfRange },
        { "any VIP: multicast", new AddService(Service("tcp 224.0.0.1:80")), CommandError.None },
        { "any VIP: zero", new AddService(Service("tcp 0.0.0.0:80")), CommandError.None },
        { "edit", new EditService(Service(Web, "rr")), CommandError.None },
        { "edit what is not there", new EditService(Service("tcp 10.1.0.9:80")), CommandError.NoSuchService },
        { "edit to an unknown scheduler", new EditService(Service(Web, "twos")), CommandError.UnknownScheduler },
        { "delete", new DeleteService(Key(Web)), CommandError.None },
        { "delete what is not there", new DeleteService(Key("tcp 10.1.0.9:80")), CommandError.NoSuchService },
        { "zero", new Zero(Key(Web)), CommandError.None },
        { "zero all", new Zero(), CommandError.None },
        { "zero what is not there", new Zero(Key("tcp 10.1.0.9:80")), CommandError.NoSuchService },
        { "clear", new Clear(), CommandError.None },
        { "server", new AddServer(Key(Web), Server("10.2.0.12:8080")), CommandError.None },
        { "server twice", new AddServer(Key(Web), Server("10.2.0.11:80", weight: 7)), CommandError.ServerExists },
        { "server twice, other method", new AddServer(Key(Web), Server("10.2.0.11:80", ForwardingMethod.DirectRoute)), CommandError.ServerExists },
        { "DR takes the service's port", new AddServer(Key(Web), Server("10.2.0.11:8080", ForwardingMethod.DirectRoute)), CommandError.ServerExists },
        { "server of no service", new AddServer(Key("tcp 10.1.0.9:80"), Server("10.2.0.11:80")), CommandError.ServiceNotDefined },
        { "server port 0", new AddServer(Key(Web), Server("10.2.0.29:0")), CommandError.None },
        { "server 0.0.0.0", new AddServer(Key(Web), Server("0.0.0.0:80")), CommandError.InvalidOperation },
        { "server 255.255.255.255", new AddServer(Key(Web), Server("255.255.255.255:80")), CommandError.InvalidOperation },
        { "server 224.0.0.1", new AddServer(Key(Web), Server("224.0.0.1:80")), CommandError.InvalidOperation },
        { "server 127.0.0.1", new AddServer(Key(Web), Server("127.0.0.1:80")), CommandError.None },
        { "IPv6", new AddService(Service("tcp [fd00:1::100]:80")), CommandError.None },
        { "any VIP: ::", new AddService(Service("tcp [::]:80")), CommandError.None },
        { "an IPv4 address in IPv6's notation", new AddService(Service("tcp [::ffff:10.1.0.100]:80")), CommandError.InvalidOperation },
        { "IPv6 server", new AddServer(Key(Web6), Server("[fd00:2::12]:80")), CommandError.None },
        { "IPv6 server ::", new AddServer(Key(Web6), Server("[::]:80")), CommandError.InvalidOperation },
        { "IPv6 server ::1", new AddServer(Key(Web6), Server("[::1]:80")), CommandError.None },
        { "IPv6 server multicast", new AddServer(Key(Web6), Server("[ff02::1]:80")), CommandError.InvalidOperation },
        { "IPv6 server of a link", new AddServer(Key(Web6), Server("[fe80::11]:80")), CommandError.InvalidOperation },
        { "IPv6 server that is an IPv4 one", new AddServer(Key(Web6), Server("[::ffff:10.2.0.11]:80")), CommandError.InvalidOperation },
        { "IPv4 server of an IPv6 service", new AddServer(Key(Web6), Server("10.2.0.11:80")), CommandError.InvalidOperation },
        { "server of the other family", new AddServer(Key(Web), Server("[fd00:2::11]:80")), CommandError.InvalidOperation },
        { "server of the other family by tunnel", new AddServer(Key(Web), Server("[fd00:2::11]:80", ForwardingMethod.Tunnel)), CommandError.None },
        { "greatest weight", new AddServer(Key(Web), Server("10.2.0.24:80", weight: int.MaxValue)), CommandError.None },
        { "negative weight", new AddServer(Key(Web), Server("10.2.0.22:80", weight: -1)), CommandError.OutOfRange },
        { "thresholds 100, 50", new AddServer(Key(Web), Thresholds(100, 50)), CommandError.None },
        { "thresholds 50, 50", new AddServer(Key(Web), Thresholds(50, 50)), CommandError.None },
        { "thresholds -, 50", new AddServer(Key(Web), Thresholds(0, 50)), CommandError.OutOfRange },
        { "thresholds 50, 100", new AddServer(Key(Web), Thresholds(50, 100)), CommandError.OutOfRange },
        { "out of range is seen before a duplicate", new AddServer(Key(Web), Server("10.2.0.11:80") with { LowerThreshold = 1 }), CommandError.OutOfRange },
        { "GUE without port", new AddServer(Key(Web), Server("10.2.0.14:80", ForwardingMethod.Tunnel) with { TunnelType = TunnelType.Gue }), CommandError.InvalidOperation },
        { "edit server", new EditServer(Key(Web), Server("10.2.0.11:80", weight: 9)), CommandError.None },
        { "edit server that is not there", new EditServer(Key(Web), Server("10.2.0.99:80")), CommandError.NoSuchServer },
        { "edit server to DR by another port", new EditServer(Key("tcp 10.1.0.101:80"), Server("10.2.0.11:8080", ForwardingMethod.DirectRoute)), CommandError.NoSuchServer },
        { "edit server of no service", new EditServer(Key("tcp 10.1.0.9:80"), Server("10.2.0.11:80")), CommandError.ServiceNotDefined },
        { "delete server", new DeleteServer(Key(Web), Server("10.2.0.11:80").Address, 80), CommandError.None },
        { "delete server by another port", new DeleteServer(Key(Web), Server("10.2.0.11:80").Address, 81), CommandError.NoSuchServer },
        { "delete server of no service", new DeleteServer(Key("tcp 10.1.0.9:80"), Server("10.2.0.11:80").Address, 80), CommandError.ServiceNotDefined },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answers_as_the_kernel_does(string name, DirectorCommand command, CommandError expected)
    {
        DirectorState director = new();
        director.Execute(new AddService(Service(Web)));
        director.Execute(new AddServer(Key(Web), Server("10.2.0.11:80")));
        director.Execute(new AddService(Service(Web6)));
        director.Execute(new AddService(Service("tcp 10.1.0.101:80")));
        director.Execute(new AddServer(Key("tcp 10.1.0.101:80"), Server("10.2.0.11:8080")));
        ServiceTable before = director.Table;

        CommandResult result = director.Execute(command);

        Assert.True(expected == result.Error, $"{name}: {result}");
        if (expected != CommandError.None)
            Assert.Same(before, director.Table);
    }

    [Theory]
    [InlineData(ForwardingMethod.DirectRoute, 80)]
    [InlineData(ForwardingMethod.Tunnel, 80)]
    [InlineData(ForwardingMethod.Masquerade, 8080)]
    public void Port_of_a_server_whose_packets_are_not_rewritten_is_the_services(ForwardingMethod method, int port)
    {
        DirectorState director = new();
        director.Execute(new AddService(Service(Web)));
        director.Execute(new AddServer(Key(Web), Server("10.2.0.17:8080", method)));
        Assert.Equal(port, director.Table.Find(Key(Web))!.Servers.Single().Port);
    }

    [Fact]
    public void Port_of_a_server_under_a_firewall_mark_is_kept()
    {
        DirectorState director = new();
        director.Execute(new AddService(Service("fwmark 1")));
        director.Execute(new AddServer(Key("fwmark 1"), Server("10.2.0.12:80", ForwardingMethod.DirectRoute)));
        Assert.Equal(80, director.Table.Find(Key("fwmark 1"))!.Servers.Single().Port);
    }

    [Fact]
    public void Edit_replaces_all_but_the_servers()
    {
        DirectorState director = new();
        director.Execute(new AddService(Persistent(Web, 60)));
        director.Execute(new AddServer(Key(Web), Server("10.2.0.11:80")));
        director.Execute(new EditService(Service(Web, "rr")));

        VirtualService service = director.Table.Find(Key(Web))!;
        Assert.Equal(("rr", ServiceFlags.None, 1), (service.Scheduler, service.Flags, service.Servers.Length));
    }

    [Fact]
    public void A_service_with_a_server_that_is_refused_is_not_added_at_all()
    {
        DirectorState director = new();
        CommandResult result = director.Execute(new AddService(Service(Web) with { Servers = [Server("10.2.0.11:80"), Server("224.0.0.1:80")] }));
        Assert.Equal(CommandError.InvalidOperation, result.Error);
        Assert.StartsWith("server 224.0.0.1:80: ", result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, director.Table.Count);
    }

    [Fact]
    public void One_packet_services_have_no_full_nat_whichever_comes_first()
    {
        const string Words = "full NAT needs connections, and one-packet scheduling (-o) leaves none";
        DirectorState director = new();
        RealServer server = Server("10.2.0.11:53", ForwardingMethod.FullNat);
        director.Execute(new AddService(OnePacket("udp 10.1.0.100:53")));
        Assert.Equal(new CommandResult(CommandError.InvalidOperation, Words), director.Execute(new AddServer(Key("udp 10.1.0.100:53"), server)));
        director.Execute(new AddServer(Key("udp 10.1.0.100:53"), Server("10.2.0.11:53")));
        Assert.Equal(new CommandResult(CommandError.InvalidOperation, Words), director.Execute(new EditServer(Key("udp 10.1.0.100:53"), server)));

        director.Execute(new AddService(Service("udp 10.1.0.100:54") with { Servers = [server] }));
        Assert.Equal(new CommandResult(CommandError.InvalidOperation, Words), director.Execute(new EditService(OnePacket("udp 10.1.0.100:54"))));
        Assert.Equal(CommandError.InvalidOperation, director.Execute(new AddService(OnePacket("udp 10.1.0.100:55") with { Servers = [server] })).Error);
        Assert.Equal(2, director.Table.Count);
    }

    [Theory]
    [InlineData("twos", true)]
    [InlineData("mh", true)]
    [InlineData("best", false)]
    public void Schedulers_are_those_of_the_engine(string scheduler, bool known)
    {
        DirectorState director = new(new Capabilities());
        CommandResult result = director.Execute(new AddService(Service(Web, scheduler)));
        Assert.Equal(known ? CommandResult.Done : new CommandResult(CommandError.UnknownScheduler, $"no scheduler is called '{scheduler}'"), result);
    }

    [Theory]
    [InlineData(Web, ForwardingMethod.FullNat, ClientAddress.None, CommandError.None, null)]
    [InlineData(Web, ForwardingMethod.FullNat, ClientAddress.Toa, CommandError.None, null)]
    [InlineData("fwmark 7", ForwardingMethod.FullNat, ClientAddress.ProxyProtocol, CommandError.None, null)]
    [InlineData("udp 10.1.0.100:53", ForwardingMethod.FullNat, ClientAddress.Toa, CommandError.InvalidOperation, "the client's address is handed on over TCP only")]
    [InlineData(Web, ForwardingMethod.Masquerade, ClientAddress.Toa, CommandError.InvalidOperation, "the client's address is handed on with full NAT only")]
    [InlineData(Web, ForwardingMethod.Masquerade, ClientAddress.None, CommandError.None, null)]
    public void A_client_is_told_of_over_TCP_with_full_NAT(
        string key, ForwardingMethod method, ClientAddress how, CommandError error, string? detail)
    {
        DirectorState director = new();
        director.Execute(new AddService(Service(key)));
        Assert.Equal(
            new CommandResult(error, detail),
            director.Execute(new AddServer(Key(key), Server("10.2.0.11:80", method) with { ClientAddress = how })));
    }

    [Fact]
    public void Full_NAT_needs_a_local_address_of_the_servers_family()
    {
        DirectorState director = new(Capabilities.Recorded with { LocalAddresses = [IPAddress.Parse("10.2.0.200")] });
        director.Execute(new AddService(Service(Web)));
        director.Execute(new AddService(Service("tcp [fd00::1]:80")));
        Assert.Equal(CommandResult.Done, director.Execute(new AddServer(Key(Web), Server("10.2.0.11:80", ForwardingMethod.FullNat))));
        Assert.Equal(
            new CommandResult(CommandError.NotConfigured, "full NAT to fd00::11 needs an IPv6 address in director.local-addresses"),
            director.Execute(new AddServer(Key("tcp [fd00::1]:80"), Server("[fd00::11]:80", ForwardingMethod.FullNat))));
        DirectorState without = new(Capabilities.Recorded with { LocalAddresses = [] });
        Assert.Equal(
            new CommandResult(CommandError.NotConfigured, "server 10.2.0.12:80: full NAT to 10.2.0.12 needs an IPv4 address in director.local-addresses"),
            without.Execute(new AddService(Service(Web) with { Servers = [Server("10.2.0.12:80", ForwardingMethod.FullNat)] })));
    }

    [Theory]
    [InlineData("10.1.0.1:80", ForwardingMethod.Masquerade, null)]
    [InlineData("10.1.0.1:80", ForwardingMethod.FullNat, null)]
    [InlineData("10.1.0.1:80", ForwardingMethod.DirectRoute, "10.1.0.1 is this host, which does not have 10.1.0.100 (the director answers for it itself): use masquerading (-m)")]
    [InlineData("10.1.0.1:80", ForwardingMethod.Tunnel, "10.1.0.1 is this host, which does not have 10.1.0.100 (the director answers for it itself): use masquerading (-m)")]
    [InlineData("127.0.0.1:80", ForwardingMethod.Masquerade, "127.0.0.1 hears nothing from the network: name an address of this host's interfaces, with masquerading (-m)")]
    [InlineData("10.1.0.3:80", ForwardingMethod.DirectRoute, null)]
    public void A_server_that_is_this_host_is_masqueraded(string server, ForwardingMethod method, string? refused)
    {
        DirectorState director = new(Capabilities.Recorded with { IsHostAddress = address => address.ToString() is "10.1.0.1" or "127.0.0.1" });
        director.Execute(new AddService(Service(Web)));
        CommandResult result = director.Execute(new AddServer(Key(Web), Server(server, method)));
        Assert.Equal(refused is null ? CommandResult.Done : new CommandResult(CommandError.NotSupported, refused), result);
    }

    [Fact]
    public void Timeouts_of_zero_stay_as_they_are()
    {
        DirectorState director = new();
        director.Execute(new SetTimeouts(new Timeouts(10, 20, 30)));
        director.Execute(new SetTimeouts(new Timeouts(0, 0, 40)));
        Assert.Equal(new Timeouts(10, 20, 40), director.Timeouts);
    }

    private static VirtualService Persistent(string key, uint seconds) =>
        Service(key) with { Flags = ServiceFlags.Persistent, PersistenceTimeout = seconds };

    private static VirtualService OnePacket(string key) => Service(key) with { Flags = ServiceFlags.OnePacket };

    private static RealServer Thresholds(uint upper, uint lower) => Server("10.2.0.42:80") with { UpperThreshold = upper, LowerThreshold = lower };
}
