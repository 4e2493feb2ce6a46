using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary>Direct routing with one arm: requests pass the director, answers do not.</summary>
public sealed class DirectRoutingTests
{
    [Fact]
    public async Task Wrr_shares_by_weight_and_answers_bypass_the_director()
    {
        await using OneArmed lab = await OneArmed.BuildAsync(realServers: 3);
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80 -s wrr
            -a -t 10.1.0.100:80 -r 10.1.0.11 -g -w 1
            -a -t 10.1.0.100:80 -r 10.1.0.12 -g -w 2
            -a -t 10.1.0.100:80 -r 10.1.0.13 -g -w 3
            """);
        Capture atDirector = await lab.Director.CaptureAsync("one-armed", "eth0", "tcp port 80");
        Capture atClient = await lab.Client.CaptureAsync("answers", "eth0", "tcp src port 80");

        Output answers = await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-60]'");

        Assert.Equal("rs1 10, rs2 20, rs3 30", answers.Spread());
        foreach (Nginx server in servers)
            Assert.All(server.Clients(), client => Assert.Equal("10.1.0.2", client));
        await atDirector.StopAsync();
        await atClient.StopAsync();
        await atDirector.NothingAsync($"src host {OneArmed.Vip}");
        await atClient.NothingAsync($"ether src {director.VirtualMac(0)}");
    }
}
