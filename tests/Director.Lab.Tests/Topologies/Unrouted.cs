using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;

namespace Director.Lab.Tests.Topologies;

/// <summary>
/// Full NAT: as <see cref="TwoArmed"/> and in both families, but the servers know nothing of the director: no gateway, no route
/// beyond their own segment, where a client lives as well.
/// <code>
/// client 10.1.0.2 --- c --- eth0 10.1.0.1 director 10.2.0.1 eth1 --- r --- rs1 10.2.0.11, rs2 10.2.0.12, ...
///        fd00:1::2          fd00:1::1              fd00:2::1               fd00:2::11,    fd00:2::12,    ...
///                     VIP 10.1.0.100    10.2.0.200, fd00:2::200      neighbour 10.2.0.2, fd00:2::2
///                         fd00:1::100   local addresses
/// </code>
/// </summary>
public sealed class Unrouted : IAsyncDisposable
{
    private Unrouted(string test, int realServers)
    {
        Network = new LabNetwork(test);
        Client = Network.Host("client").Connect("c", "10.1.0.2/16").Ipv6("fd00:1::2/64 dev eth0");
        Neighbour = Network.Host("neighbour").Connect("r", "10.2.0.2/16").Ipv6("fd00:2::2/64 dev eth0");
        Director = Network.Host("director").Connect("c", "10.1.0.1/16").Connect("r", "10.2.0.1/16")
            .Ipv6("fd00:1::1/64 dev eth0", "fd00:2::1/64 dev eth1")
            .Sysctl("net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        RealServers = [.. Enumerable.Range(1, realServers).Select(i => Network.Host($"rs{i}")
            .Connect("r", $"10.2.0.{10 + i}/16").Ipv6($"fd00:2::{10 + i}/64 dev eth0"))];
    }

    public LabNetwork Network { get; }

    public LabHost Client { get; }

    /// <summary>A client in the servers' own segment.</summary>
    public LabHost Neighbour { get; }

    public LabHost Director { get; }

    public LabHost[] RealServers { get; }

    /// <summary>With one local address a family.</summary>
    public DirectorOptions Options { get; } = new() { FloatingAddresses = [], Extra = """local-addresses = ["10.2.0.200", "fd00:2::200"]""" };

    public static async Task<Unrouted> BuildAsync(int realServers = 2, [CallerMemberName] string test = "")
    {
        Unrouted topology = new(test, realServers);
        await topology.Network.BuildAsync();
        return topology;
    }

    /// <summary>On port 80 as ever, on 8080 for connections that begin with a header of the PROXY protocol, in both families.</summary>
    public Task<Nginx[]> StartNginxAsync() =>
        Task.WhenAll(RealServers.Select(server => Nginx.StartAsync(server, "80", "[::]:80", "8080 proxy_protocol", "[::]:8080 proxy_protocol")));

    public ValueTask DisposeAsync() => Network.DisposeAsync();
}
