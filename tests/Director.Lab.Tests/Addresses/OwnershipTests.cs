using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Addresses;

/// <summary>What the engine owns it answers for as a host would: ARP, echo, refusals.</summary>
public sealed class OwnershipTests
{
    private const string Service = """
        -A -t 10.1.0.100:80
        -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
        """;

    /// <summary>ARP in which the VIP tells of itself: sender and target address are the same.</summary>
    private const string GratuitousArp = "arp and arp[14:4] = 0x0a010064 and arp[24:4] = 0x0a010064";

    [Fact]
    public async Task The_vip_is_announced_and_answers_with_the_virtual_mac()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        Capture atClient = await lab.Client.CaptureAsync("arp", "eth0", "arp");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, new DirectorOptions { Group = 7 });
        await director.IpvsadmAsync(Service);

        await atClient.SeesAsync($"{GratuitousArp} and ether src {director.VirtualMac(0)}");
        await lab.Client.RunAsync("ping -c 2 -W 2 10.1.0.100");
        Assert.Equal("02:4c:56:53:00:07", await NeighbourAsync(lab.Client, "10.1.0.100"));
        await lab.RealServers[0].RunAsync("ping -c 1 -W 2 10.2.0.254");
        Assert.Equal("02:4c:56:53:01:07", await NeighbourAsync(lab.RealServers[0], "10.2.0.254"));
        // The host keeps its own.
        await lab.Client.RunAsync("ping -c 1 -W 2 10.1.0.1");
        Assert.Equal(await lab.Director.MacAsync("eth0"), await NeighbourAsync(lab.Client, "10.1.0.1"));
        Assert.DoesNotContain("10.1.0.100", (await lab.Director.RunAsync("ip addr")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_virtual_mac_the_interfaces_own_answers()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        await lab.StartNginxAsync();
        Capture atClient = await lab.Client.CaptureAsync("arp", "eth0", "arp");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, new DirectorOptions { VirtualMac = false });
        await director.IpvsadmAsync(Service);

        string mac = await lab.Director.MacAsync("eth0");
        await atClient.SeesAsync($"{GratuitousArp} and ether src {mac}");
        Assert.Equal("rs1\n", (await lab.Client.RunAsync("curl -sf http://10.1.0.100/")).Text);
        Assert.Equal(mac, await NeighbourAsync(lab.Client, "10.1.0.100"));
    }

    [Fact]
    public async Task What_no_service_wants_is_refused_as_a_host_would()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync(Service);
        Capture atClient = await lab.Client.CaptureAsync("refusals", "eth0", "tcp port 81 or icmp");

        Output refused = await lab.Client.TryAsync("curl -s -m 5 http://10.1.0.100:81/");
        Assert.Equal(CurlExit.Refused, refused.ExitCode);
        await atClient.SeesAsync("src host 10.1.0.100 and tcp src port 81 and tcp[tcpflags] & tcp-rst != 0");

        await lab.Client.RunAsync("bash -c 'echo hello > /dev/udp/10.1.0.100/9'");
        await atClient.SeesAsync("src host 10.1.0.100 and icmp[icmptype] = icmp-unreach and icmp[icmpcode] = 3");
    }

    [Fact]
    public async Task Refusals_are_limited()
    {
        const int Questions = 5000;
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync(Service);
        Capture atClient = await lab.Client.CaptureAsync("refusals", "eth0", "icmp[icmptype] = icmp-unreach");

        await lab.Client.RunAsync($"bash -c 'for i in $(seq {Questions}); do echo hello > /dev/udp/10.1.0.100/9; done'");

        await Eventually.TrueAsync("some answers were held back", async () => (await director.StatusAsync()).Engine.Drops.GetValueOrDefault("AnswerRateLimited") > 0);
        await atClient.StopAsync();
        Assert.InRange((await atClient.LinesAsync()).Length, 1, Questions - 1);
    }

    [Fact]
    public async Task Real_servers_own_traffic_is_routed_by_their_floating_gateway()
    {
        // Without ip_forward, so that it is the engine that routes, in both directions.
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, lab =>
        {
            lab.Director.Sysctl("net.ipv4.ip_forward=0");
            lab.Client.Configure("ip route add 10.2.0.0/16 via 10.1.0.254");
        });
        Nginx atClient = await Nginx.StartAsync(lab.Client);
        await DirectorProcess.StartAsync(lab.Director, new DirectorOptions { FloatingAddresses = ["10.1.0.254/16@eth0", "10.2.0.254/16@eth1"] });

        Output ping = await lab.RealServers[0].RunAsync("ping -c 3 -W 2 10.1.0.2");
        Assert.Contains("ttl=63", ping.Text, StringComparison.Ordinal);
        Assert.Equal("client\n", (await lab.RealServers[0].RunAsync("curl -sf -m 5 http://10.1.0.2/")).Text);
        Assert.Equal(["10.2.0.11"], atClient.Clients());
    }

    private static async Task<string> NeighbourAsync(LabHost host, string address)
    {
        string[] words = (await host.RunAsync($"ip neigh show {address}")).Text.Split(' ');
        return words[Array.IndexOf(words, "lladdr") + 1];
    }
}
