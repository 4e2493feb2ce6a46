using System.Net;
using System.Net.Sockets;

namespace Director.Cli.Tool.RealServers;

/// <summary>What direct routing and tunnels have in common: the server has the VIPs itself, and keeps quiet about it.</summary>
internal sealed record VipOwner(IPAddress[] Vips, bool ArpTables)
{
    public IPAddress[] Four => [.. Vips.Where(vip => vip.AddressFamily == AddressFamily.InterNetwork)];

    public IPAddress[] Six => [.. Vips.Where(vip => vip.AddressFamily == AddressFamily.InterNetworkV6)];

    public string Names => string.Join(", ", Vips.Select(vip => vip.ToString()));

    /// <summary>To be done before the server has the VIP. IPv6 needs nothing of it.</summary>
    public IEnumerable<SetupStep> Silence() => Four.Length == 0 ? [] : [ArpTables ? Filter() : Tune()];

    /// <summary>The VIPs on devices that no neighbour asks about.</summary>
    public IEnumerable<SetupStep> Addresses(string device, string device6)
    {
        if (Four.Length > 0)
        {
            yield return new SetupStep(
                "The server takes packets to the VIP for its own. Scope host: the VIP is never chosen as the source of its own traffic.",
                [.. Four.Select(vip => $"ip address replace {vip}/32 dev {device} scope host")],
                [.. Four.Select(vip => $"ip address del {vip}/32 dev {device}")]);
        }
        if (Six.Length > 0)
        {
            yield return new SetupStep(
                $"IPv6 VIPs. Neighbours are told of the addresses of the interface that they ask on, not of those on {device6}. preferred_lft 0:\n"
                + "the VIP is never chosen as the source of the server's own traffic. nodad: the director has the address, on purpose.",
                [.. Six.Select(vip => $"ip -6 address replace {vip}/128 dev {device6} nodad preferred_lft 0")],
                [.. Six.Select(vip => $"ip -6 address del {vip}/128 dev {device6}")]);
        }
    }

    private static SetupStep Tune()
    {
        string[] arp = ["all.arp_ignore", "lo.arp_ignore", "all.arp_announce", "lo.arp_announce"];
        return new SetupStep(
            "Only the director answers ARP for the VIP. arp_ignore=1: the server answers for addresses of the interface that it was\n"
            + "asked on. arp_announce=2: it does not name the VIP as its own when it asks. (The larger of all and an interface's counts.)",
            [.. arp.Select(name => $"sysctl -q -w net.ipv4.conf.{name}={(name.EndsWith("ignore", StringComparison.Ordinal) ? 1 : 2)}")],
            [.. arp.Select(name => $"sysctl -q -w net.ipv4.conf.{name}=0")]);
    }

    private SetupStep Filter() => new(
        "Only the director answers ARP for the VIP: the server does not hear who asks for it, and asks with the first address of\n"
        + "the interface instead.",
        [
            .. Four.SelectMany(vip => (string[])[$"arptables -D INPUT -d {vip} -j DROP 2> /dev/null || true", $"arptables -A INPUT -d {vip} -j DROP"]),
            .. ForEachDevice(vip => (string[])
            [
                $"arptables -D OUTPUT -o \"$device\" -s {vip} -j mangle --mangle-ip-s \"$address\" 2> /dev/null || true",
                $"arptables -A OUTPUT -o \"$device\" -s {vip} -j mangle --mangle-ip-s \"$address\"",
            ]),
        ],
        [
            .. ForEachDevice(vip => (string[])[$"arptables -D OUTPUT -o \"$device\" -s {vip} -j mangle --mangle-ip-s \"$address\""]),
            .. Four.Select(vip => $"arptables -D INPUT -d {vip} -j DROP"),
        ]);

    private string[] ForEachDevice(Func<IPAddress, string[]> commands) =>
    [
        "ip -o -4 address show scope global | awk '!seen[$2]++ { sub(\"/.*\", \"\", $4); print $2, $4 }' | while read -r device address; do",
        .. Four.SelectMany(commands).Select(command => $"    {command}"),
        "done",
    ];
}
