using System.Net.Sockets;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux;

/// <summary>
/// What the engine takes the host neither answers nor forwards, even as a router; what is the host's the engine never sees.
/// </summary>
[Trait("Category", "Kernel")]
public sealed class HostIsolationTests
{
    private static readonly IpAddress Vip = Ip("10.9.1.100");
    private static readonly IpAddress Host = Ip("10.9.1.2");
    private const string FrontMac = RouterLab.FrontMac;
    private static readonly MacAddress Virtual = MacAddress.Virtual(0, 1);

    [Theory]
    [InlineData("veth")]
    [InlineData("bridge")]
    [InlineData("vlan")]
    public void Frames_to_the_virtual_MAC_are_the_engines_alone(string kind)
    {
        using Lab lab = RouterLab.Make(kind);
        using PacketInterface front = Open(lab, Plan(virtualMac: true));
        front.AddUnicast(Virtual);
        lab.Ip("client", $"neighbour replace 10.9.1.100 lladdr {Virtual} dev eth0 nud permanent");
        lab.Ip("client", $"neighbour replace 10.9.1.254 lladdr {Virtual} dev eth0 nud permanent");
        lab.Ip("client", "route add 10.9.2.0/24 via 10.9.1.254");
        long forwarded = lab.Counter("director", "Ip", "ForwDatagrams");

        Probe(lab, "10.9.1.100");
        Probe(lab, "10.9.2.1");
        Assert.Equal(["10.9.1.100", "10.9.2.1"], Destinations(front));
        Assert.Equal(forwarded, lab.Counter("director", "Ip", "ForwDatagrams"));
        Assert.Equal(0, lab.Counter("client", "Icmp", "InMsgs"));
    }

    [Theory]
    [InlineData("veth")]
    [InlineData("bridge")]
    [InlineData("vlan")]
    public void Without_a_virtual_MAC_the_drop_keeps_what_is_owned_from_the_host(string kind)
    {
        using Lab lab = RouterLab.Make(kind);
        IngressPlan plan = Plan(virtualMac: false);
        PacketInterface front = Open(lab, plan);
        using IngressDrop drop = lab.In("director", () => new IngressDrop("front"));
        lab.Ip("client", $"neighbour replace 10.9.1.100 lladdr {FrontMac} dev eth0 nud permanent");

        // Without the drop a router forwards or answers what it does not own.
        lab.Ip("client", "route add 10.9.2.100 via 10.9.1.2");
        IngressPlan other = plan with { Owned = [Vip, Ip("10.9.2.100")] };
        front.SetFilter(IngressRules.SocketFilter(other));
        Probe(lab, "10.9.2.100", answered: true);
        Assert.Contains("10.9.2.100", Destinations(front));

        drop.Install(IngressRules.HostDrop(other));
        Probe(lab, "10.9.2.100");
        Probe(lab, "10.9.1.100");
        Assert.Equal(["10.9.1.100", "10.9.2.100"], Destinations(front));
        Probe(lab, "10.9.1.2", answered: true);
        Assert.Empty(Destinations(front));

        // The engine is gone, the drop is not.
        front.Dispose();
        Probe(lab, "10.9.2.100");

        drop.Install(IngressRules.HostDrop(plan)); // replaced: 10.9.2.100 is no longer owned
        Assert.Single(lab.Exec("director", "tc filter show dev front ingress").Split('\n'), line => line.Contains("handle", StringComparison.Ordinal));
        Probe(lab, "10.9.2.100", answered: true);

        drop.Install(IngressRules.HostDrop(other));
        using (IngressDrop successor = lab.In("director", () => new IngressDrop("front")))
            successor.Remove();
        Probe(lab, "10.9.2.100", answered: true);
        drop.Remove();
        Assert.DoesNotContain("clsact", lab.Exec("director", "tc qdisc show dev front"), StringComparison.Ordinal);
    }

    [Fact]
    public void Traffic_of_the_host_never_enters_the_ring()
    {
        using Lab lab = RouterLab.Make("veth");
        using PacketInterface front = Open(lab, Plan(virtualMac: true));
        Probe(lab, "10.9.1.2", answered: true); // to the host
        lab.Ip("client", "route add 10.9.2.0/24 via 10.9.1.2");
        Probe(lab, "10.9.2.1", answered: true); // through the host
        Probe(lab, "10.9.1.1", answered: true, from: "director");
        Assert.Empty(Destinations(front));
    }

    [Fact]
    public void The_largest_program_is_accepted_as_filter_and_as_drop()
    {
        using Lab lab = RouterLab.Make("veth");
        IngressPlan plan = Plan(virtualMac: false) with
        {
            Owned = [Vip, .. Enumerable.Range(0, 2800).Select(i => Ip("11.0.0.0").Plus(2 * (uint)i))],
        };
        BpfInstruction[] filter = IngressRules.SocketFilter(plan);
        Assert.InRange(filter.Length, 3800, BpfAssembler.Limit);
        using PacketInterface front = Open(lab, Plan(virtualMac: false));
        lab.Sysctl("director", "net.core.optmem_max=131072");
        front.SetFilter(filter);
        using IngressDrop drop = lab.In("director", () => new IngressDrop("front"));
        drop.Install(IngressRules.HostDrop(plan));
        lab.Ip("client", "route add 11.0.0.0/8 via 10.9.1.2");
        Probe(lab, "11.0.21.222"); // the last of the addresses: 2 * 2799
        Probe(lab, "10.9.1.2", answered: true);
        Assert.Equal(["11.0.21.222"], Destinations(front));
    }

    private static IngressPlan Plan(bool virtualMac) => new()
    {
        VirtualMac = virtualMac,
        EngineMac = Virtual,
        InterfaceMac = PacketInterfaceTests.Parsed(FrontMac),
        Owned = [Vip],
        HostAddresses = [Host, Ip("10.9.2.254")],
    };

    private static PacketInterface Open(Lab lab, IngressPlan plan) =>
        lab.In("director", () => PacketInterface.Open("front", IngressRules.SocketFilter(plan)));

    // A datagram to a closed port, and whether anything answers: port unreachable, or whatever else ICMP has.
    private static void Probe(Lab lab, string address, bool answered = false, string from = "client")
    {
        long before = lab.Counter(from, "Icmp", "InMsgs");
        lab.In(from, () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address, 9);
            socket.Send([1]);
            return socket.Poll(TimeSpan.FromSeconds(answered ? 5 : 0.3), SelectMode.SelectRead);
        });
        Assert.Equal(answered, lab.Counter(from, "Icmp", "InMsgs") > before);
    }

    /// <summary>Where the IPv4 packets in the ring go, each once.</summary>
    private static string[] Destinations(PacketInterface front)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        while (front.TryReceive(out ReceivedFrame frame))
        {
            if (frame.Bytes[12..14] is [0x08, 0x00])
                found.Add(string.Join('.', frame.Bytes[30..34].ToArray()));
        }
        front.ReleaseAll();
        return [.. found];
    }
}
