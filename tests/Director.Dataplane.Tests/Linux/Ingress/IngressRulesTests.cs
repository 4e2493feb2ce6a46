using Director.Dataplane.Control;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Linux.Ingress;

public sealed class IngressRulesTests
{
    private const uint Vip = 0x0A01_0064;
    private const uint Host = 0x0A01_0002;
    private const uint Server = 0x0A02_000B;
    private const uint OtherServer = 0x0A02_000C;
    private const uint Client = 0xC0A8_0001;
    private static readonly MacAddress Own = new(0x0200_0000_0002);
    private static readonly MacAddress Virtual = MacAddress.Virtual(0, 1);

    private static readonly IngressPlan Plan = new()
    {
        VirtualMac = true,
        EngineMac = Virtual,
        InterfaceMac = Own,
        Owned = [Vip],
        HostAddresses = [Host],
        MasqueradeServers = [new(Server, 80, IpProtocol.Tcp), new(Server, 53, IpProtocol.Udp), new(OtherServer, 0, IpProtocol.Tcp)],
    };

    private static readonly IngressPlan Shared = Plan with { VirtualMac = false, GatewayHere = true };

    // Name, plan, frame, the engine takes it, the host does not get it.
    private static readonly (string Name, IngressPlan Plan, TestFrame Frame, bool Taken, bool Dropped)[] Cases =
    [
        ("ARP to all", Plan, new() { To = MacAddress.Broadcast, Type = EtherType.Arp }, true, false),
        ("ARP to us", Plan, new() { To = Own, Type = EtherType.Arp }, true, false),
        ("IPv6", Plan, new() { To = Virtual, Type = EtherType.Ipv6 }, false, false),
        ("to the virtual MAC, any destination", Plan, new() { To = Virtual, Destination = Client }, true, false),
        ("to the virtual MAC with priority tag", Plan, new() { To = Virtual, VlanTag = 0xE000 }, true, false),
        ("to the virtual MAC in VLAN 5", Plan, new() { To = Virtual, VlanTag = 5 }, false, false),
        ("ARP in VLAN 5", Plan, new() { To = MacAddress.Broadcast, Type = EtherType.Arp, VlanTag = 5 }, false, false),
        ("to another MAC", Plan, new() { To = new(0x0200_0000_0009), Destination = Vip }, false, false),
        ("broadcast", Plan, new() { To = MacAddress.Broadcast, Destination = Vip }, false, false),
        ("VIP by the interface's MAC", Plan, new() { To = Own, Destination = Vip }, true, true),
        ("VIP by the interface's MAC in VLAN 5", Plan, new() { To = Own, Destination = Vip, VlanTag = 5 }, false, false),
        ("the host's own", Plan, new() { To = Own, Destination = Host }, false, false),
        ("through the host", Plan, new() { To = Own, Source = Client, Destination = 0x0808_0808 }, false, false),
        ("multicast address, unicast MAC", Plan, new() { To = Own, Source = Server, Destination = 0xE000_0001 }, false, false),
        ("server's answer", Plan, new() { To = Own, Source = Server, SourcePort = 80, Destination = Client }, true, true),
        ("server's answer with IP options", Plan, new() { To = Own, Source = Server, SourcePort = 80, Destination = Client, Options = 12 }, true, true),
        ("server's answer to the host", Plan, new() { To = Own, Source = Server, SourcePort = 80, Destination = Host }, false, false),
        ("server's other port", Plan, new() { To = Own, Source = Server, SourcePort = 81, Destination = Client }, false, false),
        ("server's other protocol", Plan, new() { To = Own, Source = Server, SourcePort = 80, Destination = Client, Protocol = IpProtocol.Udp }, false, false),
        ("server's UDP answer", Plan, new() { To = Own, Source = Server, SourcePort = 53, Destination = Client, Protocol = IpProtocol.Udp }, true, true),
        ("server's ICMP", Plan, new() { To = Own, Source = Server, Destination = Client, Protocol = IpProtocol.Icmp }, true, true),
        ("server's ICMP to the host", Plan, new() { To = Own, Source = Server, Destination = Host, Protocol = IpProtocol.Icmp }, false, false),
        ("server's later fragment", Plan, new() { To = Own, Source = Server, SourcePort = 9, Destination = Client, Fragment = 0x2001 }, true, true),
        ("server's first fragment, other port", Plan, new() { To = Own, Source = Server, SourcePort = 9, Destination = Client, Fragment = 0x2000 }, false, false),
        ("server of any port", Plan, new() { To = Own, Source = OtherServer, SourcePort = 9999, Destination = Client }, true, true),
        ("server of any port, other protocol", Plan, new() { To = Own, Source = OtherServer, SourcePort = 9999, Destination = Client, Protocol = IpProtocol.Udp }, false, false),
        ("gateway without virtual MAC: through it", Shared, new() { To = Own, Source = Server, SourcePort = 9, Destination = 0x0808_0808 }, true, true),
        ("gateway without virtual MAC: the host's", Shared, new() { To = Own, Source = Server, SourcePort = 80, Destination = Host }, false, false),
        ("gateway without virtual MAC: multicast", Shared, new() { To = Own, Source = Server, Destination = 0xE000_00FB }, false, false),
        ("without virtual MAC its address is foreign", Shared, new() { To = Virtual, Destination = Vip }, false, false),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Engine_and_host_divide(string name)
    {
        (_, IngressPlan plan, TestFrame frame, bool taken, bool dropped) = Cases.Single(each => each.Name == name);
        Assert.Equal((taken, dropped), (frame.IsTaken(plan), frame.IsDropped(plan)));
        Assert.Equal((taken, dropped), Run(plan, frame));
    }

    /// <summary>Random plans of all sizes against random frames that hit often, compared with the rules in plain words.</summary>
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 5, 3)]
    [InlineData(4, 40, 20)]
    [InlineData(5, 300, 100)]
    [InlineData(6, 900, 400)]
    public void Programs_say_what_the_rules_say(int seed, int addresses, int servers)
    {
        var random = new Random(seed);
        for (int round = 0; round < 4; round++)
        {
            IngressPlan plan = RandomPlan(random, addresses, servers);
            BpfInstruction[] filter = IngressRules.SocketFilter(plan);
            BpfInstruction[] drop = IngressRules.HostDrop(plan);
            for (int i = 0; i < 2000; i++)
            {
                TestFrame frame = RandomFrame(random, plan);
                byte[] bytes = frame.Bytes();
                Assert.Equal((frame.IsTaken(plan), frame.IsDropped(plan), frame),
                    (BpfInterpreter.Run(filter, bytes, frame.VlanTag) != 0, BpfInterpreter.Run(drop, bytes, frame.VlanTag) == 2, frame));
            }
        }
    }

    [Fact]
    public void A_short_frame_is_taken_by_nobody_and_runs_no_program_astray()
    {
        byte[] frame = new TestFrame { To = Own, Source = Server, SourcePort = 80, Destination = Client }.Bytes();
        for (int length = 0; length < 36; length++)
        {
            Assert.Equal(0u, BpfInterpreter.Run(IngressRules.SocketFilter(Plan), frame.AsSpan(0, length)));
            Assert.NotEqual(2u, BpfInterpreter.Run(IngressRules.HostDrop(Plan), frame.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Two_thousand_addresses_fit_and_too_many_are_told()
    {
        IngressPlan plan = Plan with { Owned = [.. Enumerable.Range(0, 2000).Select(i => Vip + 3 * (uint)i)] };
        Assert.InRange(IngressRules.SocketFilter(plan).Length, 2000, BpfAssembler.Limit);
        EngineException error = Assert.Throws<EngineException>(() =>
            IngressRules.SocketFilter(plan with { HostAddresses = [.. Enumerable.Range(0, 2000).Select(i => (uint)i)] }));
        Assert.Contains("the kernel takes 4096", error.Message, StringComparison.Ordinal);
    }

    private static (bool Taken, bool Dropped) Run(IngressPlan plan, TestFrame frame)
    {
        uint taken = BpfInterpreter.Run(IngressRules.SocketFilter(plan), frame.Bytes(), frame.VlanTag);
        uint dropped = BpfInterpreter.Run(IngressRules.HostDrop(plan), frame.Bytes(), frame.VlanTag);
        Assert.True(taken is 0 or 0x40000 && dropped is 2 or uint.MaxValue);
        return (taken != 0, dropped == 2);
    }

    private static IngressPlan RandomPlan(Random random, int addresses, int servers) => Plan with
    {
        VirtualMac = random.Next(2) == 0,
        GatewayHere = random.Next(3) == 0,
        Owned = [.. Enumerable.Range(0, addresses).Select(_ => RandomAddress(random))],
        HostAddresses = [.. Enumerable.Range(0, addresses / 2).Select(_ => RandomAddress(random))],
        MasqueradeServers = [.. Enumerable.Range(0, servers).Select(_ =>
            new MasqueradeServer(RandomAddress(random), (ushort)random.Next(0, 5), random.Next(2) == 0 ? IpProtocol.Tcp : IpProtocol.Udp))],
    };

    private static TestFrame RandomFrame(Random random, IngressPlan plan) => new()
    {
        To = random.Next(8) switch { 0 => MacAddress.Broadcast, 1 or 2 => Virtual, 3 => new(Own.Value + 0x1_0000_0000), _ => Own },
        Type = random.Next(10) switch { 0 => EtherType.Arp, 1 => EtherType.Ipv6, _ => EtherType.Ipv4 },
        VlanTag = random.Next(10) switch { 0 => (ushort)random.Next(0x10000), 1 => 0xE000, _ => null },
        Source = Pick(random, [.. plan.MasqueradeServers.Select(server => server.Address)]),
        Destination = random.Next(8) == 0 ? 0xE000_0000 + (uint)random.Next() : Pick(random, random.Next(2) == 0 ? plan.Owned : plan.HostAddresses),
        Protocol = random.Next(4) switch { 0 => IpProtocol.Udp, 1 => IpProtocol.Icmp, 2 => 132, _ => IpProtocol.Tcp },
        SourcePort = (ushort)random.Next(6),
        Fragment = random.Next(4) switch { 0 => (ushort)random.Next(0x10000), 1 => 0x4000, _ => 0 },
        Options = 4 * random.Next(11),
    };

    // Few distinct ones, so that plans overlap, and neighbours of each other, so that off-by-one shows.
    private static uint RandomAddress(Random random) => 0x7FFF_FF00 + (uint)random.Next(2000);

    private static uint Pick(Random random, uint[] from) =>
        from.Length == 0 || random.Next(4) == 0 ? RandomAddress(random) : from[random.Next(from.Length)];
}
