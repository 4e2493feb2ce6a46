using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.LifeCycle;

/// <summary>SIGTERM: exit code 0, and no trace on the host or the network.</summary>
public sealed class StopTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false, Traits = ["Category", "Long"])]
    public async Task A_stop_releases_everything(bool virtualMac)
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, test: $"{nameof(A_stop_releases_everything)}_{virtualMac}");
        await lab.StartNginxAsync();
        string before = await HostStateAsync(lab);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, new DirectorOptions { VirtualMac = virtualMac });
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            """);
        await lab.Client.RunAsync("curl -sf -m 5 http://10.1.0.100/");

        await director.Process.SignalAsync("TERM");

        Assert.Equal(0, await director.Process.ExitAsync());
        await Eventually.TrueAsync("the engine has ended", async () => !await director.EngineRunsAsync());
        Assert.Equal(before, await HostStateAsync(lab));
        Assert.False(File.Exists(director.Socket));
        await lab.Client.RunAsync("ip neigh flush dev eth0");
        Assert.NotEqual(0, (await lab.Client.TryAsync("ping -c 1 -W 1 10.1.0.100")).ExitCode);
    }

    /// <summary>What a director might leave behind: filters, queueing disciplines, addresses, promiscuous mode, firewall rules.</summary>
    private static async Task<string> HostStateAsync(TwoArmed lab) =>
        (await lab.Director.RunAsync("tc qdisc; for i in eth0 eth1; do tc filter show dev $i ingress; ip -d link show dev $i | grep -o 'promiscuity [0-9]*'; bridge fdb show dev $i; done; ip -4 -o addr; ip route; sysctl -n net.ipv4.ip_forward")).Text;
}
