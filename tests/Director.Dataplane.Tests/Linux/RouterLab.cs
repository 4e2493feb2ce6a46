namespace Director.Dataplane.Tests.Linux;

/// <summary>
/// A director that is a router too, from 10.9.1.0/24 and fd00:1::/64 (client .1, on "front" with host address .2) to 10.9.2.0/24 and
/// fd00:2::/64 (on "back" with .254 and ::254; server .1, which has .100 as well).
/// </summary>
internal static class RouterLab
{
    public const string ClientMac = "02:00:00:00:00:01";
    public const string FrontMac = "02:00:00:00:00:02";
    public const string BackMac = "02:00:00:00:00:03";

    /// <param name="kind">What "front" is: veth, bridge or vlan.</param>
    /// <param name="ipv6">Beside IPv4.</param>
    public static Lab Make(string kind, bool ipv6 = false)
    {
        string[] hosts = ["client", "director", "server"];
        var lab = new Lab(hosts);
        foreach (string host in ipv6 ? hosts : [])
            lab.EnableIpv6(host);
        if (kind == "veth")
            lab.Connect("client", "eth0", ClientMac, "director", "front", FrontMac);
        else if (kind == "vlan")
            ConnectVlan(lab);
        else
            ConnectBridge(lab);
        lab.Connect("server", "eth0", "02:00:00:00:00:04", "director", "back", BackMac);
        lab.Ip("client", "address add 10.9.1.1/24 dev eth0");
        lab.Ip("director", "address add 10.9.1.2/24 dev front");
        lab.Ip("director", "address add 10.9.2.254/24 dev back");
        lab.Ip("server", "address add 10.9.2.1/24 dev eth0");
        lab.Ip("server", "address add 10.9.2.100/32 dev eth0");
        lab.Ip("server", "route add default via 10.9.2.254");
        lab.Sysctl("director", "net.ipv4.ip_forward=1");
        foreach (string host in hosts)
            lab.Sysctl(host, "net.ipv4.icmp_ratelimit=0");
        if (ipv6)
            AddIpv6(lab, hosts);
        return lab;
    }

    private static void AddIpv6(Lab lab, string[] hosts)
    {
        lab.Ip("client", "address add fd00:1::1/64 dev eth0");
        lab.Ip("director", "address add fd00:1::2/64 dev front");
        lab.Ip("director", "address add fd00:2::254/64 dev back");
        lab.Ip("server", "address add fd00:2::1/64 dev eth0");
        lab.Ip("server", "address add fd00:2::100/128 dev eth0");
        lab.Ip("server", "route add default via fd00:2::254");
        lab.Sysctl("director", "net.ipv6.conf.all.forwarding=1");
        foreach (string host in hosts)
            lab.Sysctl(host, "net.ipv6.icmp.ratelimit=0");
    }

    private static void ConnectBridge(Lab lab)
    {
        lab.Connect("client", "eth0", ClientMac, "director", "port", "02:00:00:00:00:12");
        lab.Ip("director", $"link add front address {FrontMac} type bridge");
        lab.Ip("director", "link set port master front");
        lab.Ip("director", "link set front up");
    }

    // The interface is VLAN 7 of a trunk; the client's side is a VLAN device too.
    private static void ConnectVlan(Lab lab)
    {
        lab.Connect("client", "trunk", ClientMac, "director", "trunk", FrontMac);
        try
        {
            lab.Ip("client", "link add link trunk name eth0 type vlan id 7");
            lab.Ip("director", "link add link trunk name front type vlan id 7");
        }
        catch (Xunit.Sdk.TrueException)
        {
            lab.Dispose();
            Assert.Skip("this kernel has no VLAN devices (CONFIG_VLAN_8021Q)");
        }
        lab.Ip("client", "link set eth0 up");
        lab.Ip("director", "link set front up");
    }
}
