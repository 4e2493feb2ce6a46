using Director.Lab.Tests.Harness;

namespace Director.Lab.Tests.Topologies;

/// <summary>How packets reach the real servers, and what these need for it.</summary>
/// <param name="Name">As <c>director real-server-setup</c> has it, where there is something to set up.</param>
/// <param name="Option">Of ipvsadm.</param>
/// <param name="ServerNetwork">Real server N is its address 10 + N.</param>
/// <param name="AnswersDirectly">Servers have the VIP, and a leg in the clients' network that they answer by.</param>
internal sealed record ForwardingSetup(string Name, string Option, string ServerNetwork, bool AnswersDirectly)
{
    public static readonly ForwardingSetup Masquerading = new("nat", "-m", "10.2.0", AnswersDirectly: false);

    /// <summary>Of a pair that has no IPv4 (<see cref="PairOptions.Ipv6Only"/>).</summary>
    public static readonly ForwardingSetup MasqueradingIpv6 = new("nat", "-m", "fd00:2:", AnswersDirectly: false);

    // As director real-server-setup says it; the leg's addresses are not those of the directors.
    private const string ClientLeg = "10.1.1";

    public static readonly ForwardingSetup DirectRouting = new("dr", "-g", ClientLeg, AnswersDirectly: true);
    public static readonly ForwardingSetup Tunnel = new("tun", "-i", "10.2.0", AnswersDirectly: true);
    public static readonly ForwardingSetup FullNat = new("fullnat", "--fullnat", "10.2.0", AnswersDirectly: false);

    public static readonly ForwardingSetup[] All = [Masquerading, DirectRouting, Tunnel, FullNat];

    /// <summary>More lines inside <c>director { }</c>.</summary>
    public string Configuration => this == FullNat ? """local-addresses = ["10.2.0.200"]""" : "";

    public bool IsIpv6 => this == MasqueradingIpv6;

    /// <summary>As it is written before a port.</summary>
    public string Vip => IsIpv6 ? "[fd00:1::100]" : Pair.Vip;

    /// <summary>As it is written before a port.</summary>
    public string Server(int number) => IsIpv6 ? $"[{ServerNetwork}:{10 + number}]" : $"{ServerNetwork}.{10 + number}";

    /// <summary>Adds to the lab, before it is built, what its real servers need.</summary>
    public void Describe(LabHost[] realServers)
    {
        if (!AnswersDirectly)
            return;
        for (int i = 0; i < realServers.Length; i++)
            realServers[i].Connect("c", $"{ClientLeg}.{11 + i}/16");
    }

    /// <summary>The script for operators does the rest.</summary>
    public async Task SetUpAsync(LabHost server, string vip)
    {
        if (!AnswersDirectly)
            return;
        string tools = Path.Combine(server.Scratch, "tools");
        Directory.CreateDirectory(tools);
        if (this == Tunnel)
        {
            // A kernel without ipip will do: a program makes tunl0, and modprobe has nothing to do.
            await server.Start("unwrap", $"{Repository.Traffic} unwrap tunl0 ipip").SaysAsync("listening");
            await server.RunAsync($"ln -s /bin/true {tools}/modprobe");
        }
        await server.RunAsync($"{Repository.Programs}/director real-server-setup --method {Name} --vip {vip} | PATH={tools}:$PATH sh");
    }
}
