using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary>A real server that is the director's own host ("local node").</summary>
public sealed class LocalNodeTests
{
    private const string Vip = TwoArmed.Vip;

    [Fact]
    public async Task The_host_serves_beside_real_servers_and_by_itself_and_nothing_stays_behind()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        await lab.StartNginxAsync();
        Nginx onHost = await Nginx.StartAsync(lab.Director, "10.1.0.1:80");
        await lab.Director.RunAsync($"head -c 3000000 /dev/urandom > {onHost.Folder}/bulk");
        string before = await TrafficControlAsync(lab.Director);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync($"""
            -A -t {Vip}:80 -s rr
            -a -t {Vip}:80 -r 10.2.0.11:80 -m
            """);
        Load load = await Load.StartAsync(lab.Client, $"{Vip}:80", connections: 20);
        await director.IpvsadmAsync($"-a -t {Vip}:80 -r 10.1.0.1:80 -m");

        Assert.Equal("director 10, rs1 10", (await lab.Client.RunAsync($"curl -sf -H 'Connection: close' 'http://{Vip}/?[1-20]'")).Spread());
        Assert.Equal("director 10", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.1/?[1-10]'")).Spread());
        Assert.All(onHost.Clients(), client => Assert.Equal("10.1.0.2", client));
        await director.IpvsadmAsync($"-e -t {Vip}:80 -r 10.2.0.11:80 -m -w 0");
        Assert.Equal(
            (await lab.Director.RunAsync($"sha256sum < {onHost.Folder}/bulk")).Text,
            (await lab.Client.RunAsync($"curl -sf http://{Vip}/bulk | sha256sum")).Text);
        await director.IpvsadmAsync($"-d -t {Vip}:80 -r 10.1.0.1:80");
        Assert.Equal(0, (await load.StopAsync()).Broken);
        Assert.DoesNotContain("director-", (await lab.Director.RunAsync("ip -o link")).Text, StringComparison.Ordinal);

        await director.IpvsadmAsync($"-a -t {Vip}:80 -r 10.1.0.1:80 -m");
        Assert.Equal("director 3", (await lab.Client.RunAsync($"curl -sf -H 'Connection: close' 'http://{Vip}/?[1-3]'")).Spread());
        await director.Process.StopAsync();
        Assert.DoesNotContain("director-", (await lab.Director.RunAsync("ip -o link")).Text, StringComparison.Ordinal);
        Assert.Equal(before, await TrafficControlAsync(lab.Director));
        Assert.Equal("director 1", (await lab.Client.RunAsync("curl -sf http://10.1.0.1/")).Spread());
    }

    [Fact]
    public async Task What_cannot_reach_the_host_is_refused_with_the_way_out()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync($"-A -t {Vip}:80");
        string listing = (await director.IpvsadmAsync("-Ln")).Text;

        Output refused = await director.TryIpvsadmAsync($"-a -t {Vip}:80 -r 10.1.0.1:80 -g");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("use masquerading (-m)", refused.Errors, StringComparison.Ordinal);
        refused = await director.TryIpvsadmAsync($"-a -t {Vip}:80 -r 127.0.0.1:80 -m");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("hears nothing from the network", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(listing, (await director.IpvsadmAsync("-Ln")).Text);
    }

    [Fact]
    public async Task Where_there_is_no_way_into_the_host_the_other_servers_serve_and_the_status_says_why()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        await lab.StartNginxAsync();
        // The name that the way would have is somebody else's.
        await lab.Director.RunAsync("ip link add director-e1 type bridge");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync($"""
            -A -t {Vip}:80 -s rr
            -a -t {Vip}:80 -r 10.1.0.1:80 -m -w 0
            -a -t {Vip}:80 -r 10.2.0.11:80 -m
            """);

        Assert.Equal("rs1 5", (await lab.Client.RunAsync($"curl -sf -H 'Connection: close' 'http://{Vip}/?[1-5]'")).Spread());
        Assert.Contains((await director.StatusAsync()).Engine.Warnings, warning => warning.Contains("the way to real servers on this host", StringComparison.Ordinal));

        await lab.Director.RunAsync("ip link del director-e1");
        await director.IpvsadmAsync($"-e -t {Vip}:80 -r 10.1.0.1:80 -m -w 0");
        Assert.DoesNotContain((await director.StatusAsync()).Engine.Warnings, warning => warning.Contains("the way to real servers", StringComparison.Ordinal));
    }

    private static async Task<string> TrafficControlAsync(LabHost host) => (await host.RunAsync(
        "for device in eth0 eth1; do tc qdisc show dev $device; tc filter show dev $device ingress; tc filter show dev $device egress; done")).Text;
}
