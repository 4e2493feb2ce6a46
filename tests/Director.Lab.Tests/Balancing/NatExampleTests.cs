using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary><c>config/nat.conf</c></summary>
public sealed class NatExampleTests
{
    [Fact]
    public async Task Requests_are_shared_and_addresses_translated_in_both_directions()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        foreach (LabHost host in (LabHost[])[lab.Client, .. lab.RealServers])
            await host.RunAsync("ethtool -K eth0 tx off");
        Nginx[] servers = await lab.StartNginxAsync();
        foreach (LabHost server in lab.RealServers)
            await server.Start("udp-echo", $"{Repository.Traffic} udp-echo 5353 {server.Name}").SaysAsync("listening");
        await DirectorProcess.StartExampleAsync(lab.Director, "nat");
        Capture atClient = await lab.Client.CaptureAsync("wire", "eth0", "tcp or udp", snapLength: 0);
        Capture[] atServers = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("wire", "eth0", "tcp or udp", snapLength: 0)));

        Assert.Equal("rs1 10, rs2 20", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-30]'")).Spread());
        Assert.Equal("rs1 10, rs2 10", (await lab.Client.RunAsync($"{Repository.Traffic} udp-ask 10.1.0.100:53 20")).Spread());

        await atServers.TogetherSeeAsync("dst net 10.2.0.0/16", atClient, "src host 10.1.0.2");
        await atServers.TogetherSeeAsync("src net 10.2.0.0/16", atClient, "dst host 10.1.0.2");
        foreach (Nginx server in servers)
            Assert.All(server.Clients(), client => Assert.Equal("10.1.0.2", client));
        (await atClient.PacketsAsync("tcp and src host 10.1.0.2")).AreTcp(64, "10.1.0.2", "10.1.0.100.80");
        (await atClient.PacketsAsync("tcp and not src host 10.1.0.2")).AreTcp(63, "10.1.0.100.80", "10.1.0.2");
        (await atClient.PacketsAsync("udp and not src host 10.1.0.2")).AreAll(@"ttl 63, .* 10\.1\.0\.100\.53 > 10\.1\.0\.2\.\d+: \[udp sum ok\]");
        for (int i = 0; i < atServers.Length; i++)
        {
            string address = $"10.2.0.{11 + i}";
            (await atServers[i].PacketsAsync($"tcp and not src host {address}")).AreTcp(63, "10.1.0.2", $"{address}.80");
            (await atServers[i].PacketsAsync($"udp and not src host {address}")).AreAll($@"ttl 63, .* 10\.1\.0\.2\.\d+ > {address}\.5353: \[udp sum ok\]");
        }
    }
}
