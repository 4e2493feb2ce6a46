using System.Globalization;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Bench.Failover;

/// <summary>The peer: keepalived moves the addresses by VRRP, and nftables on both hosts translates them to the real servers'.</summary>
internal sealed class KeepalivedPair : IBalancerPair
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    private readonly FailoverLab _lab;
    private readonly decimal _advertSeconds;
    private readonly string _choice;
    private readonly Dictionary<LabHost, Keepalived> _running = [];

    /// <param name="lab">Where.</param>
    /// <param name="advertSeconds">The interval of VRRP.</param>
    /// <param name="byHash">Servers by a hash of the client's address and port, so that both hosts choose alike; else in turn.</param>
    public KeepalivedPair(FailoverLab lab, decimal advertSeconds, bool byHash = false)
    {
        _lab = lab;
        _advertSeconds = advertSeconds;
        // The seed is part of the ruleset: each host would take one of its own.
        _choice = byHash ? "jhash ip saddr . tcp sport mod 2 seed 0x1" : "numgen inc mod 2";
        bool isDefault = advertSeconds == 1;
        Setting = string.Create(CultureInfo.InvariantCulture, $"advert_int {advertSeconds}{(isDefault ? " (default)" : "")}{(byHash ? ", by hash" : "")}");
        Endings =
        [
            .. isDefault ? (Ending[])[Ending.Nothing()] : [],
            Ending.HostVanishes(lab),
            new(EndingKind.AllKilled, "kill -9 of keepalived", owner => _running[owner].KillAsync(), StartAsync),
            new(EndingKind.Stopped, "SIGTERM of keepalived", owner => _running[owner].TerminateAsync(), StartAsync),
        ];
    }

    public string Name => "keepalived + nftables";

    public string Setting { get; }

    public bool IsOurs => false;

    public IReadOnlyList<Ending> Endings { get; }

    public async Task StartAsync()
    {
        foreach (LabHost host in _lab.Hosts)
        {
            await host.RunAsync("nft -f -", Ruleset());
            await StartAsync(host);
        }
        await SettledAsync();
    }

    public async Task ForgetConnectionsAsync()
    {
        foreach (LabHost host in _lab.Hosts)
            await host.RunAsync("conntrack -F");
    }

    public async Task<LabHost> SettledAsync()
    {
        LabHost? owner = null;
        await Eventually.TrueAsync("one host has the addresses and the other one is VRRP's backup", async () =>
        {
            bool[] own = await Task.WhenAll(_lab.Hosts.Select(OwnsAsync));
            owner = own[0] ? _lab.A : _lab.B;
            return own[0] != own[1] && _running[owner].IsMaster && _running[_lab.Other(owner)].IsBackup;
        }, SettleLimit);
        return owner!;
    }

    public async Task<bool> OwnsAsync(LabHost host) =>
        (await host.RunAsync("ip -o addr show dev eth0")).Text.Contains($" {Pair.Vip}/", StringComparison.Ordinal);

    public async Task StopAsync()
    {
        foreach (LabHost host in _lab.Hosts)
        {
            await _lab.MendAsync(host);
            if (_running.Remove(host, out Keepalived? running))
                await running.StopAsync();
            await host.RunAsync("nft flush ruleset");
        }
    }

    private async Task StartAsync(LabHost host)
    {
        if (_running.Remove(host, out Keepalived? before))
            await before.StopAsync();
        _running[host] = await Keepalived.StartAsync(host, _advertSeconds);
    }

    private string Ruleset() => $$"""
        table ip balancer {
          chain services {
            type nat hook prerouting priority dstnat
            ip daddr {{Pair.Vip}} tcp dport 80 dnat to {{_choice}} map { 0 : {{_lab.Method.Server(1)}}, 1 : {{_lab.Method.Server(2)}} }
            ip daddr {{Pair.Vip}} udp dport 7 dnat to {{_lab.Method.Server(1)}}
          }
        }
        """;
}
