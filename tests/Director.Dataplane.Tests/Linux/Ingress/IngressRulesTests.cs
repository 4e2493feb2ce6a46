using Director.Dataplane.Control;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux.Ingress;

public sealed class IngressRulesTests
{
    private static readonly IpAddress Vip = Ip("10.1.0.100");
    private static readonly IpAddress Host = Ip("10.1.0.2");
    private static readonly IpAddress Server = Ip("10.2.0.11");
    private static readonly IpAddress OtherServer = Ip("10.2.0.12");
    private static readonly IpAddress Client = Ip("192.168.0.1");
    private static readonly IpAddress Far = Ip("8.8.8.8");
    private static readonly IpAddress Vip6 = Ip("fd00:1::100");
    private static readonly IpAddress Host6 = Ip("fd00:1::2");
    private static readonly IpAddress HostLinkLocal = Ip("fe80::2");
    private static readonly IpAddress Server6 = Ip("fd00:2::11");
    private static readonly IpAddress MarkedServer6 = Ip("fd00:2::12");
    private static readonly IpAddress Client6 = Ip("2001:db8::1");
    private static readonly IpAddress SolicitedNode = Ip("ff02::1:ff00:100");
    private static readonly IpAddress AllNodes = Ip("ff02::1");
    private static readonly MacAddress SolicitedNodeMac = new(0x3333_FF00_0100);
    private static readonly MacAddress AllNodesMac = new(0x3333_0000_0001);
    private static readonly MacAddress Own = new(0x0200_0000_0002);
    private static readonly MacAddress Virtual = MacAddress.Virtual(0, 1);

    private static readonly IngressPlan Plan = new()
    {
        VirtualMac = true,
        EngineMac = Virtual,
        InterfaceMac = Own,
        Owned = [Vip, Vip6],
        HostAddresses = [Host, Host6, HostLinkLocal],
        MasqueradeServers =
        [
            new(Server, 80, IpProtocol.Tcp), new(Server, 53, IpProtocol.Udp), new(Server, 36412, IpProtocol.Sctp), new(OtherServer, 0, IpProtocol.Tcp),
            new(Server6, 80, IpProtocol.Tcp), new(Server6, 36412, IpProtocol.Sctp), new(MarkedServer6, 80, MasqueradeServer.AnyProtocol),
        ],
    };

    private static readonly IngressPlan Tunnelled = Plan with { HasTunnels = true };

    private static readonly IngressPlan Shared = Plan with { VirtualMac = false, GatewayHere = true };

    // Name, plan, frame, the engine takes it, the host does not get it.
    internal static readonly (string Name, IngressPlan Plan, TestFrame Frame, bool Taken, bool Dropped)[] Cases =
    [
        ("ARP to all", Plan, new() { To = MacAddress.Broadcast, OtherType = EtherType.Arp }, true, false),
        ("ARP to us", Plan, new() { To = Own, OtherType = EtherType.Arp }, true, false),
        ("neither IP nor ARP", Plan, new() { To = Virtual, OtherType = 0x88CC }, false, false),
        ("to the virtual MAC, any destination", Plan, new() { To = Virtual, Destination = Client }, true, false),
        ("to the virtual MAC with priority tag", Plan, new() { To = Virtual, VlanTag = 0xE000 }, true, false),
        ("to the virtual MAC in VLAN 5", Plan, new() { To = Virtual, VlanTag = 5 }, false, false),
        ("ARP in VLAN 5", Plan, new() { To = MacAddress.Broadcast, OtherType = EtherType.Arp, VlanTag = 5 }, false, false),
        ("to another MAC", Plan, new() { To = new(0x0200_0000_0009), Destination = Vip }, false, false),
        ("broadcast", Plan, new() { To = MacAddress.Broadcast, Destination = Vip }, false, false),
        ("VIP by the interface's MAC", Plan, new() { To = Own, Destination = Vip }, true, true),
        ("VIP by the interface's MAC in VLAN 5", Plan, new() { To = Own, Destination = Vip, VlanTag = 5 }, false, false),
        ("the host's own", Plan, new() { To = Own, Destination = Host }, false, false),
        ("through the host", Plan, new() { To = Own, Source = Client, Destination = Far }, false, false),
        ("multicast address, unicast MAC", Plan, new() { To = Own, Source = Server, Destination = Ip("224.0.0.1") }, false, false),
        ("server's answer", Plan, Answer(Server, 80), true, true),
        ("server's answer with IP options", Plan, Answer(Server, 80) with { Options = 12 }, true, true),
        ("server's answer to the host", Plan, new() { To = Own, Source = Server, SourcePort = 80, Destination = Host }, false, false),
        ("server's other port", Plan, Answer(Server, 81), false, false),
        ("server's other protocol", Plan, Answer(Server, 80, IpProtocol.Udp), false, false),
        ("server's UDP answer", Plan, Answer(Server, 53, IpProtocol.Udp), true, true),
        ("server's SCTP answer", Plan, Answer(Server, 36412, IpProtocol.Sctp), true, true),
        ("server's other SCTP port", Plan, Answer(Server, 80, IpProtocol.Sctp), false, false),
        ("server's ICMP", Plan, Answer(Server, 0, IpProtocol.Icmp), true, true),
        ("server's ICMP to the host", Plan, new() { To = Own, Source = Server, Destination = Host, Protocol = IpProtocol.Icmp }, false, false),
        ("server's later fragment", Plan, Answer(Server, 9) with { Fragment = 0x2001 }, true, true),
        ("server's first fragment, other port", Plan, Answer(Server, 9) with { Fragment = 0x2000 }, false, false),
        ("server of any port", Plan, Answer(OtherServer, 9999), true, true),
        ("server of any port, other protocol", Plan, Answer(OtherServer, 9999, IpProtocol.Udp), false, false),
        ("gateway without virtual MAC: through it", Shared, new() { To = Own, Source = Server, SourcePort = 9, Destination = Far }, true, true),
        ("gateway without virtual MAC: the host's", Shared, new() { To = Own, Source = Server, SourcePort = 80, Destination = Host }, false, false),
        ("gateway without virtual MAC: multicast", Shared, new() { To = Own, Source = Server, Destination = Ip("224.0.0.251") }, false, false),
        ("without virtual MAC its address is foreign", Shared, new() { To = Virtual, Destination = Vip }, false, false),

        ("IPv6 to the virtual MAC, any destination", Plan, new() { To = Virtual, Destination = Client6 }, true, false),
        ("IPv6 to the virtual MAC in VLAN 5", Plan, new() { To = Virtual, Destination = Vip6, VlanTag = 5 }, false, false),
        ("IPv6 to another MAC", Plan, new() { To = new(0x0200_0000_0009), Destination = Vip6 }, false, false),
        ("IPv6 VIP by the interface's MAC", Plan, new() { To = Own, Destination = Vip6 }, true, true),
        ("IPv6 VIP's neighbour in number", Plan, new() { To = Own, Destination = Vip6.Plus(1) }, false, false),
        ("IPv6 VIP's host part in another subnet", Plan, new() { To = Own, Destination = Ip("fd00:2::100") }, false, false),
        ("VIP's number in the last bytes of IPv6", Plan, new() { To = Own, Destination = Ip("::10.1.0.100") }, false, false),
        ("IPv6 host's own", Plan, new() { To = Own, Destination = Host6 }, false, false),
        ("through the host by IPv6", Plan, new() { To = Own, Source = Client6, Destination = Ip("2001:db8::2") }, false, false),
        ("IPv6 multicast address, unicast MAC", Plan, new() { To = Own, Source = Server6, SourcePort = 80, Destination = AllNodes }, false, false),
        ("IPv6 server's answer", Plan, Answer(Server6, 80), true, true),
        ("IPv6 server's answer to the host", Plan, new() { To = Own, Source = Server6, SourcePort = 80, Destination = Host6 }, false, false),
        ("IPv6 server's answer on the link", Plan, Answer(Server6, 80) with { Destination = Ip("fe80::9") }, false, false),
        ("IPv6 server's other port", Plan, Answer(Server6, 81), false, false),
        ("IPv6 server's SCTP answer", Plan, Answer(Server6, 36412, IpProtocol.Sctp), true, true),
        ("IPv6 server's other protocol", Plan, Answer(Server6, 80, IpProtocol.Udp), false, false),
        ("IPv6 server's ICMPv6", Plan, Answer(Server6, 0, IpProtocol.Icmpv6), true, true),
        ("IPv6 server's solicitation for the host", Plan, Message(Own, Host6, 135) with { Source = Server6 }, false, false),
        ("IPv6 server's later fragment", Plan, Answer(Server6, 9) with { Extension = IpProtocol.Fragment, Fragment = 0x0008 }, true, true),
        ("IPv6 server's first fragment", Plan, Answer(Server6, 80) with { Extension = IpProtocol.Fragment, Fragment = 0x0001 }, true, true),
        ("IPv6 server's first fragment, other port", Plan, Answer(Server6, 9) with { Extension = IpProtocol.Fragment, Fragment = 0x0001 }, false, false),
        ("IPv6 server's options before TCP", Plan, Answer(Server6, 9) with { Extension = IpProtocol.DestinationOptions }, true, true),
        ("server of a mark, TCP", Plan, Answer(MarkedServer6, 80), true, true),
        ("server of a mark, UDP", Plan, Answer(MarkedServer6, 80, IpProtocol.Udp), true, true),
        ("server of a mark, other port", Plan, Answer(MarkedServer6, 81, IpProtocol.Sctp), false, false),
        ("IPv6 gateway without virtual MAC: through it", Shared, Answer(Server6, 9), true, true),
        ("IPv6 gateway without virtual MAC: the host's", Shared, new() { To = Own, Source = Server6, Destination = Host6 }, false, false),
        ("IPv6 gateway without virtual MAC: the host's on the link", Shared, new() { To = Own, Source = Server6, Destination = HostLinkLocal }, false, false),
        ("IPv6 gateway without virtual MAC: multicast", Shared, new() { To = Own, Source = Server6, Destination = AllNodes }, false, false),

        ("error to the host, where tunnels begin", Tunnelled, new() { To = Own, Destination = Host, Protocol = IpProtocol.Icmp, SourcePort = 3 << 8 | 4, Options = 8 }, true, false),
        ("error to the host, without tunnels", Plan, new() { To = Own, Destination = Host, Protocol = IpProtocol.Icmp, SourcePort = 3 << 8 | 4 }, false, false),
        ("time exceeded to the host, where tunnels begin", Tunnelled, new() { To = Own, Destination = Host, Protocol = IpProtocol.Icmp, SourcePort = 11 << 8 }, true, false),
        ("echo request to the host, where tunnels begin", Tunnelled, new() { To = Own, Destination = Host, Protocol = IpProtocol.Icmp, SourcePort = 8 << 8 }, false, false),
        ("UDP to the host, where tunnels begin", Tunnelled, new() { To = Own, Destination = Host, Protocol = IpProtocol.Udp, SourcePort = 3 << 8 }, false, false),
        ("error through the host, where tunnels begin", Tunnelled, new() { To = Own, Destination = Far, Protocol = IpProtocol.Icmp, SourcePort = 3 << 8 }, false, false),
        ("too big for IPv6 to the host, where tunnels begin", Tunnelled, new() { To = Own, Destination = Host6, Protocol = IpProtocol.Icmpv6, SourcePort = 2 << 8 }, true, false),
        ("solicitation to the host, where tunnels begin", Tunnelled, new() { To = Own, Destination = Host6, Protocol = IpProtocol.Icmpv6, SourcePort = 135 << 8 }, false, false),

        ("solicitation for an owned address", Plan, Message(SolicitedNodeMac, SolicitedNode, 135), true, false),
        ("solicitation for an owned address, no virtual MAC", Shared, Message(SolicitedNodeMac, SolicitedNode, 135), true, false),
        ("solicitation in VLAN 5", Plan, Message(SolicitedNodeMac, SolicitedNode, 135) with { VlanTag = 5 }, false, false),
        ("solicitation to the owned address itself", Shared, Message(Own, Vip6, 135), true, true),
        ("solicitation for the host itself", Shared, Message(Own, Host6, 135), false, false),
        ("advertisement to all", Plan, Message(AllNodesMac, AllNodes, 136), true, false),
        // RFC 6980: nobody may heed it.
        ("fragmented solicitation", Plan, Message(SolicitedNodeMac, SolicitedNode, 135) with { Extension = IpProtocol.Fragment }, false, false),
        ("router's advertisement", Plan, Message(AllNodesMac, AllNodes, 134), false, false),
        ("echo request to all", Plan, Message(AllNodesMac, AllNodes, 128), false, false),
        ("listener query", Plan, Query(AllNodesMac, AllNodes), true, false),
        ("listener query for a group", Shared, Query(SolicitedNodeMac, SolicitedNode), true, false),
        ("listener query without router alert", Plan, Message(AllNodesMac, AllNodes, 130), false, false),
        ("listener query with more options", Plan, Query(AllNodesMac, AllNodes) with { ExtensionLength = 1 }, false, false),
        ("listener report", Plan, Message(new(0x3333_0000_0016), Ip("ff02::16"), 143) with { Extension = IpProtocol.HopByHopOptions }, false, false),
        ("IPv4 to an IPv6 group's MAC", Plan, Message(AllNodesMac, AllNodes, 135) with { Source = Client, Destination = Vip }, false, false),
        ("UDP to a group", Plan, Message(AllNodesMac, AllNodes, 135) with { Protocol = IpProtocol.Udp }, false, false),
    ];

    private static readonly byte[] ServiceProtocols = [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp, MasqueradeServer.AnyProtocol];

    private static readonly byte[] Protocols =
        [IpProtocol.Tcp, IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp, IpProtocol.Icmp, IpProtocol.Icmpv6, IpProtocol.Icmpv6];

    private static readonly byte[] Extensions =
        [IpProtocol.HopByHopOptions, IpProtocol.Fragment, IpProtocol.DestinationOptions, IpProtocol.AuthenticationHeader];

    // At and beside the borders of what is no unicast address of more than a link.
    private static readonly IpAddress[] Borders =
    [
        .. "223.255.255.255 224.0.0.0 239.255.255.255 255.255.255.255 fe7f:ffff:: fe80:: febf:ffff:: fec0:: feff:ffff:: ff00:: ff02::1"
            .Split(' ').Select(Ip),
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

    // Name, frame on its way out, the engine gets it.
    private static readonly (string Name, TestFrame Frame, bool Diverted)[] FromHost =
    [
        ("TCP", Answer(Server, 80), true),
        ("TCP with IP options", Answer(Server, 80) with { Options = 12 }, true),
        ("another port", Answer(Server, 81), false),
        ("another address", Answer(Host, 80), false),
        ("a later fragment", Answer(Server, 9) with { Fragment = 0x2001 }, true),
        ("in a VLAN", Answer(Server, 80) with { VlanTag = 5 }, false),
        ("ARP", new() { To = Own, OtherType = EtherType.Arp }, false),
        ("an ICMP error", Answer(Server, 3 << 8, IpProtocol.Icmp), true),
        ("an echo reply", Answer(Server, 0, IpProtocol.Icmp), false),
        ("an echo request", Answer(Server, 8 << 8, IpProtocol.Icmp), false),
        ("IPv6", Answer(Server6, 80), true),
        ("IPv6, another port", Answer(Server6, 81), false),
        ("an ICMPv6 error", Answer(Server6, 2 << 8, IpProtocol.Icmpv6), true),
        ("a solicitation", Answer(Server6, 135 << 8, IpProtocol.Icmpv6), false),
        ("an advertisement", Answer(Server6, 136 << 8, IpProtocol.Icmpv6), false),
        ("a listener report", Answer(Server6, 0) with { Extension = IpProtocol.HopByHopOptions }, false),
    ];

    public static TheoryData<string> NamesFromHost => [.. FromHost.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(NamesFromHost))]
    public void Of_what_the_host_sends_the_answers_of_its_servers_are_diverted(string name)
    {
        (_, TestFrame frame, bool diverted) = FromHost.Single(each => each.Name == name);
        BpfInstruction[] program = IngressRules.HostAnswers(Plan.MasqueradeServers);
        Assert.Equal(diverted ? uint.MaxValue : 0, BpfInterpreter.Run(program, frame.Bytes(), frame.VlanTag));
        Assert.Equal(0u, BpfInterpreter.Run(program, frame.Bytes(), frame.VlanTag, IngressRules.SentByEngine));
        Assert.Equal(0u, BpfInterpreter.Run(IngressRules.HostAnswers([]), frame.Bytes(), frame.VlanTag));
    }

    /// <summary>Random plans of all sizes against random frames that hit often, compared with the rules in plain words.</summary>
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 5, 3)]
    [InlineData(4, 40, 20)]
    [InlineData(5, 300, 100)]
    [InlineData(6, 800, 350)]
    public void Programs_say_what_the_rules_say(int seed, int addresses, int servers)
    {
        var random = new Random(seed);
        for (int round = 0; round < 4; round++)
        {
            IngressPlan plan = RandomPlan(random, addresses, servers);
            SaysWhatTheRulesSay(random, plan, IngressRules.Programs(plan));
            Assert.Equal(IngressRules.SocketFilter(plan), IngressRules.Programs(plan).SocketFilter);
        }
    }

    [Theory]
    [InlineData(1, 40, 20, 1)]
    [InlineData(2, 40, 20, 7)]
    [InlineData(3, 300, 100, 64)]
    [InlineData(4, 300, 100, 400)]
    public void In_ranges_they_do_too(int seed, int addresses, int servers, int ranges)
    {
        var random = new Random(seed);
        for (int round = 0; round < 4; round++)
        {
            IngressPlan plan = RandomPlan(random, addresses, servers).InRanges(ranges);
            SaysWhatTheRulesSay(random, plan, new IngressPrograms(IngressRules.SocketFilter(plan), IngressRules.HostDrop(plan)));
        }
    }

    [Theory]
    [InlineData("10.1.0.1", 1, "10.2.0.1", 1)] // side by side
    [InlineData("10.1.0.1", 7, "10.2.0.1", 11)] // more ranges than fit, so that some are joined
    [InlineData("fd00:1::1", 3, "fd00:2::1", 3)]
    public void Ten_thousand_addresses_and_thirty_thousand_servers_fit(string vips, uint vipStep, string servers, uint serverStep)
    {
        IngressPlan plan = Plan with
        {
            Owned = [.. Enumerable.Range(0, 10_000).Select(i => Ip(vips).Plus(vipStep * (uint)i))],
            MasqueradeServers = [.. Enumerable.Range(0, 30_000).Select(i => new MasqueradeServer(Ip(servers).Plus(serverStep * (uint)i), (ushort)i, IpProtocol.Tcp))],
        };
        IngressPrograms programs = IngressRules.Programs(plan);
        Assert.InRange(programs.SocketFilter.Length, 10, BpfAssembler.Limit);
        foreach (int i in (int[])[0, 1, 17, 5000, 9999])
        {
            Assert.Equal((true, true), Run(programs, Answer(Client, 1) with { Source = plan.Owned[0].IsIpv4 ? Client : Client6, Destination = plan.Owned[i] }));
            MasqueradeServer server = plan.MasqueradeServers[3 * i];
            Assert.Equal((true, true), Run(programs, Answer(server.Address, server.Port)));
        }
        Assert.All(plan.HostAddresses.Except(plan.Owned), address => Assert.Equal((false, false), Run(programs, Answer(address.IsIpv4 ? Client : Client6, 1) with { Destination = address })));
    }

    private static void SaysWhatTheRulesSay(Random random, IngressPlan plan, IngressPrograms programs)
    {
        for (int i = 0; i < 2000; i++)
        {
            TestFrame frame = RandomFrame(random, plan);
            (bool taken, bool dropped) = Run(programs, frame);
            Assert.Equal((frame.IsTaken(plan), frame.IsDropped(plan), frame), (taken, dropped, frame));
        }
    }

    public static TheoryData<string> Answers => ["server's answer", "IPv6 server's answer", "IPv6 server's first fragment"];

    [Theory]
    [MemberData(nameof(Answers))]
    public void A_short_frame_is_taken_by_nobody_and_runs_no_program_astray(string name)
    {
        byte[] frame = Cases.Single(each => each.Name == name).Frame.Bytes();
        for (int length = 0; length < frame.Length - 6; length++) // up to the half of the port
        {
            Assert.Equal(0u, BpfInterpreter.Run(IngressRules.SocketFilter(Plan), frame.AsSpan(0, length)));
            Assert.NotEqual(2u, BpfInterpreter.Run(IngressRules.HostDrop(Plan), frame.AsSpan(0, length)));
        }
        Assert.NotEqual(0u, BpfInterpreter.Run(IngressRules.SocketFilter(Plan), frame.AsSpan(0, frame.Length - 6)));
    }

    [Theory]
    [InlineData("10.1.0.100", 2500)]
    [InlineData("fd00:1::100", 2500)] // of one subnet: what they have in common costs nothing
    public void Addresses_of_one_subnet_fit_and_too_many_are_told(string first, int count)
    {
        IngressPlan plan = Plan with { Owned = [.. Enumerable.Range(0, count).Select(i => Ip(first).Plus(3 * (uint)i))] };
        Assert.InRange(IngressRules.SocketFilter(plan).Length, 2000, BpfAssembler.Limit);
        EngineException error = Assert.Throws<EngineException>(() =>
            IngressRules.SocketFilter(plan with { HostAddresses = [.. Enumerable.Range(0, count).Select(i => Ip("fd00:9::").Plus((uint)i))] }));
        Assert.Contains("the kernel takes 4096", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_IPv6_addresses_that_have_nothing_in_common_a_seventh_fits()
    {
        IngressPlan plan = Plan with { Owned = Scattered(350) };
        Assert.InRange(IngressRules.SocketFilter(plan).Length, 3000, BpfAssembler.Limit);
        Assert.Throws<EngineException>(() => IngressRules.SocketFilter(plan with { Owned = Scattered(400) }));

        static IpAddress[] Scattered(int count)
        {
            var random = new Random(1);
            return [.. Enumerable.Range(0, count).Select(_ =>
                new IpAddress(0x2000_0000_0000_0000 + (ulong)random.NextInt64() / 8, (ulong)random.NextInt64()))];
        }
    }

    private static (bool Taken, bool Dropped) Run(IngressPlan plan, TestFrame frame) =>
        Run(new IngressPrograms(IngressRules.SocketFilter(plan), IngressRules.HostDrop(plan)), frame);

    private static (bool Taken, bool Dropped) Run(IngressPrograms programs, TestFrame frame)
    {
        uint taken = BpfInterpreter.Run(programs.SocketFilter, frame.Bytes(), frame.VlanTag);
        uint dropped = BpfInterpreter.Run(programs.HostDrop, frame.Bytes(), frame.VlanTag);
        Assert.True(taken is 0 or 0x40000 && dropped is 2 or uint.MaxValue);
        return (taken != 0, dropped == 2);
    }

    // On its way from a server to a client, by the interface's MAC.
    private static TestFrame Answer(IpAddress server, ushort port, byte protocol = IpProtocol.Tcp) => new()
    {
        To = Own,
        Source = server,
        SourcePort = port,
        Destination = server.IsIpv4 ? Client : Client6,
        Protocol = protocol,
    };

    private static TestFrame Message(MacAddress to, IpAddress destination, byte type) => new()
    {
        To = to,
        Source = Ip("fe80::9"),
        Destination = destination,
        Protocol = IpProtocol.Icmpv6,
        SourcePort = (ushort)(type << 8),
    };

    private static TestFrame Query(MacAddress to, IpAddress destination) =>
        Message(to, destination, Icmpv6Header.ListenerQuery) with { Extension = IpProtocol.HopByHopOptions };

    private static IngressPlan RandomPlan(Random random, int addresses, int servers) => Plan with
    {
        VirtualMac = random.Next(2) == 0,
        GatewayHere = random.Next(3) == 0,
        HasTunnels = random.Next(2) == 0,
        Owned = [.. Enumerable.Range(0, addresses).Select(_ => RandomAddress(random))],
        HostAddresses = [.. Enumerable.Range(0, addresses / 2).Select(_ => RandomAddress(random))],
        MasqueradeServers = [.. Enumerable.Range(0, servers).Select(_ =>
            new MasqueradeServer(RandomAddress(random), (ushort)random.Next(0, 5), Pick(random, ServiceProtocols)))],
    };

    private static TestFrame RandomFrame(Random random, IngressPlan plan)
    {
        IpAddress destination = random.Next(8) == 0
            ? Pick(random, Borders)
            : PickOr(random, random.Next(2) == 0 ? plan.Owned : plan.HostAddresses);
        IpAddress[] servers = [.. plan.MasqueradeServers.Select(server => server.Address).Where(address => address.IsIpv4 == destination.IsIpv4)];
        IpAddress source = PickOr(random, servers);
        return new TestFrame
        {
            To = random.Next(9) switch
            {
                0 => MacAddress.Broadcast,
                1 or 2 => Virtual,
                3 => new(Own.Value + 0x1_0000_0000),
                4 => SolicitedNodeMac,
                _ => Own,
            },
            OtherType = random.Next(15) switch { 0 => EtherType.Arp, 1 => 0x88CC, _ => null },
            VlanTag = random.Next(10) switch { 0 => (ushort)random.Next(0x10000), 1 => 0xE000, _ => null },
            Source = source.IsIpv4 == destination.IsIpv4 ? source : destination.IsIpv4 ? Client : Client6,
            Destination = destination,
            Protocol = Pick(random, Protocols),
            SourcePort = random.Next(3) switch
            {
                0 => (ushort)random.Next(6),
                1 => (ushort)(random.Next(13) << 8), // types of errors
                _ => (ushort)(random.Next(128, 140) << 8), // and of other messages
            },
            Fragment = random.Next(4) switch { 0 => (ushort)random.Next(0x10000), 1 => 0x4000, 2 => (ushort)random.Next(8), _ => 0 },
            Options = 4 * random.Next(11),
            Extension = random.Next(2) == 0 ? null : Pick(random, Extensions),
            ExtensionLength = (byte)(random.Next(4) == 0 ? 1 : 0),
        };
    }

    // Few distinct ones, so that plans overlap, and neighbours of each other, so that off-by-one shows; of IPv6 in each word.
    private static IpAddress RandomAddress(Random random) => random.Next(2) == 0
        ? IpAddress.FromIpv4(0x7FFF_FF00 + (uint)random.Next(2000))
        : new IpAddress(0xFD00_0000_7FFF_FFF0 + Words(random.Next(3), random.Next(3)), Words(random.Next(3), random.Next(200)));

    private static ulong Words(int high, int low) => ((ulong)(uint)high << 32) + (uint)low;

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static IpAddress PickOr(Random random, IpAddress[] from) =>
        from.Length == 0 || random.Next(4) == 0 ? RandomAddress(random) : Pick(random, from);
}
