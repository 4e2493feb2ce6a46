using System.Globalization;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;
using Director.Model;

namespace Director.Lab.Tests.Balancing;

/// <summary>Full NAT before servers without a route to anybody, which are told of their clients by request.</summary>
public sealed class FullNatTests
{
    private const int Megabyte = 1024 * 1024;
    private const string HasSyn = "tcp[tcpflags] & tcp-syn != 0";

    [Fact]
    public async Task The_example_serves_everybody_as_its_comments_say()
    {
        await using Unrouted lab = await Unrouted.BuildAsync();
        Nginx[] servers = await lab.StartNginxAsync();
        foreach (LabHost server in lab.RealServers)
            await server.Start("udp-echo", $"{Repository.Traffic} udp-echo 5353 {server.Name}").SaysAsync("listening");
        Capture[] atServers = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("everything", "eth0", "ip or ip6")));
        DirectorProcess director = await DirectorProcess.StartExampleAsync(lab.Director, "full-nat");

        Assert.Equal("rs1 10, rs2 20", (await lab.Client.RunAsync(Curl("10.1.0.100", 30))).Spread());
        Assert.Equal(["10.2.0.200", "10.2.0.201", "10.2.0.202", "10.2.0.203"], servers.SelectMany(server => server.Clients()).Distinct().Order());
        Assert.Equal("rs1 5, rs2 5", (await lab.Client.RunAsync(Curl("10.1.0.100:8080", 10))).Spread());
        Assert.Equal("rs1 5, rs2 5", (await lab.Client.RunAsync(Curl("[fd00:1::100]:8080", 10))).Spread());
        Assert.Equal(10, (await lab.Client.RunAsync(Curl("10.1.0.100:8081", 10))).Lines.Length);
        Assert.Equal("rs1 10, rs2 10", (await lab.Client.RunAsync($"{Repository.Traffic} udp-ask 10.1.0.100:53 20")).Spread());
        Assert.Equal("rs1 5, rs2 5", (await lab.Neighbour.RunAsync(Curl("10.2.0.100", 10))).Spread());

        foreach (Nginx server in servers)
        {
            Assert.Equal(5, server.Introductions().Count(line => line == "10.1.0.2 10.1.0.100"));
            Assert.Equal(5, server.Introductions().Count(line => line == "fd00:1::2 fd00:1::100"));
        }
        string[] listed = (await director.IpvsadmAsync("-L -n")).Lines;
        Assert.Contains("TCP  10.1.0.100:80 wrr", listed);
        Assert.Equal(12, listed.Count(line => line.StartsWith("  -> ", StringComparison.Ordinal) && line.Contains(" FullNat ", StringComparison.Ordinal)));
        foreach (Capture capture in atServers)
        {
            await capture.StopAsync();
            await capture.NothingAsync("net 10.1.0.0/16 or net fd00:1::/64");
        }
    }

    [Theory]
    [InlineData("IPv4", "10.1.0.100", "10.2.0.11")]
    [InlineData("IPv6", "[fd00:1::100]", "[fd00:2::11]", Traits = ["Category", "Long"])]
    public async Task Connections_are_listed_as_their_clients_and_their_ports_are_counted(string family, string vip, string server)
    {
        await using Unrouted lab = await Unrouted.BuildAsync(realServers: 1, test: $"{nameof(Connections_are_listed_as_their_clients_and_their_ports_are_counted)}_{family}");
        await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync($"""
            -A -t {vip}:80 -s rr
            -a -t {vip}:80 -r {server}:80 --fullnat
            """);
        Load load = await Load.StartAsync(lab.Client, $"{vip}:80", connections: 20);

        string client = family == "IPv4" ? "10.1.0.2:" : "[fd00:1::2]:";
        string[] connections = (await director.IpvsadmAsync("-L -c -n")).Lines;
        Assert.Equal(20, connections.Count(line => line.StartsWith("TCP ", StringComparison.Ordinal) && line.Contains($" ESTABLISHED {client}", StringComparison.Ordinal)
            && line.Contains($" {vip}:80 ", StringComparison.Ordinal) && line.TrimEnd().EndsWith($" {server}:80", StringComparison.Ordinal)));
        Assert.Matches(@"FullNat 1 +20 +0 *\n", (await director.IpvsadmAsync("-L -n")).Text);
        string[] metrics = await MetricsAsync(lab.Director);
        Assert.Contains("director_local_ports{state=\"used\"} 20", metrics);
        Assert.Contains("director_local_ports{state=\"all\"} 64512", metrics);
        Assert.Contains("director_local_ports_fullest_ratio 0", metrics);
        Assert.Equal(0, (await load.StopAsync()).Broken);
    }

    /// <summary>Who asks an address of its own network gets the answer from there, not past the director.</summary>
    [Theory]
    [InlineData("IPv4", "10.2.0.100", "10.2.0.11", "10.2.0.12")]
    [InlineData("IPv6", "[fd00:2::100]", "[fd00:2::11]", "[fd00:2::12]", Traits = ["Category", "Long"])]
    public async Task Clients_in_the_servers_network_are_served_and_the_servers_themselves(string family, string vip, string first, string second)
    {
        await using Unrouted lab = await Unrouted.BuildAsync(test: $"{nameof(Clients_in_the_servers_network_are_served_and_the_servers_themselves)}_{family}");
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync($"""
            -A -t {vip}:80 -s rr
            -a -t {vip}:80 -r {first}:80 --fullnat
            -a -t {vip}:80 -r {second}:8080 --fullnat --proxy-protocol
            """);
        Capture atNeighbour = await lab.Neighbour.CaptureAsync("answers", "eth0", "tcp");

        foreach (LabHost client in (LabHost[])[lab.Neighbour, .. lab.RealServers])
            Assert.Equal("rs1 10, rs2 10", (await client.RunAsync(Curl(vip, 20))).Spread());

        Assert.Equal(
            (string[])[.. ((string[])["10.2.0.2", "10.2.0.11", "10.2.0.12"]).Select(client => family == "IPv4" ? client : client.Replace("10.2.0.", "fd00:2::", StringComparison.Ordinal))],
            servers[1].Introductions().Select(line => line.Split(' ')[0]).Distinct());
        await atNeighbour.StopAsync();
        string only = family == "IPv4" ? "host 10.2.0.100" : "host fd00:2::100";
        await atNeighbour.NothingAsync($"not ({only})");
    }

    /// <summary>Uploads that the sink itself finds to begin with the header, downloads by nginx; all in super-frames.</summary>
    [Theory]
    [InlineData("IPv4", "10.1.0.100", "10.2.0.11", "10.1.0.2")]
    [InlineData("IPv6", "[fd00:1::100]", "[fd00:2::11]", "[fd00:1::2]", Traits = ["Category", "Long"])]
    public async Task Bulk_behind_a_PROXY_header_stays_whole_in_both_directions(string family, string vip, string server, string client)
    {
        await using Unrouted lab = await Unrouted.BuildAsync(realServers: 1, test: $"{nameof(Bulk_behind_a_PROXY_header_stays_whole_in_both_directions)}_{family}");
        Nginx nginx = (await lab.StartNginxAsync())[0];
        LabHost host = lab.RealServers[0];
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync($"""
            -A -t {vip}:80
            -a -t {vip}:80 -r {server}:8080 --fullnat --proxy-protocol
            -A -t {vip}:5001
            -a -t {vip}:5001 -r {server}:5001 --fullnat --proxy-protocol
            """);
        Capture atServer = await host.CaptureAsync("bulk", "eth0", "tcp port 5001", snapLength: 160);

        string sum = (await host.RunAsync($"head -c {50 * Megabyte} /dev/urandom > {nginx.Folder}/bulk; sha256sum < {nginx.Folder}/bulk")).Text;
        Assert.Equal(sum, (await lab.Client.RunAsync($"curl -sf http://{vip}/bulk | sha256sum", limit: TimeSpan.FromMinutes(1))).Text);
        LabProcess sink = await host.Start("sink", $"{Repository.Traffic} sink 5001 proxy-protocol").SaysAsync("listening");
        Output sent = await lab.Client.RunAsync($"{Repository.Traffic} send {vip}:5001 {50 * Megabyte}", limit: TimeSpan.FromMinutes(1));
        await sink.ExitAsync();

        string[] said = sink.Printed().Split('\n');
        Assert.StartsWith($"client {client}:", said[1], StringComparison.Ordinal);
        Assert.EndsWith($" to {vip}:5001", said[1], StringComparison.Ordinal);
        Assert.Equal(sent.Lines[0], said[2]);
        Assert.Equal(0, await host.CounterAsync("Tcp", "InCsumErrors"));
        Assert.Equal(0, await lab.Client.CounterAsync("Tcp", "InCsumErrors"));
        await atServer.StopAsync();
        Assert.NotEmpty(await atServer.LinesAsync("greater 10000"));
    }

    [Theory]
    [InlineData("IPv4", "10.1.0.100", "10.2.0.11", Traits = ["Category", "Long"])]
    [InlineData("IPv6", "[fd00:1::100]", "[fd00:2::11]")]
    public async Task Toa_completes_the_handshake_and_bulk_behind_it_stays_whole(string family, string vip, string server)
    {
        await using Unrouted lab = await Unrouted.BuildAsync(realServers: 1, test: $"{nameof(Toa_completes_the_handshake_and_bulk_behind_it_stays_whole)}_{family}");
        LabHost host = lab.RealServers[0];
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync($"""
            -A -t {vip}:5001
            -a -t {vip}:5001 -r {server}:5001 --fullnat --toa
            """);
        Capture atServer = await host.CaptureAsync("bulk", "eth0", "tcp dst port 5001", snapLength: 160);
        Capture atClient = await lab.Client.CaptureAsync("handshake", "eth0", "tcp dst port 5001", snapLength: 160);

        await SendAsync(lab, vip, 50 * Megabyte);
        await atServer.StopAsync();
        await atClient.StopAsync();

        int port = int.Parse((await atClient.LinesAsync(options: "")).First().Split(' ')[1].Split('.')[^1], CultureInfo.InvariantCulture);
        string toa = Toa(family, port);
        string completes = (await atServer.LinesAsync(family == "IPv4" ? $"not {HasSyn}" : "ip6[53] & 0x02 = 0")).First();
        Assert.Equal(completes, (await atServer.LinesAsync(toa)).First());
        // Nothing of it in what the client itself sends, nor once the server has answered.
        Assert.Empty(await atClient.LinesAsync(toa));
        Assert.InRange((await atServer.LinesAsync(toa)).Length, 1, 100);
        Assert.NotEmpty(await atServer.LinesAsync("greater 10000"));
        Assert.Equal(0, await host.CounterAsync("Tcp", "InCsumErrors"));
        Assert.Equal(0, await lab.Client.CounterAsync("Tcp", "InCsumErrors"));
    }

    /// <summary>On virtual links nobody fills checksums in unless told to, and tcpdump could not judge them.</summary>
    [Theory]
    [InlineData("IPv4", "10.1.0.100", "10.2.0.11", "--toa", Traits = ["Category", "Long"])]
    [InlineData("IPv4", "10.1.0.100", "10.2.0.11", "--proxy-protocol")]
    [InlineData("IPv6", "[fd00:1::100]", "[fd00:2::11]", "--toa")]
    [InlineData("IPv6", "[fd00:1::100]", "[fd00:2::11]", "--proxy-protocol", Traits = ["Category", "Long"])]
    public async Task Checksums_are_right_on_the_wire(string family, string vip, string server, string told)
    {
        await using Unrouted lab = await Unrouted.BuildAsync(realServers: 1, test: $"{nameof(FullNatTests)}{nameof(Checksums_are_right_on_the_wire)}_{family}{told[..4]}");
        LabHost host = lab.RealServers[0];
        await lab.Client.RunAsync("ethtool -K eth0 tx off");
        await host.RunAsync("ethtool -K eth0 tx off");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync($"""
            -A -t {vip}:5001
            -a -t {vip}:5001 -r {server}:5001 --fullnat {told}
            """);
        Capture atServer = await host.CaptureAsync("judged", "eth0", "tcp dst port 5001", snapLength: 0);
        Capture atClient = await lab.Client.CaptureAsync("judged", "eth0", "tcp src port 5001", snapLength: 0);

        await SendAsync(lab, vip, 4 * Megabyte, told == "--proxy-protocol" ? "proxy-protocol" : "");

        foreach (Capture capture in (Capture[])[atServer, atClient])
        {
            await capture.StopAsync();
            string[] judged = [.. (await capture.LinesAsync(options: "-vv")).Where(line => line.Contains("cksum", StringComparison.Ordinal))];
            Assert.True(judged.Length > 20, $"only {judged.Length} packets captured");
            Assert.DoesNotContain(judged, line => line.Contains("incorrect", StringComparison.Ordinal) || line.Contains("bad cksum", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_local_addresses_it_is_refused_and_nothing_changes()
    {
        await using Unrouted lab = await Unrouted.BuildAsync(realServers: 1);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options with { Extra = """local-addresses = ["fd00:2::200"]""" });
        await director.IpvsadmAsync("-A -t 10.1.0.100:80");
        string before = (await director.IpvsadmAsync("-S -n")).Text;

        Output refused = await director.TryIpvsadmAsync("-a -t 10.1.0.100:80 -r 10.2.0.11:80 --fullnat");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("full NAT to 10.2.0.11 needs an IPv4 address in director.local-addresses", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, (await director.IpvsadmAsync("-S -n")).Text);
    }

    /// <summary>No address left, no port left: the same to a client.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public async Task Without_a_local_port_clients_are_refused_at_once_and_operators_see_it()
    {
        await using Unrouted lab = await Unrouted.BuildAsync(realServers: 1);
        await lab.StartNginxAsync();
        DirectorProcess before = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await before.IpvsadmAsync("""
            -A -t 10.1.0.100:80
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 --fullnat
            """);
        await lab.Client.RunAsync("curl -sf http://10.1.0.100/");
        await before.Process.StopAsync();

        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options with { Extra = "local-addresses = []" });
        Output refused = await lab.Client.TryAsync("curl -s -m 10 http://10.1.0.100/");

        Assert.Equal(CurlExit.Refused, refused.ExitCode);
        string[] metrics = await MetricsAsync(lab.Director);
        Assert.Contains("director_engine_events_total{event=\"LocalPortsRefused\"} 1", metrics);
        Assert.Contains("director_dropped_packets_total{reason=\"LocalPortsExhausted\"} 1", metrics);
        Assert.Contains("director_local_ports{state=\"all\"} 0", metrics);
        DirectorStatus status = await director.StatusAsync();
        Assert.Contains(status.Engine.Warnings, warning => warning.Contains("full NAT to 10.2.0.11", StringComparison.Ordinal));
    }

    private static async Task SendAsync(Unrouted lab, string vip, int bytes, string options = "")
    {
        LabProcess sink = await lab.RealServers[0].Start("sink", $"{Repository.Traffic} sink 5001 {options}").SaysAsync("listening");
        Output sent = await lab.Client.RunAsync($"{Repository.Traffic} send {vip}:5001 {bytes}", limit: TimeSpan.FromMinutes(1));
        await sink.ExitAsync();
        Assert.Equal(sent.Lines[0], sink.Printed().TrimEnd().Split('\n')[^1]);
    }

    /// <summary>A filter for the option TOA, first among the options, with the client's port and address.</summary>
    private static string Toa(string family, int port) => family == "IPv4"
        ? $"tcp[20:2] = 0xfe08 and tcp[22:2] = {port} and tcp[24:4] = 0x0a010002"
        : $"ip6[6] = 6 and ip6[60:2] = 0xfd14 and ip6[62:2] = {port} and ip6[64:4] = 0xfd000001 and ip6[68:4] = 0 and ip6[72:4] = 0 and ip6[76:4] = 2";

    private static string Curl(string target, int requests) => $"curl -sf -H 'Connection: close' 'http://{target}/?[1-{requests}]'";

    private static async Task<string[]> MetricsAsync(LabHost director) => (await director.RunAsync("curl -sf http://127.0.0.1:8558/metrics")).Lines;
}
