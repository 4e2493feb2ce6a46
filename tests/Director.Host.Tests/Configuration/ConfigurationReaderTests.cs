using System.Net;
using Director.Dataplane.Control;
using Director.Host.Configuration;
using Director.Model;

namespace Director.Host.Tests.Configuration;

public sealed class ConfigurationReaderTests
{
    private const string Minimal = """
        director {
          name = "a"
          interfaces = ["eth0", "eth1"]
        }
        """;

    [Fact]
    public void A_minimal_file_has_sound_defaults()
    {
        DirectorOptions options = Read(Minimal);
        Assert.Equal(("a", "/var/lib/director", "/var/lib/director/engine.sock"), (options.Name, options.DataDirectory, options.EngineSocket));
        Assert.Equal(("/run/director/director.sock", "127.0.0.1", 8558), (options.ManagementSocket, options.HttpHostname, options.HttpPort));
        Assert.True(options.Engine.IsSameAs(new EngineConfiguration { Interfaces = ["eth0", "eth1"] }));
        Assert.Empty(options.Services);
    }

    [Fact]
    public void Everything_that_the_contract_names_is_taken()
    {
        DirectorOptions options = Read("""
            director {
              name = "a", data-directory = "/tmp/x"
              interfaces = ["eth0", "eth1"]
              floating-addresses = ["10.2.0.254/24@eth1"]
              local-addresses = ["10.2.0.200-10.2.0.203", "fd00:2::200-fd00:2::201"]
              priority = 100
              preempt = off
              firewall-marks = [
                "-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"
                "-d 10.1.0.101,10.1.0.102 -i eth1 -j MARK --set-mark 8"
              ]
              settings { expire_nodest_conn = 1, lblc_expiration = 3600 }
              engine   { fast-path = auto, connection-limit = 50000, socket = "/tmp/e" }
              election { group = 7, address = "10.1.0.100", key = "secret", announce-interval = 40ms, missed-announcements = 3
                         virtual-mac = off, track-addresses = ["10.1.0.1"] }
              connection-sync { mode = async, strict-timeout = 50ms }
              persistence { provider = sqlite }
              management { socket = "/tmp/s", http { hostname = "127.0.0.1", port = 0 } }
              services = [
                { address = "tcp 10.1.0.100:80", scheduler = wrr,
                  servers = [ { address = "10.2.0.11:80", forwarding = masquerade, weight = 3 } ] }
              ]
            }
            akka { remote.dot-netty.tcp { hostname = "10.3.0.1", port = 4053 } }
            """);
        Assert.True(options.Engine.IsSameAs(new EngineConfiguration
        {
            Interfaces = ["eth0", "eth1"],
            FloatingAddresses = [new FloatingAddress(IPAddress.Parse("10.2.0.254"), 24, "eth1")],
            LocalAddresses =
            [
                .. Enumerable.Range(200, 4).Select(i => IPAddress.Parse($"10.2.0.{i}")), IPAddress.Parse("fd00:2::200"), IPAddress.Parse("fd00:2::201"),
            ],
            Group = 7,
            VirtualMac = false,
            ConnectionLimit = 50000,
        }));
        VirtualService service = Assert.Single(options.Services);
        Assert.Equal(("tcp 10.1.0.100:80", "wrr"), (service.Key.ToString(), service.Scheduler));
        Assert.Equal((3, ForwardingMethod.Masquerade), (Assert.Single(service.Servers).Weight, service.Servers[0].Forwarding));
        Assert.Equal(
            ["-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7", "-d 10.1.0.101 -i eth1 -j MARK --set-mark 8", "-d 10.1.0.102 -i eth1 -j MARK --set-mark 8"],
            options.Marks.Select(rule => rule.ToString()));
        Assert.Equal(new Settings { ExpireNodestConn = true, LblcExpiration = 3600 }, options.Settings);
        Assert.Equal("10.3.0.1", options.Akka.GetString("akka.remote.dot-netty.tcp.hostname"));
    }

    [Fact]
    public void IPv6_is_taken_wherever_IPv4_is()
    {
        DirectorOptions options = Read("""
            director {
              name = "a", interfaces = ["eth0", "eth1"]
              floating-addresses = ["10.2.0.254/24@eth1", "fd00:2::254/64@eth1", "fe80::254/64@eth1"]
              election { address = "fd00:1::100", track-addresses = ["10.1.0.1", "fd00:1::1"] }
              services = [
                { address = "tcp [fd00:1::100]:80", servers = [ { address = "[fd00:2::11]:8080" }, { address = "[fd00:2::12]:80", forwarding = direct-route } ] }
                { address = "fwmark6 7", servers = [ { address = "[fd00:2::11]:0" } ] }
              ]
            }
            """);
        Assert.Equal(
            [
                new FloatingAddress(IPAddress.Parse("10.2.0.254"), 24, "eth1"), new FloatingAddress(IPAddress.Parse("fd00:2::254"), 64, "eth1"),
                new FloatingAddress(IPAddress.Parse("fe80::254"), 64, "eth1"),
            ],
            options.Engine.FloatingAddresses);
        Assert.Equal(["tcp [fd00:1::100]:80", "fwmark6 7"], options.Services.Select(service => service.Key.ToString()));
        Assert.Equal([("fd00:2::11", 8080), ("fd00:2::12", 80)], options.Services[0].Servers.Select(server => (server.Address.ToString(), (int)server.Port)));
    }

    [Fact]
    public void Every_mistake_is_told_at_once_with_its_line_and_key()
    {
        (DirectorOptions? options, ConfigurationError[] errors) = ConfigurationReader.Parse("d.conf", """
            director {
              interfaces = ["eth0", "eth0"]
              priorty = 5
              election { group = 300 }
              engine.fast-path = warp
              floating-addresses = ["10.2.0.254/24@eth7"]
              services = [
                { address = "tcp 10.1.0.100", scheduler = zz }
              ]
            }
            akka.cluster.seed-nodes = ["akka.tcp://director@10.3.0.1:4053", "akka.tcp://lvs@10.3.0.2:4053", "10.3.0.3"]
            akka.remote.dot-netty.tcp.port = 4053
            """);
        Assert.Null(options);
        Assert.Equal(
            [
                "d.conf:1: director.name: is missing (for example name = \"a\")",
                "d.conf:2: director.interfaces[1]: 'eth0' is named twice",
                "d.conf:3: director.priorty: no such setting; did you mean priority?",
                "d.conf:4: director.election.group: '300' is not a whole number from 1 to 255",
                "d.conf:5: director.engine.fast-path: 'warp' is none of auto, tcx, xdp, off",
                "d.conf:6: director.floating-addresses[0]: 'eth7' is none of director.interfaces",
                "d.conf:8: director.services[0].address: 'tcp 10.1.0.100' is not a service (tcp 10.1.0.100:80, udp [fd00:1::100]:53, fwmark 7, fwmark6 7)",
                "d.conf:8: director.services[0].scheduler: 'zz' is none of",
                "d.conf:11: akka.cluster.seed-nodes[1]: 'akka.tcp://lvs@10.3.0.2:4053' names the actor system 'lvs'; that of a director is called 'director'",
                "d.conf:11: akka.cluster.seed-nodes[2]: '10.3.0.3' is not written as akka.tcp://director@10.3.0.1:4053",
                "d.conf:11: akka.cluster.seed-nodes: a cluster needs director.election.key, a secret that all its directors share",
                "d.conf:12: akka.remote.dot-netty.tcp.hostname: is missing: the address at which the other directors reach this one (for example hostname = \"10.3.0.1\")",
            ],
            errors.Select(error => error.ToString() is var text && text.IndexOf("none of dh", StringComparison.Ordinal) is var cut and > 0 ? text[..(cut + 7)] : text));
    }

    [Theory]
    [InlineData("director { interfaces = [", "d.conf:1: the '[' opened here is never closed")]
    [InlineData("director {\n name = \"a\"", "d.conf:1: the '{' opened here is never closed")]
    [InlineData("director { }\n}", "d.conf:2: '}' closes nothing that was opened")]
    [InlineData("director {\n name = \"a\n}", "d.conf:2: the string that starts here is never closed")]
    [InlineData("director { interfaces = [ \"eth0\" }\n", "d.conf:1: the '[' opened here is closed by '}' in line 1")]
    [InlineData("director { name }", "d.conf:1: 'name' has no value (expected = or { after it)")]
    [InlineData("a = [ { \"", "d.conf:1: the string that starts here is never closed")]
    [InlineData("", "d.conf:1: director: is missing: director { name = ..., interfaces = [...] }")]
    public void What_the_parser_would_choke_on_is_told_before(string text, string expected)
    {
        (DirectorOptions? options, ConfigurationError[] errors) = ConfigurationReader.Parse("d.conf", text);
        Assert.Null(options);
        Assert.Equal(expected, Assert.Single(errors).ToString());
    }

    [Theory]
    [InlineData("management.http.hostname = \"0.0.0.0\"", "director.management.http.hostname", "beyond loopback")]
    [InlineData("persistence.provider = postgresql", "director.persistence.provider", "needs a connection-string")]
    [InlineData("persistence { provider = postgresql, connection-string = \"Username=director\" }", "director.persistence.connection-string", "names no Host")]
    [InlineData("persistence { provider = postgresql, connection-string = \"Host=db;Colour=red\" }", "director.persistence.connection-string", "colour")]
    [InlineData("persistence.connection-string = \"Host=db\"", "director.persistence.connection-string", "provider = postgresql only")]
    [InlineData("firewall-marks = [\"-j MARK --set-mark 1\", \"-d x -j MARK --set-mark 7\"]", "director.firewall-marks[1]", "-d: 'x' is not an address")]
    [InlineData("firewall-marks = [\"-i eth7 -j MARK --set-mark 7\"]", "director.firewall-marks[0]", "-i eth7 is none of director.interfaces")]
    [InlineData("firewall-marks = [\"-j MARK --set-mark 7\", \"-j MARK --set-mark 0x7\"]", "director.firewall-marks[1]", "'-j MARK --set-mark 7' stands in the list already")]
    [InlineData("settings.drop_entry = 4", "director.settings.drop_entry", "'4' is not a whole number from 0 to 3")]
    [InlineData("settings { drop_entri = 1 }", "director.settings.drop_entri", "did you mean drop_entry?")]
    [InlineData("settings { snat_reroute = 0 }", "director.settings.snat_reroute", "has no meaning here")]
    [InlineData("local-addresses = [\"10.2.0.9-10.2.0.1\"]", "director.local-addresses[0]", "runs backwards")]
    [InlineData("local-addresses = [\"10.2.0.0-10.2.4.0\"]", "director.local-addresses[0]", "more than 1024")]
    [InlineData("local-addresses = [\"10.2.0.0-10.2.3.255\", \"10.3.0.1\"]", "director.local-addresses", "more than 1024")]
    [InlineData("local-addresses = [\"10.2.0.1-10.2.0.9\", \"10.2.0.5\"]", "director.local-addresses", "10.2.0.5 is named twice")]
    [InlineData("local-addresses = [\"10.2.0.1\", \"10.2\"]", "director.local-addresses[1]", "neither an address nor a range")]
    [InlineData("local-addresses = [\"fd00::1-10.2.0.1\"]", "director.local-addresses[0]", "neither an address nor a range")]
    [InlineData("local-addresses = [\"fe80::1%eth0\"]", "director.local-addresses[0]", "neither an address nor a range")]
    [InlineData("local-addresses = [\"224.0.0.1\"]", "director.local-addresses[0]", "neither an address nor a range")]
    [InlineData("local-addresses = [\"fd00:1::1-fd00:2::1\"]", "director.local-addresses[0]", "more than 1024")]
    [InlineData(
        "services = [ { address = \"tcp 10.1.0.100:80\", servers = [ { address = \"10.2.0.11:80\", forwarding = masquerade, client-address = toa } ] } ]",
        "director.services[0].servers[0].client-address", "full-nat only")]
    [InlineData("floating-addresses = [\"fd00:2::254/129@eth1\"]", "director.floating-addresses[0]", "not written as 10.2.0.254/24@eth1 or fd00:2::254/64@eth1")]
    [InlineData("floating-addresses = [\"10.2.0.254/64@eth1\"]", "director.floating-addresses[0]", "not written as")]
    [InlineData("floating-addresses = [\"fd00:2::254@eth1\"]", "director.floating-addresses[0]", "not written as")]
    [InlineData("floating-addresses = [\"fe80::254%2/64@eth1\"]", "director.floating-addresses[0]", "not written as")]
    [InlineData("floating-addresses = [\"ff02::1/64@eth1\"]", "director.floating-addresses[0]", "not written as")]
    [InlineData("floating-addresses = [\"::ffff:10.2.0.254/128@eth1\"]", "director.floating-addresses[0]", "not written as")]
    [InlineData("floating-addresses = [\"fd00:2::254/64@eth7\"]", "director.floating-addresses[0]", "none of director.interfaces")]
    [InlineData("floating-addresses = [\"fe80::1/64@eth0\", \"fe80::1/64@eth1\"]", "director.floating-addresses[1]", "'fe80::1' is named twice")]
    [InlineData("election.address = \"fd00::zz\"", "director.election.address", "not an address that a host can have")]
    [InlineData("election.track-addresses = [\"fd00:1::1\", \"ff02::1\"]", "director.election.track-addresses", "'ff02::1' is not an address")]
    [InlineData("services = [{ address = \"tcp fd00:1::100:80\" }]", "director.services[0].address", "is not a service")]
    [InlineData("services = [{ address = \"tcp [fd00::1]:80\", servers = [{ address = \"10.2.0.11:80\" }] }]", "director.services[0].servers[0].address", "of another address family than tcp [fd00::1]:80")]
    [InlineData("election.announce-interval = 0ms", "director.election.announce-interval", "1ms to 10000ms")]
    [InlineData("election = 3", "director.election", "expected an object")]
    [InlineData("interfaces = eth0", "director.interfaces", "expected a list")]
    [InlineData("management.http.token-file = \"/no/such\"", "director.management.http.token-file", "no file")]
    public void A_bad_value_is_told(string line, string key, string words)
    {
        string text = Minimal.Replace("}", line + "\n}", StringComparison.Ordinal);
        (_, ConfigurationError[] errors) = ConfigurationReader.Parse("d.conf", text);
        Assert.Contains(errors, error => error.Key == key && error.Line == 4 && error.Text.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void Comments_includes_triple_quotes_and_substitutions_do_not_confuse()
    {
        DirectorOptions options = Read("""""
            # { [ "
            x = """ { " [ """ // }
            y = ${x} "}"
            director { name = a, interfaces = ["eth0"] } # end }
            """"");
        Assert.Equal("a", options.Name);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() => Assert.Contains(
        "cannot be read", Assert.Single(ConfigurationReader.Read("/no/such/file").Errors).Text, StringComparison.Ordinal);

    private static DirectorOptions Read(string text)
    {
        (DirectorOptions? options, ConfigurationError[] errors) = ConfigurationReader.Parse("d.conf", text);
        Assert.Empty(errors);
        return options!;
    }
}
