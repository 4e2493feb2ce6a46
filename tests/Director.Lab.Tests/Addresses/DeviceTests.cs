using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;

namespace Director.Lab.Tests.Addresses;

/// <summary>Interfaces that are not plain links: a bridge and a VLAN towards the clients.</summary>
public sealed class DeviceTests
{
    [Fact]
    public Task A_bridge_serves_as_interface() => ServesThroughAsync("br0",
        client => client.Configure("ip addr add 10.1.0.2/16 dev eth0"),
        director => director
            .Configure("ip link add br0 type bridge forward_delay 0")
            .Configure("ip link set eth0 master br0")
            .Configure("ip link set br0 up")
            .Configure("ip addr add 10.1.0.1/16 dev br0"));

    [Fact]
    public async Task A_vlan_serves_as_interface()
    {
        Assert.SkipUnless(await KernelHasVlansAsync(), "this kernel has no VLAN devices (CONFIG_VLAN_8021Q)");
        await ServesThroughAsync("eth0.7", Tagged("10.1.0.2/16"), Tagged("10.1.0.1/16"));

        static Action<LabHost> Tagged(string address) => host => host
            .Configure("ip link add link eth0 name eth0.7 type vlan id 7")
            .Configure("ip link set eth0.7 up")
            .Configure($"ip addr add {address} dev eth0.7");
    }

    private static async Task ServesThroughAsync(string device, Action<LabHost> client, Action<LabHost> director, [CallerMemberName] string test = "")
    {
        await using LabNetwork network = new(test);
        LabHost clientHost = network.Host("client").Connect("c");
        client(clientHost);
        LabHost directorHost = network.Host("director").Connect("c").Connect("r", "10.2.0.1/16");
        director(directorHost);
        LabHost server = network.Host("rs1").Connect("r", "10.2.0.11/16").Gateway("10.2.0.254");
        await network.BuildAsync();
        Nginx nginx = await Nginx.StartAsync(server);
        await server.RunAsync($"head -c 5000000 /dev/urandom > {nginx.Folder}/bulk");
        DirectorProcess process = await DirectorProcess.StartAsync(directorHost, new DirectorOptions { Interfaces = [device, "eth1"] });
        await process.IpvsadmAsync("""
            -A -t 10.1.0.100:80
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            """);

        Assert.Equal("rs1\n", (await clientHost.RunAsync("curl -sf -m 5 http://10.1.0.100/")).Text);
        Output sent = await server.RunAsync($"sha256sum < {nginx.Folder}/bulk");
        Assert.Equal(sent.Text, (await clientHost.RunAsync("curl -sf -m 20 http://10.1.0.100/bulk | sha256sum")).Text);
        await clientHost.RunAsync("ping -c 2 -W 2 10.1.0.1");
    }

    private static async Task<bool> KernelHasVlansAsync()
    {
        await using LabNetwork probe = new("vlan-probe");
        LabHost host = probe.Host("probe").Connect("c");
        await probe.BuildAsync();
        return (await host.TryAsync("ip link add link eth0 name eth0.7 type vlan id 7")).ExitCode == 0;
    }
}
