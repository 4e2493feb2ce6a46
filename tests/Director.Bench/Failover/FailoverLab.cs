using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Bench.Failover;

/// <summary>The lab of <see cref="Pair"/> with servers that answer, for one product on its hosts after the other.</summary>
internal sealed class FailoverLab : IAsyncDisposable
{
    public const string Http = $"{Pair.Vip}:80";
    public const string Echo = $"{Pair.Vip}:7";

    /// <summary>
    /// Before the commands of the echo and of who asks it, so that their own waiting for a processor is not measured. (NOTE: not real-time
    /// priority: .NET gives its threads one in the middle, which is above the election.)
    /// </summary>
    public const string WithoutWaiting = "nice -n -25";

    // eth2 among themselves, eth0 to the clients, eth1 to the servers.
    private static readonly int[] Links = [2, 0, 1];

    private FailoverLab(Pair pair, ForwardingSetup method)
    {
        Pair = pair;
        Method = method;
    }

    public Pair Pair { get; }

    public ForwardingSetup Method { get; }

    public LabHost Client => Pair.Client;

    public LabHost A => Pair.A.Host;

    public LabHost B => Pair.B.Host;

    public LabHost[] Hosts => [A, B];

    public string Logs => Pair.Network.Logs;

    public static async Task<FailoverLab> BuildAsync(ForwardingSetup method)
    {
        PairOptions options = new() { Describe = pair => method.Describe(pair.RealServers) };
        FailoverLab lab = new(await Pair.BuildAsync(options, "failover"), method);
        foreach (LabHost server in lab.Pair.RealServers)
            await method.SetUpAsync(server, Pair.Vip);
        await lab.Pair.StartNginxAsync();
        LabHost echoing = lab.Pair.RealServers[0];
        string address = method.AnswersDirectly ? Pair.Vip : "";
        await echoing.Start("echo", $"{WithoutWaiting} {Repository.Traffic} udp-echo 7 rs1 {address}").SaysAsync("listening", TimeSpan.FromSeconds(30));
        return lab;
    }

    public LabHost Other(LabHost one) => one == A ? B : A;

    /// <summary>
    /// All links of the host, within a millisecond or so. First those over which it could still hand over when it notices that another
    /// one is gone: a host that vanishes says nothing.
    /// </summary>
    public Task CutAsync(LabHost host) => SetLinksAsync(host, "down");

    public Task MendAsync(LabHost host) => SetLinksAsync(host, "up");

    /// <summary>So that nobody remembers who owned before.</summary>
    public async Task ForgetNeighboursAsync()
    {
        foreach (LabHost host in (LabHost[])[Client, .. Pair.RealServers])
            await host.RunAsync("ip neigh flush all");
    }

    /// <summary>Ends what a failed run may have left running on the client.</summary>
    public async Task CalmAsync()
    {
        foreach ((int id, _) in await Namespaces.ProcessesAsync(Client.Namespace))
            _ = Signals.TrySend(id, "KILL");
    }

    public ValueTask DisposeAsync() => Pair.DisposeAsync();

    private Task<Output> SetLinksAsync(LabHost host, string state) => Pair.Network.OnSwitchAsync(
        $"printf '{string.Concat(Links.Select(i => $"link set {host.Name}-eth{i} {state}\\n"))}' | ip -batch -");
}
