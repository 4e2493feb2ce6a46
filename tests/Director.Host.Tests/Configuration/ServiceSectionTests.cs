using System.Net;
using Director.Host.Configuration;
using Director.Model;

namespace Director.Host.Tests.Configuration;

/// <summary><c>director.services</c>: what ipvsadm can say, and the words for what it would not mean.</summary>
public sealed class ServiceSectionTests
{
    private static readonly RealServer Tunnelled = new() { Address = IPAddress.Parse("10.2.0.11"), Port = 80, Forwarding = ForwardingMethod.Tunnel };

    [Theory]
    [InlineData("")]
    [InlineData("tunnel-type = ipip, tunnel-checksum = off")]
    public void A_tunnel_is_of_IP_in_IP_unless_said_otherwise(string keys) => Assert.Equal(Tunnelled, Server(keys));

    [Theory]
    [InlineData("tunnel-type = gre", TunnelType.Gre, 0, TunnelFlags.None)]
    [InlineData("tunnel-type = gre, tunnel-checksum = on", TunnelType.Gre, 0, TunnelFlags.Checksum)]
    [InlineData("tunnel-type = gue, tunnel-port = 6080", TunnelType.Gue, 6080, TunnelFlags.None)]
    [InlineData("tunnel-type = gue, tunnel-port = 6080, tunnel-checksum = on", TunnelType.Gue, 6080, TunnelFlags.Checksum)]
    [InlineData("tunnel-type = gue, tunnel-port = 65535, tunnel-checksum = remote", TunnelType.Gue, 65535, TunnelFlags.RemoteChecksum)]
    public void A_tunnel_has_the_options_that_ipvsadm_has(string keys, TunnelType type, ushort port, TunnelFlags flags) =>
        Assert.Equal(Tunnelled with { TunnelType = type, TunnelPort = port, TunnelFlags = flags }, Server(keys));

    [Theory]
    [InlineData("tcp 10.1.0.100:80", "10.2.0.11:8080", 8080)]
    [InlineData("tcp 10.1.0.100:80", "10.2.0.11", 80)]
    [InlineData("udp [fd00:1::100]:53", "[fd00:2::11]", 53)]
    [InlineData("fwmark 7", "10.2.0.11", 0)]
    [InlineData("fwmark6 7", "[fd00:2::11]:0", 0)]
    [InlineData("fwmark 7", "10.2.0.11:8080", 8080)]
    public void A_server_without_a_port_has_the_services(string service, string server, ushort port)
    {
        RealServer read = Assert.Single(Service($"address = \"{service}\", servers = [ {{ address = \"{server}\" }} ]").Servers);
        Assert.Equal((ForwardingMethod.Masquerade, port), (read.Forwarding, read.Port));
    }

    [Theory]
    [InlineData("persistence-timeout = 360", 360)]
    [InlineData("persistence-timeout = 360s", 360)]
    [InlineData("persistence-timeout = 20m", 1200)]
    [InlineData("persistence-timeout = 12 h", 43_200)]
    [InlineData("persistence-timeout = 31d", 2_678_400)]
    [InlineData("persistence-timeout = 1", 1)]
    public void Persistence_has_a_timeout_in_seconds(string keys, uint seconds)
    {
        VirtualService service = Service($"address = \"tcp 10.1.0.100:80\", {keys}");
        Assert.Equal((ServiceFlags.Persistent, seconds), (service.Flags, service.PersistenceTimeout));
        Assert.Equal((null, 128, null), (service.PersistenceNetmask, service.PrefixLength, service.PersistenceEngine));
    }

    [Theory]
    [InlineData("255.255.255.0", "255.255.255.0")]
    [InlineData("24", "255.255.255.0")]
    [InlineData("0", "0.0.0.0")]
    [InlineData("0.0.0.255", "0.0.0.255")]
    [InlineData("31", "255.255.255.254")]
    [InlineData("32", null)]
    [InlineData("255.255.255.255", null)]
    public void Persistence_may_be_by_network(string netmask, string? expected) => Assert.Equal(
        expected is null ? null : IPAddress.Parse(expected),
        Service($"address = \"fwmark 7\", persistence-timeout = 60, persistence-netmask = {netmask}").PersistenceNetmask);

    [Theory]
    [InlineData("1", 1)]
    [InlineData("64", 64)]
    [InlineData("128", 128)]
    public void Persistence_of_IPv6_has_a_prefix_length(string netmask, byte expected)
    {
        VirtualService service = Service($"address = \"fwmark6 7\", persistence-timeout = 60, persistence-netmask = {netmask}");
        Assert.Equal((null, expected), (service.PersistenceNetmask, service.PrefixLength));
    }

    [Fact]
    public void A_SIP_service_for_every_port_is_persistent_by_call()
    {
        VirtualService service = Service("address = \"udp 10.1.0.100:0\", persistence-timeout = 60, persistence-engine = sip, one-packet = on");
        Assert.Equal(("sip", ServiceFlags.Persistent | ServiceFlags.OnePacket), (service.PersistenceEngine, service.Flags));
        Assert.Null(Service("address = \"udp 10.1.0.100:53\", persistence-timeout = 60, persistence-engine = none, one-packet = off").PersistenceEngine);
    }

    [Theory]
    [InlineData("sh", "sh-port", ServiceFlags.Scheduler2)]
    [InlineData("sh", "sh-port, sh-fallback", ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2)]
    [InlineData("mh", "mh-fallback, mh-port", ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2)]
    [InlineData("wlc", "flag-1, flag-3", ServiceFlags.Scheduler1 | ServiceFlags.Scheduler3)]
    [InlineData("rr", "", ServiceFlags.None)]
    public void Schedulers_have_flags_by_name(string scheduler, string names, ServiceFlags flags) =>
        Assert.Equal(flags, Service($"address = \"tcp 10.1.0.100:80\", scheduler = {scheduler}, scheduler-flags = [{names}]").Flags);

    [Theory]
    [InlineData("scheduler = sh, scheduler-flags = [sh-port, mh-port]", "scheduler-flags[1]", "'mh-port' is for scheduler mh, not for sh")]
    [InlineData("scheduler-flags = [sh-port]", "scheduler-flags[0]", "'sh-port' is for scheduler sh, not for wlc")]
    [InlineData("scheduler-flags = [sh-prot]", "scheduler-flags[0]", "'sh-prot' is none of sh-fallback, sh-port,")]
    [InlineData("scheduler-flags = sh-port", "scheduler-flags", "expected a list")]
    [InlineData("one-packet = on", "one-packet", "goes with udp and fwmark services only")]
    [InlineData("one-packet = 1", "one-packet", "neither on nor off")]
    [InlineData("persistence-timeout = 0", "persistence-timeout", "'0' is not a time from 1 to 2678400 seconds")]
    [InlineData("persistence-timeout = 32d", "persistence-timeout", "'32d' is not a time")]
    [InlineData("persistence-timeout = 99999999999d", "persistence-timeout", "is not a time")]
    [InlineData("persistence-timeout = 360ms", "persistence-timeout", "written as 360, 360s or 6m")]
    [InlineData("persistence-timeout = -1", "persistence-timeout", "is not a time")]
    [InlineData("persistence-timeout = s", "persistence-timeout", "is not a time")]
    [InlineData("persistence-netmask = 24", "persistence-netmask", "goes with persistence-timeout only")]
    [InlineData("persistence-engine = sip", "persistence-engine", "goes with persistence-timeout only")]
    [InlineData("persistence-timeout = 360, persistence-engine = h323", "persistence-engine", "'h323' is none of none, sip")]
    [InlineData("persistence-timeout = 360, persistence-netmask = 33", "persistence-netmask", "'33' is neither a netmask")]
    [InlineData("persistence-timeout = 360, persistence-netmask = 255.255.0", "persistence-netmask", "is neither a netmask")]
    [InlineData("persistence-timeout = 360, persistence-netmask = \"ffff::\"", "persistence-netmask", "is neither a netmask")]
    [InlineData("persistence-time = 360", "persistence-time", "did you mean")]
    public void A_bad_value_of_a_service_is_told(string keys, string key, string words) =>
        AssertWrong($"address = \"tcp 10.1.0.100:80\"\n{keys}", 5, $"director.services[0].{key}", words);

    [Theory]
    [InlineData("tcp 10.1.0.100:0", "", "port 0 (every port) is for persistent services")]
    [InlineData("tcp [::ffff:10.1.0.100]:80", "", "is an IPv4 address")]
    [InlineData("fwmark 0", "", "is not a service (tcp 10.1.0.100:80, udp [fd00:1::100]:53, fwmark 7, fwmark6 7)")]
    [InlineData("mark 7", "one-packet = on, persistence-timeout = 60, persistence-netmask = 200, scheduler-flags = [flag-1]", "is not a service")]
    public void A_bad_service_is_told(string address, string keys, string words) =>
        AssertWrong($"address = \"{address}\"\n{keys}", 4, "director.services[0].address", words);

    [Theory]
    [InlineData("persistence-netmask = 0")]
    [InlineData("persistence-netmask = 129")]
    [InlineData("persistence-netmask = 255.255.255.0")]
    public void A_bad_prefix_length_of_IPv6_is_told(string key) => AssertWrong(
        $"address = \"tcp [fd00:1::100]:80\", persistence-timeout = 60\n{key}", 5, "director.services[0].persistence-netmask", "is not a prefix length from 1 to 128");

    [Theory]
    [InlineData("tunnel-type = gue", "tunnel-port", "is missing")]
    [InlineData("tunnel-type = gue, tunnel-port = 0", "tunnel-port", "'0' is not a whole number from 1 to 65535")]
    [InlineData("tunnel-type = gre, tunnel-port = 6080", "tunnel-port", "goes with tunnel-type = gue only")]
    [InlineData("tunnel-port = 6080", "tunnel-port", "goes with tunnel-type = gue only")]
    [InlineData("tunnel-checksum = on", "tunnel-checksum", "'on' goes with tunnel-type = gre or gue only")]
    [InlineData("tunnel-checksum = remote", "tunnel-checksum", "'remote' goes with tunnel-type = gue only")]
    [InlineData("tunnel-type = gre, tunnel-checksum = remote", "tunnel-checksum", "'remote' goes with tunnel-type = gue only")]
    [InlineData("tunnel-type = gue, tunnel-port = 6080, tunnel-checksum = yes", "tunnel-checksum", "'yes' is none of off, on, remote")]
    [InlineData("tunnel-type = vxlan", "tunnel-type", "'vxlan' is none of ipip, gre, gue")]
    [InlineData("tunnel-typ = gre", "tunnel-typ", "did you mean tunnel-type?")]
    public void A_bad_value_of_a_tunnel_is_told(string keys, string key, string words) => AssertWrong(
        $"address = \"tcp 10.1.0.100:80\"\nservers = [ {{ address = \"10.2.0.11\", forwarding = tunnel, {keys} }} ]", 5, $"director.services[0].servers[0].{key}", words);

    [Theory]
    [InlineData("forwarding = masquerade, tunnel-type = gre", "tunnel-type", "goes with forwarding = tunnel only")]
    [InlineData("forwarding = direct-route, tunnel-port = 6080", "tunnel-port", "goes with forwarding = tunnel only")]
    [InlineData("tunnel-checksum = off", "tunnel-checksum", "goes with forwarding = tunnel only")]
    [InlineData("forwarding = dr", "forwarding", "'dr' is none of masquerade, direct-route, tunnel, full-nat")]
    [InlineData("forwarding = full-nat", "address", "full NAT to 10.2.0.11 needs an IPv4 address in director.local-addresses")]
    [InlineData("upper-threshold = 5, lower-threshold = 6", "lower-threshold", "'6' is above upper-threshold, 5")]
    [InlineData("lower-threshold = 6", "lower-threshold", "'6' is above upper-threshold, 0")]
    public void A_bad_value_of_a_server_is_told(string keys, string key, string words) => AssertWrong(
        $"address = \"tcp 10.1.0.100:80\"\nservers = [ {{ address = \"10.2.0.11\", {keys} }} ]", 5, $"director.services[0].servers[0].{key}", words);

    [Theory]
    [InlineData("address = \"10.2.0.11:8080\", forwarding = direct-route", "port 8080 is out of reach")]
    [InlineData("address = \"10.2.0.11:0\", forwarding = tunnel", "port 0 is out of reach: direct routing and tunnels do not change the port, 80")]
    [InlineData("address = \"10.2.0\"", "'10.2.0' is not an address, with a port or without")]
    [InlineData("address = \"10.2.0.11:\"", "is not an address")]
    [InlineData("address = \"fd00:2::11\", forwarding = tunnel", "is not an address")]
    [InlineData("address = \"[fd00:2::11]\"", "of another address family than tcp 10.1.0.100:80")]
    [InlineData("address = \"224.0.0.1\"", "is not a unicast address")]
    [InlineData("address = \"127.0.0.1\"", "hears nothing from the network")]
    [InlineData("address = \"[fe80::1]\", forwarding = tunnel", "good on its own link only")]
    public void A_bad_address_of_a_server_is_told(string keys, string words) => AssertWrong(
        $"address = \"tcp 10.1.0.100:80\"\nservers = [ {{ {keys} }} ]", 5, "director.services[0].servers[0].address", words);

    [Fact]
    public void What_stands_twice_is_told()
    {
        AssertWrong(
            "address = \"tcp 10.1.0.100:80\"\nservers = [ { address = \"10.2.0.11\" }, { address = \"10.2.0.11:80\" } ]",
            5, "director.services[0].servers[1].address", "'10.2.0.11:80' is declared twice in tcp 10.1.0.100:80");
        AssertWrong("address = \"fwmark 7\" }, {\naddress = \"fwmark 7\"", 5, "director.services[1].address", "'fwmark 7' is declared twice");
    }

    [Fact]
    public void What_does_not_go_together_is_told_of_the_server() => AssertWrong(
        "address = \"udp 10.1.0.100:53\", one-packet = on\nservers = [ { address = \"10.2.0.11\", forwarding = full-nat } ]",
        5, "director.services[0].servers[0].address", "one-packet scheduling (-o) leaves none", "local-addresses = [\"10.2.0.200\"],");

    private static RealServer Server(string keys) =>
        Assert.Single(Service($"address = \"tcp 10.1.0.100:80\", servers = [ {{ address = \"10.2.0.11\", forwarding = tunnel, {keys} }} ]").Servers);

    // The service begins in line 4.
    private static string File(string service, string director = "") =>
        $"director {{\n  name = a, interfaces = [eth0]\n{director} services = [ {{\n{service}\n}} ] }}";

    private static VirtualService Service(string keys)
    {
        (DirectorOptions? options, ConfigurationError[] errors) = ConfigurationReader.Parse("d.conf", File(keys));
        Assert.Empty(errors);
        return Assert.Single(options!.Services);
    }

    private static void AssertWrong(string service, int line, string key, string words, string director = "")
    {
        (_, ConfigurationError[] errors) = ConfigurationReader.Parse("d.conf", File(service, director));
        ConfigurationError error = Assert.Single(errors);
        Assert.Equal((key, line), (error.Key, error.Line));
        Assert.Contains(words, error.Text, StringComparison.Ordinal);
    }
}
