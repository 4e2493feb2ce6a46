using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary>
/// IPv6 on the segments of the labs: fd00:1::/64 where the clients are, fd00:2::/64 where the servers are, with fd00:2::254 for
/// their gateway.
/// </summary>
public sealed class Ipv6Tests
{
    private const string Vip = "fd00:1::100";
    private const string Requests60 = $"curl -6 -sf -H 'Connection: close' 'http://[{Vip}]/?[1-60]'";

    // tcpdump looks into tcp[] of IPv4 only.
    private const string Tcp = "ip6[6] = 6";
    private const string Reset = $"{Tcp} and ip6[53] & 0x04 != 0";
    private const string Complaint = "icmp6 and (ip6[40] = 1 or ip6[40] = 3 or ip6[40] = 137)";

    private static readonly DirectorOptions Options = new() { FloatingAddresses = ["10.2.0.254/16@eth1", "fd00:2::254/64@eth1"] };

    [Fact]
    public async Task Nat_shares_by_weight_servers_see_the_client_and_the_hosts_kernel_stays_out()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 3, AddIpv6);
        Nginx[] servers = await StartNginxAsync(lab.RealServers);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, Options);
        Capture atClient = await lab.Client.CaptureAsync("everything", "eth0", "ip6");
        Capture[] atServers = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("everything", "eth0", "ip6")));
        await director.IpvsadmAsync($"""
            -A -t [{Vip}]:80 -s wrr
            -a -t [{Vip}]:80 -r [fd00:2::11]:80 -m -w 1
            -a -t [{Vip}]:80 -r [fd00:2::12]:80 -m -w 2
            -a -t [{Vip}]:80 -r [fd00:2::13]:80 -m -w 3
            """);

        Assert.Equal("rs1 10, rs2 20, rs3 30", (await lab.Client.RunAsync(Requests60)).Spread());

        foreach (Nginx server in servers)
            Assert.All(server.Clients(), client => Assert.Equal("fd00:1::2", client));
        Assert.Equal(60, (await director.IpvsadmAsync("-L -c -n")).Lines.Count(line => line.Contains($"[{Vip}]:80", StringComparison.Ordinal)));
        foreach (Capture capture in (Capture[])[atClient, .. atServers])
            await capture.StopAsync();
        Assert.Equal(60, (await atClient.LinesAsync($"src host {Vip} and {Tcp} and ip6[53] & 0x12 = 0x12")).Length);
        await atClient.NothingAsync($"src host {Vip} and {Reset}");
        await atClient.NothingAsync($"src net fd00:2::/64 and {Tcp}");
        await atClient.NothingAsync(Complaint);
        foreach (Capture capture in atServers)
            await capture.NothingAsync($"dst host {Vip} or ({Complaint})");
    }

    [Fact]
    public async Task Direct_routing_with_one_arm_and_answers_bypass_the_director()
    {
        await using OneArmed lab = await OneArmed.BuildAsync(realServers: 3, describe: lab =>
        {
            lab.Client.Ipv6("fd00:1::2/64 dev eth0");
            lab.Director.Ipv6("fd00:1::1/64 dev eth0").Sysctl("net.ipv6.conf.all.forwarding=1");
            for (int i = 0; i < lab.RealServers.Length; i++)
                lab.RealServers[i].Ipv6($"fd00:1::{i + 11}/64 dev eth0", $"{Vip}/128 dev lo");
        });
        await StartNginxAsync(lab.RealServers);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync($"""
            -A -t [{Vip}]:80 -s wrr
            -a -t [{Vip}]:80 -r [fd00:1::11]:80 -g -w 1
            -a -t [{Vip}]:80 -r [fd00:1::12]:80 -g -w 2
            -a -t [{Vip}]:80 -r [fd00:1::13]:80 -g -w 3
            """);
        Capture atDirector = await lab.Director.CaptureAsync("one-armed", "eth0", $"ip6 and {Tcp}");

        Assert.Equal("rs1 10, rs2 20, rs3 30", (await lab.Client.RunAsync(Requests60)).Spread());

        await atDirector.StopAsync();
        await atDirector.NothingAsync($"src host {Vip}");
    }

    [Fact]
    public async Task The_vip_has_the_virtual_mac_answers_echo_in_fragments_too_and_routes_for_the_servers()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, lab =>
        {
            AddIpv6(lab);
            // So that it is the engine that routes, in both directions.
            lab.Director.Sysctl("net.ipv6.conf.all.forwarding=0");
            lab.Client.Configure("ip -6 route add fd00:2::/64 via fd00:1::254");
        });
        Capture atClient = await lab.Client.CaptureAsync("discovery", "eth0", "icmp6");
        DirectorProcess director = await DirectorProcess.StartAsync(
            lab.Director, Options with { Group = 7, FloatingAddresses = [.. Options.FloatingAddresses, "fd00:1::254/64@eth0"] });
        await director.IpvsadmAsync($"""
            -A -t [{Vip}]:80
            -a -t [{Vip}]:80 -r [fd00:2::11]:80 -m
            """);

        await atClient.SeesAsync($"src host {Vip} and dst host ff02::1 and ip6[40] = 136 and ether src {director.VirtualMac(0)}");
        await lab.Client.RunAsync($"ping -6 -c 1 -W 2 {Vip}");
        await lab.Client.RunAsync($"ping -6 -c 1 -W 2 -s 4000 {Vip}");
        Assert.Equal(director.VirtualMac(0), await NeighbourAsync(lab.Client, Vip));
        Assert.Contains("ttl=63", (await lab.RealServers[0].RunAsync("ping -6 -c 1 -W 2 fd00:1::2")).Text, StringComparison.Ordinal);
        Assert.Equal(director.VirtualMac(1), await NeighbourAsync(lab.RealServers[0], "fd00:2::254"));
        // The host keeps its own.
        await lab.Client.RunAsync("ping -6 -c 1 -W 2 fd00:1::1");
        Assert.Equal(await lab.Director.MacAsync("eth0"), await NeighbourAsync(lab.Client, "fd00:1::1"));
        Assert.DoesNotContain(Vip, (await lab.Director.RunAsync("ip addr")).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Checksums_are_right_on_the_wire_on_both_sides()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, AddIpv6);
        LabHost server = lab.RealServers[0];
        // On virtual links nobody fills them in otherwise, and tcpdump could not judge them.
        await lab.Client.RunAsync("ethtool -K eth0 tx off");
        await server.RunAsync("ethtool -K eth0 tx off");
        Nginx[] servers = await StartNginxAsync([server]);
        await server.RunAsync($"head -c 2000000 /dev/urandom > {servers[0].Folder}/bulk");
        await server.Start("udp-echo", $"{Repository.Traffic} udp-echo 5353 rs1").SaysAsync("listening");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, Options);
        await director.IpvsadmAsync($"""
            -A -t [{Vip}]:80
            -a -t [{Vip}]:80 -r [fd00:2::11]:80 -m
            -A -u [{Vip}]:53
            -a -u [{Vip}]:53 -r [fd00:2::11]:5353 -m
            """);
        Capture atServer = await server.CaptureAsync("bulk", "eth0", "ip6 and src host fd00:1::2", snapLength: 0);
        Capture atClient = await lab.Client.CaptureAsync("bulk", "eth0", $"ip6 and src host {Vip}", snapLength: 0);

        await lab.Client.RunAsync($"curl -6 -sf -o /dev/null http://[{Vip}]/bulk");
        Assert.Equal("rs1 20", (await lab.Client.RunAsync($"{Repository.Traffic} udp-ask [{Vip}]:53 20")).Spread());

        foreach (Capture capture in (Capture[])[atServer, atClient])
        {
            await capture.StopAsync();
            string[] judged = [.. (await capture.LinesAsync("tcp or udp", "-vv")).Where(line => line.Contains("sum", StringComparison.Ordinal))];
            Assert.True(judged.Length > 50, $"only {judged.Length} packets captured");
            Assert.DoesNotContain(judged, line => line.Contains("incorrect", StringComparison.Ordinal) || line.Contains("bad udp cksum", StringComparison.Ordinal));
            Assert.Contains(judged, line => line.Contains("udp sum ok", StringComparison.Ordinal));
        }
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Where_the_servers_side_is_narrower_the_client_hears_of_it_and_the_transfer_goes_on()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, AddIpv6);
        LabHost server = lab.RealServers[0];
        // Only there: the server itself announces segments for 1500 bytes.
        await lab.Director.RunAsync("ip link set eth1 mtu 1300");
        LabProcess sink = await server.Start("sink", $"{Repository.Traffic} sink 5001").SaysAsync("listening");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, Options);
        await director.IpvsadmAsync($"""
            -A -t [{Vip}]:5001
            -a -t [{Vip}]:5001 -r [fd00:2::11]:5001 -m
            """);
        Capture atClient = await lab.Client.CaptureAsync("icmp", "eth0", "icmp6");

        Output sent = await lab.Client.RunAsync($"{Repository.Traffic} send [{Vip}]:5001 1000000");

        await sink.ExitAsync();
        Assert.Equal(sent.Lines[0], sink.Printed().Split('\n')[1]);
        await atClient.SeesAsync($"src host {Vip} and ip6[40] = 2 and ip6[44:4] = 1300");
        Assert.Contains("mtu 1300", (await lab.Client.RunAsync($"ip -6 route get {Vip}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Who_has_an_address_already_is_found_by_the_director_and_finds_the_director()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, AddIpv6);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, Options);
        string mac = await lab.Client.MacAsync("eth0");

        Output refused = await director.TryIpvsadmAsync("-A -t [fd00:1::2]:80");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"fd00:1::2 is answered by {mac} on eth0", refused.Errors, StringComparison.Ordinal);

        await director.IpvsadmAsync($"-A -t [{Vip}]:80");
        await lab.Client.RunAsync($"sysctl -qw net.ipv6.conf.eth0.accept_dad=1; ip -6 addr add {Vip}/64 dev eth0");
        await Eventually.TrueAsync("the client's kernel finds that the address is taken",
            async () => (await lab.Client.RunAsync("ip -6 addr show dev eth0 dadfailed")).Text.Contains(Vip, StringComparison.Ordinal));
        Assert.Contains((await director.StatusAsync()).Engine.Warnings, warning => warning.Contains($"{Vip} is also claimed by {mac}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_switch_that_snoops_brings_solicitations_for_the_vip()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, AddIpv6);
        await lab.Network.OnSwitchAsync("ip link set c type bridge mcast_snooping 1 mcast_query_response_interval 50 mcast_querier 1");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, Options);
        await director.IpvsadmAsync($"-A -t [{Vip}]:80");

        await Eventually.TrueAsync("the switch knows who listens in the VIP's group", async () =>
            (await lab.Network.OnSwitchAsync("bridge mdb show dev c")).Text.Contains("port director-eth0 grp ff02::1:ff00:100", StringComparison.Ordinal),
            state: async () => (await lab.Network.OnSwitchAsync("bridge mdb show dev c")).Text);
        await lab.Client.RunAsync($"ping -6 -c 1 -W 2 {Vip}");
    }

    private static void AddIpv6(TwoArmed lab)
    {
        lab.Client.Ipv6("fd00:1::2/64 dev eth0");
        lab.Director.Ipv6("fd00:1::1/64 dev eth0", "fd00:2::1/64 dev eth1").Sysctl("net.ipv6.conf.all.forwarding=1");
        for (int i = 0; i < lab.RealServers.Length; i++)
            lab.RealServers[i].Ipv6($"fd00:2::{i + 11}/64 dev eth0").Configure("ip -6 route add default via fd00:2::254");
    }

    private static Task<Nginx[]> StartNginxAsync(LabHost[] hosts) => Task.WhenAll(hosts.Select(host => Nginx.StartAsync(host, "[::]:80")));

    private static async Task<string> NeighbourAsync(LabHost host, string address)
    {
        string[] words = (await host.RunAsync($"ip -6 neigh show {address}")).Text.Split(' ');
        return words[Array.IndexOf(words, "lladdr") + 1];
    }
}
