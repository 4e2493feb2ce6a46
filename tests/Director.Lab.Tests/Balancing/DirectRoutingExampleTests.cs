using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary><c>config/direct-routing.conf</c>, with real servers as <c>director real-server-setup</c> makes them.</summary>
public sealed class DirectRoutingExampleTests
{
    [Fact]
    public async Task Requests_arrive_as_they_were_sent_and_servers_answer_directly()
    {
        await using OneArmed lab = await OneArmed.BuildAsync();
        foreach (LabHost host in (LabHost[])[lab.Client, .. lab.RealServers])
            await host.RunAsync("ethtool -K eth0 tx off");
        foreach (LabHost server in lab.RealServers)
            await SetUpAsync(server);
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartExampleAsync(lab.Director, "direct-routing");
        Capture atClient = await lab.Client.CaptureAsync("wire", "eth0", "tcp", snapLength: 0);
        Capture[] atServers = await Task.WhenAll(lab.RealServers.Select(
            async server => await server.CaptureAsync("requests", "eth0", $"tcp and ether dst {await server.MacAsync("eth0")}", snapLength: 0)));

        Assert.Equal("rs1 10, rs2 20", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-30]'")).Spread());

        await atServers.TogetherSeeAsync("dst port 80", atClient, "dst port 80");
        foreach (Nginx server in servers)
            Assert.All(server.Clients(), client => Assert.Equal("10.1.0.2", client));
        foreach (Capture capture in atServers)
            (await capture.PacketsAsync()).AreTcp(63, "10.1.0.2", "10.1.0.100.80");
        (await atClient.PacketsAsync("src port 80")).AreTcp(64, "10.1.0.100.80", "10.1.0.2");
        await atClient.NothingAsync($"ether src {director.VirtualMac(0)}");
    }

    // The lab's real servers are ready; that is taken back first, by the script as well.
    private static async Task SetUpAsync(LabHost server)
    {
        const string Setup = "real-server-setup --method dr --vip 10.1.0.100";
        const string State = "ip -4 address show dev lo; sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce";
        await server.RunAsync($"{Repository.Programs}/director {Setup} --undo | sh");
        Output bare = await server.RunAsync(State);
        Assert.DoesNotContain("10.1.0.100", bare.Text, StringComparison.Ordinal);
        Assert.Equal(["0", "0"], bare.Lines[^2..]);

        await server.RunAsync($"{Repository.Programs}/director {Setup} | sh");
        Output ready = await server.RunAsync(State);
        Assert.Contains("inet 10.1.0.100/32 scope host lo", ready.Text, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], ready.Lines[^2..]);
    }
}
