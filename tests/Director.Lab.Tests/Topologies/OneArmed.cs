using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;

namespace Director.Lab.Tests.Topologies;

/// <summary>
/// Direct routing: everyone on one segment; the real servers have the VIP on their loopback and do not answer ARP for it.
/// </summary>
public sealed class OneArmed : IAsyncDisposable
{
    public const string Vip = "10.1.0.100";

    private OneArmed(string test, int realServers, Action<OneArmed>? describe)
    {
        Network = new LabNetwork(test);
        Client = Network.Host("client").Connect("c", "10.1.0.2/16");
        Director = Network.Host("director").Connect("c", "10.1.0.1/16").Sysctl("net.ipv4.ip_forward=1");
        RealServers = [.. Enumerable.Range(1, realServers).Select(i => Network.Host($"rs{i}")
            .Connect("c", $"10.1.0.{10 + i}/16")
            .Sysctl("net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2")
            .Configure($"ip addr add {Vip}/32 dev lo"))];
        describe?.Invoke(this);
    }

    public LabNetwork Network { get; }

    public LabHost Client { get; }

    public LabHost Director { get; }

    public LabHost[] RealServers { get; }

    public DirectorOptions Options { get; } = new() { Interfaces = ["eth0"], FloatingAddresses = [] };

    /// <summary><paramref name="describe"/> may add to the lab before it is built.</summary>
    public static async Task<OneArmed> BuildAsync(int realServers = 2, Action<OneArmed>? describe = null, [CallerMemberName] string test = "")
    {
        OneArmed topology = new(test, realServers, describe);
        await topology.Network.BuildAsync();
        return topology;
    }

    public Task<Nginx[]> StartNginxAsync() => Task.WhenAll(RealServers.Select(server => Nginx.StartAsync(server)));

    public ValueTask DisposeAsync() => Network.DisposeAsync();
}
