using System.Net;

namespace Director.Cli.Tool.RealServers;

/// <summary>Tunnelling: the server unwraps IP in IP, has the VIPs on the tunnel's device, and answers clients itself.</summary>
internal sealed record TunnelledServer(IPAddress[] Vips, bool ArpTables) : RealServer
{
    private const string Device = "tunl0";
    private const string Device6 = "ip6tnl0";

    public override SetupScript Script()
    {
        VipOwner owner = new(Vips, ArpTables);
        return new SetupScript(
            $"Real server of tunnelled services (TUN) at {owner.Names}",
            [.. owner.Silence(), .. Devices(owner), .. owner.Addresses(Device, Device6)],
            "The server must let packets out that have the VIP as source; so must the routers on its way to the clients.",
            "Programs listen on the VIP (or on every address) at the service's own port: ports are not translated.");
    }

    private static IEnumerable<SetupStep> Devices(VipOwner owner)
    {
        if (owner.Four.Length > 0)
        {
            yield return new SetupStep(
                $"{Device} unwraps what any sender has wrapped. rp_filter=2: the packets inside come from clients, who are reached by another\n"
                + "interface, which strict filtering (1) would drop. (The larger of all and an interface's counts, so 0 would not do.)",
                ["modprobe ipip", $"ip link set {Device} up", $"sysctl -q -w net.ipv4.conf.{Device}.rp_filter=2"],
                [$"sysctl -q -w net.ipv4.conf.{Device}.rp_filter=0", $"ip link set {Device} down", "modprobe -q -r ipip"]);
        }
        if (owner.Six.Length > 0)
        {
            yield return new SetupStep(
                $"{Device6} unwraps IPv6 in IPv6.",
                ["modprobe ip6_tunnel", $"ip link set {Device6} up"],
                [$"ip link set {Device6} down", "modprobe -q -r ip6_tunnel"]);
        }
    }
}
