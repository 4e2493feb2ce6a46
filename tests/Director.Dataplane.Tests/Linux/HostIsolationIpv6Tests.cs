using System.Net;
using System.Net.Sockets;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux;

/// <summary>As <see cref="HostIsolationTests"/> for IPv6, whose neighbour discovery goes to groups.</summary>
[Trait("Category", "Kernel")]
public sealed class HostIsolationIpv6Tests
{
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;
    private const byte ListenerQuery = 130;
    private const byte EchoRequest = 128;

    private static readonly IpAddress Vip = Ip("fd00:1::100");
    private static readonly IpAddress Foreign = Ip("fd00:2::100");
    private static readonly MacAddress Virtual = MacAddress.Virtual(0, 1);

    private static readonly IngressPlan Plan = new()
    {
        VirtualMac = true,
        EngineMac = Virtual,
        InterfaceMac = PacketInterfaceTests.Parsed(RouterLab.FrontMac),
        Owned = [Vip],
        HostAddresses = [Ip("fd00:1::2"), Ip("fd00:2::254"), Ip("fe80::ff:fe00:2")],
    };

    private static readonly IngressPlan Shared = Plan with { VirtualMac = false };

    [Theory]
    [InlineData("veth")]
    [InlineData("bridge")]
    [InlineData("vlan")]
    public void Frames_to_the_virtual_MAC_are_the_engines_alone(string kind)
    {
        using Lab lab = RouterLab.Make(kind, ipv6: true);
        using PacketInterface front = Open(lab, Plan);
        front.AddUnicast(Virtual);
        lab.Ip("client", $"neighbour replace fd00:1::100 lladdr {Virtual} dev eth0 nud permanent");
        lab.Ip("client", $"neighbour replace fd00:1::254 lladdr {Virtual} dev eth0 nud permanent");
        lab.Ip("client", "route add fd00:2::/64 via fd00:1::254");
        long forwarded = Counter(lab, "director", "Ip6OutForwDatagrams");

        Probe(lab, "fd00:1::100");
        Probe(lab, "fd00:2::1");
        Assert.Equal(["fd00:1::100", "fd00:2::1"], Destinations(front));
        Assert.Equal(forwarded, Counter(lab, "director", "Ip6OutForwDatagrams"));
        Probe(lab, "fd00:1::2", answered: true);
        Assert.Empty(Destinations(front));
    }

    [Theory]
    [InlineData("veth")]
    [InlineData("bridge")]
    [InlineData("vlan")]
    public void Without_a_virtual_MAC_the_drop_keeps_what_is_owned_from_the_host(string kind)
    {
        using Lab lab = RouterLab.Make(kind, ipv6: true);
        IngressPlan other = Shared with { Owned = [Vip, Foreign] };
        using PacketInterface front = Open(lab, other);
        using IngressDrop drop = lab.In("director", () => new IngressDrop("front"));
        lab.Ip("client", $"neighbour replace fd00:1::100 lladdr {RouterLab.FrontMac} dev eth0 nud permanent");

        // Without the drop a router forwards what it does not own.
        lab.Ip("client", "route add fd00:2::100 via fd00:1::2");
        Probe(lab, "fd00:2::100", answered: true);
        Assert.Equal(["fd00:2::100"], Destinations(front));

        drop.Install(IngressRules.HostDrop(other));
        Probe(lab, "fd00:2::100");
        Probe(lab, "fd00:1::100");
        Assert.Equal(["fd00:1::100", "fd00:2::100"], Destinations(front));
        Probe(lab, "fd00:1::2", answered: true);
        Assert.Empty(Destinations(front));

        drop.Install(IngressRules.HostDrop(Shared)); // replaced: fd00:2::100 is no longer owned
        Probe(lab, "fd00:2::100", answered: true);
        drop.Remove();
    }

    [Fact]
    public void As_a_gateway_without_a_virtual_MAC_the_engine_takes_what_is_not_for_the_host()
    {
        using Lab lab = RouterLab.Make("veth", ipv6: true);
        IngressPlan gateway = Shared with { GatewayHere = true };
        using PacketInterface front = Open(lab, gateway);
        using IngressDrop drop = lab.In("director", () => new IngressDrop("front"));
        drop.Install(IngressRules.HostDrop(gateway));
        lab.Ip("client", "route add fd00:2::/64 via fd00:1::2");
        Probe(lab, "fd00:2::1");
        Assert.Equal(["fd00:2::1"], Destinations(front));
        Probe(lab, "fd00:2::254", answered: true); // the host's other address
        Probe(lab, "fe80::ff:fe00:2%eth0", answered: true);
        Assert.Empty(Destinations(front));
        drop.Remove();
    }

    /// <summary>The server's gateway is the host; only what its service sends is taken from there.</summary>
    [Fact]
    public void A_masquerading_servers_answers_are_taken_on_their_way_through_the_host()
    {
        using Lab lab = RouterLab.Make("veth", ipv6: true);
        lab.Ip("client", "route add fd00:2::/64 via fd00:1::2");
        IngressPlan plan = Shared with
        {
            InterfaceMac = PacketInterfaceTests.Parsed(RouterLab.BackMac),
            MasqueradeServers = [new(Ip("fd00:2::1"), 53, IpProtocol.Udp)],
        };
        using PacketInterface back = lab.In("director", () => PacketInterface.Open("back", IngressRules.SocketFilter(plan)));
        using IngressDrop drop = lab.In("director", () => new IngressDrop("back"));
        drop.Install(IngressRules.HostDrop(plan));
        Probe(lab, "fd00:1::1", from: "server", local: "[fd00:2::1]:53");
        Assert.Equal(["fd00:1::1"], Destinations(back));
        Probe(lab, "fd00:1::1", answered: true, from: "server", local: "[fd00:2::1]:54");
        Probe(lab, "fd00:2::254", answered: true, from: "server", local: "[fd00:2::1]:53");
        Assert.Empty(Destinations(back));
        drop.Remove();
    }

    /// <summary>Nobody has the owned address but the engine, so the host ignores the question.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Solicitations_for_owned_addresses_reach_the_engine(bool virtualMac)
    {
        using Lab lab = RouterLab.Make("veth", ipv6: true);
        IngressPlan plan = virtualMac ? Plan : Shared;
        using PacketInterface front = Open(lab, plan);
        using IngressDrop drop = lab.In("director", () => new IngressDrop("front"));
        drop.Install(IngressRules.HostDrop(plan));
        front.SetMulticast(MulticastGroups.Of(plan.Owned));
        Probe(lab, "fd00:1::100");
        Assert.Contains((Solicitation, Vip), Messages(front));
        Assert.DoesNotContain("lladdr", lab.Exec("client", "ip -6 neighbour show fd00:1::100 dev eth0"), StringComparison.Ordinal);
        Probe(lab, "fd00:1::2", answered: true); // the host is found as ever
        drop.Remove();
    }

    [Fact]
    public void Of_what_goes_to_all_nodes_the_engine_gets_advertisements_and_queries()
    {
        using Lab lab = RouterLab.Make("veth", ipv6: true);
        using PacketInterface front = Open(lab, Plan);
        byte[] target = Vip.ToIPAddress().GetAddressBytes();
        SendToAll(lab, [EchoRequest, 0, 0, 0, 0, 1, 0, 1]);
        SendToAll(lab, [Advertisement, 0, 0, 0, 0x20, 0, 0, 0, .. target]);
        SendToAll(lab, [ListenerQuery, 0, 0, 0, 0, 100, 0, 0, .. new byte[16]], routerAlert: true);
        Probe(lab, "fd00:1::2", answered: true); // the host answers: what was sent before is through
        Assert.Equal([(Advertisement, Vip), (ListenerQuery, default)], Messages(front).Where(message => message.Type != Solicitation));
    }

    private static PacketInterface Open(Lab lab, IngressPlan plan) =>
        lab.In("director", () => PacketInterface.Open("front", IngressRules.SocketFilter(plan)));

    // A datagram to a closed port, and whether "port unreachable" comes back.
    private static void Probe(Lab lab, string address, bool answered = false, string from = "client", string local = "[::]:0")
    {
        long before = Counter(lab, from, "Icmp6InDestUnreachs");
        lab.In(from, () =>
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(IPEndPoint.Parse(local));
            socket.Connect(IPAddress.Parse(address), 9);
            socket.Send([1]);
            return socket.Poll(TimeSpan.FromSeconds(answered ? 5 : 0.3), SelectMode.SelectRead);
        });
        Assert.Equal(answered, Counter(lab, from, "Icmp6InDestUnreachs") > before);
    }

    // From the client, with the hop limit that neighbour discovery asks for; the kernel fills in the checksum.
    private static void SendToAll(Lab lab, byte[] message, bool routerAlert = false) => lab.In("client", () =>
    {
        const int ipv6 = 41, hopByHopOptions = 54; // IPPROTO_IPV6, IPV6_HOPOPTS
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
        if (routerAlert)
            socket.SetRawSocketOption(ipv6, hopByHopOptions, [0, 0, 5, 2, 0, 0, 1, 0]); // RFC 2711: MLD; and padding
        return socket.SendTo(message, new IPEndPoint(IPAddress.Parse("ff02::1%eth0"), 0));
    });

    private static long Counter(Lab lab, string host, string name) => long.Parse(
        lab.Exec(host, "cat /proc/net/snmp6").Split('\n')
            .Single(line => line.StartsWith(name + ' ', StringComparison.Ordinal)).Split(' ', '\t')[^1],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Where the UDP packets in the ring go, each once.</summary>
    private static string[] Destinations(PacketInterface front) =>
    [
        .. Frames(front)
            .Where(frame => frame[20] == IpProtocol.Udp)
            .Select(frame => IpAddress.Read(frame.AsSpan(38, 16)).ToString())
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>ICMPv6 to groups: type and target (or group that is asked for), in order, each once.</summary>
    private static (byte Type, IpAddress Target)[] Messages(PacketInterface front) =>
        [.. from frame in Frames(front)
            where frame[0] == 0x33
            let at = frame[20] == 0 ? 62 : 54 // behind hop-by-hop options
            select (frame[at], IpAddress.Read(frame.AsSpan(at + 8, 16)))];

    private static List<byte[]> Frames(PacketInterface front)
    {
        var frames = new List<byte[]>();
        while (front.TryReceive(out ReceivedFrame frame))
        {
            if (frame.Bytes[12..14] is [0x86, 0xDD])
                frames.Add(frame.Bytes.ToArray());
        }
        front.ReleaseAll();
        return frames;
    }
}
