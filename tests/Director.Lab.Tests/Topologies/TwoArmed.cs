using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;

namespace Director.Lab.Tests.Topologies;

/// <summary>
/// NAT: clients on segment c, real servers on segment r with the director's floating address as their gateway.
/// <code>
/// client 10.1.0.2 --- c --- eth0 10.1.0.1 director 10.2.0.1 eth1 --- r --- rs1 10.2.0.11, rs2 10.2.0.12, ...
///                     VIP 10.1.0.100                10.2.0.254
/// </code>
/// </summary>
public sealed class TwoArmed : IAsyncDisposable
{
    public const string Vip = "10.1.0.100";

    private TwoArmed(string test, int realServers, Action<TwoArmed>? describe)
    {
        Network = new LabNetwork(test);
        Client = Network.Host("client").Connect("c", "10.1.0.2/16");
        // A host that forwards is the hard case: its kernel would gladly take part in the balancing.
        Director = Network.Host("director").Connect("c", "10.1.0.1/16").Connect("r", "10.2.0.1/16").Sysctl("net.ipv4.ip_forward=1");
        RealServers = [.. Enumerable.Range(1, realServers).Select(i => Network.Host($"rs{i}").Connect("r", $"10.2.0.{10 + i}/16").Gateway("10.2.0.254"))];
        describe?.Invoke(this);
    }

    public LabNetwork Network { get; }

    public LabHost Client { get; }

    public LabHost Director { get; }

    public LabHost[] RealServers { get; }

    /// <summary><paramref name="describe"/> may add to the lab before it is built.</summary>
    public static async Task<TwoArmed> BuildAsync(int realServers = 2, Action<TwoArmed>? describe = null, [CallerMemberName] string test = "")
    {
        TwoArmed topology = new(test, realServers, describe);
        await topology.Network.BuildAsync();
        return topology;
    }

    public Task<Nginx[]> StartNginxAsync() => Task.WhenAll(RealServers.Select(server => Nginx.StartAsync(server)));

    public ValueTask DisposeAsync() => Network.DisposeAsync();
}
