using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Divides what arrives between engine and host. Two programs of one predicate: the filter of the receiving socket takes what is
/// the engine's, the drop at the interface keeps that part of it from the host's kernel that is addressed to a MAC the host
/// listens to (frames for the virtual MAC the kernel ignores anyway).
/// <list type="number">
/// <item>A VLAN tag: the frame belongs to another interface. (VLAN 0 is priority only, IEEE 802.1Q section 9.6.)</item>
/// <item>ARP: the engine sees it all, the host keeps it too. So with IPv6's to groups, see <see cref="Discovery"/>.</item>
/// <item>IP to the virtual MAC: the engine's. To another group MAC: the host's.</item>
/// <item>To the interface's MAC: by destination and source address, see
/// <see cref="Claims(BpfAssembler, IngressPlan, int, int, int)"/>; of the host's own, the engine may hear <see cref="Complaints"/>.</item>
/// </list>
/// Where addresses are too many for a program, ranges of them do: <see cref="Programs"/>.
/// </summary>
public static class IngressRules
{
    /// <summary>Mark (SO_MARK) of the engine's own frames while there are real servers on this host.</summary>
    public const uint SentByEngine = 0x4C56_5301;

    private const uint Take = 0x40000; // more than any frame: the length to keep
    private const uint Reject = 0;
    private const uint Drop = 2; // TC_ACT_SHOT
    private const uint Match = uint.MaxValue; // of a filter with actions
    private const uint NoMatch = 0;
    private const uint Pass = uint.MaxValue; // TC_ACT_UNSPEC: the next filter decides

    // At two instructions or a few more for each range, in a program that has them of owned addresses and of servers.
    private const int MostRanges = 512;

    private const uint EtherTypeAt = 12;
    private const uint VlanIdentifier = 0x0FFF;

    private const uint GroupMac = 0x3333; // begins the MAC of an IPv6 group (RFC 2464 section 7)
    private static readonly uint[] Errors = [IcmpHeader.DestinationUnreachable, IcmpHeader.TimeExceeded];
    private static readonly uint[] Icmpv6Errors =
        [Icmpv6Header.DestinationUnreachable, Icmpv6Header.PacketTooBig, Icmpv6Header.TimeExceeded, Icmpv6Header.ParameterProblem];

    private const uint BehindIpv6 = IpLayout.Start + 40;
    private const uint BehindOptions = BehindIpv6 + 8;

    // First bytes of an address.
    private const uint FirstIpv4Group = 0xE000_0000; // 224.0.0.0 and up: multicast, class E, broadcast
    private const uint FirstIpv6Group = 0xFF00;
    private const uint FirstLinkLocal = 0xFE80; // fe80::/10
    private const uint BeyondLinkLocal = 0xFEC0;

    /// <summary>For <see cref="PacketInterface"/>.</summary>
    /// <exception cref="Control.EngineException">More addresses than fit a program.</exception>
    public static BpfInstruction[] SocketFilter(IngressPlan plan) => WriteSocketFilter(plan).Assemble();

    /// <summary>For the ingress hook of the interface (tc, direct action).</summary>
    /// <exception cref="Control.EngineException">More addresses than fit a program.</exception>
    public static BpfInstruction[] HostDrop(IngressPlan plan) => WriteHostDrop(plan).Assemble();

    /// <summary>Both, by the plan or, if its addresses are too many, by as many ranges as fit.</summary>
    /// <exception cref="Control.EngineException">Not even few ranges fit.</exception>
    public static IngressPrograms Programs(IngressPlan plan)
    {
        // Hardly more than an instruction for each address: a program that is far too long need not be written.
        bool hopeless = plan.IsExact && plan.Owned.Length + plan.MasqueradeServers.Length > BpfAssembler.Limit;
        for (int most = MostRanges; most > 0; most /= 2)
        {
            if (!hopeless && WriteSocketFilter(plan).TryAssemble(out _) is { } filter && WriteHostDrop(plan).TryAssemble(out _) is { } drop)
                return new IngressPrograms(filter, drop);
            hopeless = false;
            plan = plan.InRanges(most);
        }
        return new IngressPrograms(SocketFilter(plan), HostDrop(plan));
    }

    private static BpfAssembler WriteSocketFilter(IngressPlan plan)
    {
        var code = new BpfAssembler();
        int take = code.NewLabel(), reject = code.NewLabel(), ip = code.NewLabel();
        int own = code.NewLabel(), claimed = code.NewLabel(), group = code.NewLabel(), host = code.NewLabel();
        RejectVlan(code, reject);
        code.Add(ClassicBpf.LoadHalf, EtherTypeAt);
        KeySearch.Values(code, [(EtherType.Arp, take), (EtherType.Ipv4, ip), (EtherType.Ipv6, ip)], reject);
        code.Mark(ip);
        if (plan.VirtualMac)
            MatchMac(code, plan.EngineMac, take, own);
        code.Mark(own);
        MatchMac(code, plan.InterfaceMac, claimed, group);
        code.Mark(group);
        Discovery(code, take, reject);
        code.Mark(claimed);
        Claims(code, plan, take, reject, plan.HasTunnels ? host : reject);
        if (plan.HasTunnels)
        {
            code.Mark(host);
            Complaints(code, take, reject);
        }
        code.Mark(take);
        code.Add(ClassicBpf.Return, Take);
        code.Mark(reject);
        code.Add(ClassicBpf.Return, Reject);
        return code;
    }

    /// <summary>A socket filter that lets nothing in.</summary>
    public static BpfInstruction[] Nothing => [new BpfInstruction(ClassicBpf.Return, 0, 0, Reject)];

    /// <summary>For the engine's end of <see cref="HostLink"/>: all that the diversion brings.</summary>
    public static BpfInstruction[] Everything => [new BpfInstruction(ClassicBpf.Return, 0, 0, Take)];

    private static BpfAssembler WriteHostDrop(IngressPlan plan)
    {
        var code = new BpfAssembler();
        int drop = code.NewLabel(), pass = code.NewLabel(), ip = code.NewLabel(), claimed = code.NewLabel();
        RejectVlan(code, pass);
        code.Add(ClassicBpf.LoadHalf, EtherTypeAt);
        KeySearch.Values(code, [EtherType.Ipv4, EtherType.Ipv6], ip, pass);
        code.Mark(ip);
        MatchMac(code, plan.InterfaceMac, claimed, pass);
        code.Mark(claimed);
        Claims(code, plan, drop, pass, pass);
        code.Mark(drop);
        code.Add(ClassicBpf.Return, Drop);
        code.Mark(pass);
        code.Add(ClassicBpf.Return, Pass);
        return code;
    }

    /// <summary>
    /// For the way out (<see cref="AnswerDiversion"/>): what may be an answer of real servers that are the host itself. Of ICMP only
    /// errors; the host's echo and neighbour discovery are its own. What the engine itself sends there bears <see cref="SentByEngine"/>.
    /// </summary>
    /// <exception cref="Control.EngineException">More addresses than fit a program.</exception>
    public static BpfInstruction[] HostAnswers(MasqueradeServer[] servers)
    {
        var code = new BpfAssembler();
        int divert = code.NewLabel(), pass = code.NewLabel(), ipv4 = code.NewLabel(), ipv6 = code.NewLabel(), icmp = code.NewLabel(), hosts = code.NewLabel();
        code.Add(ClassicBpf.LoadWord, ClassicBpf.Mark);
        code.Branch(ClassicBpf.JumpEqual, SentByEngine, pass, hosts);
        code.Mark(hosts);
        RejectVlan(code, pass);
        code.Add(ClassicBpf.LoadHalf, EtherTypeAt);
        KeySearch.Values(code, [(EtherType.Ipv4, ipv4), (EtherType.Ipv6, ipv6)], pass);
        code.Mark(ipv4);
        ServerAnswers.Claim(code, IpLayout.Ipv4, servers, divert, pass, icmp, pass);
        code.Mark(ipv6);
        ServerAnswers.Claim(code, IpLayout.Ipv6, servers, divert, pass, icmp, pass);
        code.Mark(icmp);
        Complaints(code, divert, pass);
        code.Mark(divert);
        code.Add(ClassicBpf.Return, Match);
        code.Mark(pass);
        code.Add(ClassicBpf.Return, NoMatch);
        return code.Assemble();
    }

    private static void RejectVlan(BpfAssembler code, int reject)
    {
        int tagged = code.NewLabel(), untagged = code.NewLabel();
        code.Add(ClassicBpf.LoadWord, ClassicBpf.VlanTagPresent);
        code.Branch(ClassicBpf.JumpEqual, 0, untagged, tagged);
        code.Mark(tagged);
        code.Add(ClassicBpf.LoadWord, ClassicBpf.VlanTag);
        code.Branch(ClassicBpf.JumpAnyBit, VlanIdentifier, reject, untagged);
        code.Mark(untagged);
    }

    // The low word first: it tells addresses of one maker apart.
    private static void MatchMac(BpfAssembler code, MacAddress mac, int matches, int differs)
    {
        int high = code.NewLabel();
        code.Add(ClassicBpf.LoadWord, 2);
        code.Branch(ClassicBpf.JumpEqual, (uint)mac.Value, high, differs);
        code.Mark(high);
        code.Add(ClassicBpf.LoadHalf, 0);
        code.Branch(ClassicBpf.JumpEqual, (uint)(mac.Value >> 32), matches, differs);
    }

    /// <summary>
    /// What IPv6 does by multicast where IPv4 has ARP and IGMP: solicitations for owned addresses (they go to a group of the
    /// address's last bytes, never to the virtual MAC), advertisements (a rival's claim, or the answer to a probe before an
    /// address is owned), and a router's question who listens to what. That one comes behind a router alert, alone among the
    /// options (RFC 3810 section 5). Whose address it is about the engine sees for itself: as with ARP, the host has it too.
    /// </summary>
    private static void Discovery(BpfAssembler code, int yes, int no)
    {
        int group = code.NewLabel(), ipv6 = code.NewLabel(), message = code.NewLabel(), options = code.NewLabel(), query = code.NewLabel();
        code.Add(ClassicBpf.LoadHalf, 0);
        code.Branch(ClassicBpf.JumpEqual, GroupMac, group, no);
        code.Mark(group);
        code.Add(ClassicBpf.LoadHalf, EtherTypeAt);
        code.Branch(ClassicBpf.JumpEqual, EtherType.Ipv6, ipv6, no);
        code.Mark(ipv6);
        code.Add(ClassicBpf.LoadByte, IpLayout.Ipv6.ProtocolAt);
        KeySearch.Values(code, [(IpProtocol.Icmpv6, message), (IpProtocol.HopByHopOptions, options)], no);
        code.Mark(message);
        code.Add(ClassicBpf.LoadByte, BehindIpv6);
        KeySearch.Values(code, [Icmpv6Header.NeighborSolicitation, Icmpv6Header.NeighborAdvertisement], yes, no);
        code.Mark(options);
        code.Add(ClassicBpf.LoadHalf, BehindIpv6); // the next header, and a length of 0: 8 bytes
        code.Branch(ClassicBpf.JumpEqual, IpProtocol.Icmpv6 << 8, query, no);
        code.Mark(query);
        code.Add(ClassicBpf.LoadByte, BehindOptions);
        code.Branch(ClassicBpf.JumpEqual, Icmpv6Header.ListenerQuery, yes, no);
    }

    // What is in the host's packets is not looked into here: whether the error is about a tunnel the engine sees for itself.
    private static void Complaints(BpfAssembler code, int yes, int no)
    {
        int ipv4 = code.NewLabel(), ipv6 = code.NewLabel(), icmp = code.NewLabel(), icmpv6 = code.NewLabel();
        code.Add(ClassicBpf.LoadHalf, EtherTypeAt);
        code.Branch(ClassicBpf.JumpEqual, EtherType.Ipv4, ipv4, ipv6);
        code.Mark(ipv4);
        code.Add(ClassicBpf.LoadByte, IpLayout.Ipv4.ProtocolAt);
        code.Branch(ClassicBpf.JumpEqual, IpProtocol.Icmp, icmp, no);
        code.Mark(icmp);
        code.Add(ClassicBpf.LoadHeaderLength, IpLayout.Start);
        code.Add(ClassicBpf.LoadByteIndexed, IpLayout.Start);
        KeySearch.Values(code, Errors, yes, no);
        code.Mark(ipv6);
        code.Add(ClassicBpf.LoadByte, IpLayout.Ipv6.ProtocolAt);
        code.Branch(ClassicBpf.JumpEqual, IpProtocol.Icmpv6, icmpv6, no);
        code.Mark(icmpv6);
        code.Add(ClassicBpf.LoadByte, BehindIpv6);
        KeySearch.Values(code, Icmpv6Errors, yes, no);
    }

    private static void Claims(BpfAssembler code, IngressPlan plan, int yes, int no, int host)
    {
        int ipv4 = code.NewLabel(), ipv6 = code.NewLabel();
        code.Add(ClassicBpf.LoadHalf, EtherTypeAt);
        code.Branch(ClassicBpf.JumpEqual, EtherType.Ipv4, ipv4, ipv6);
        code.Mark(ipv4);
        Claims(code, plan, IpLayout.Ipv4, yes, no, host);
        code.Mark(ipv6);
        Claims(code, plan, IpLayout.Ipv6, yes, no, host);
    }

    /// <summary>
    /// A packet to the interface's own MAC is the engine's if it goes to an owned address; else it is the host's if it goes to the
    /// host, to a group or to an address of this link only; else it passes through, and is the engine's if the engine is the
    /// gateway here, or if it may be a masquerading server's answer.
    /// </summary>
    private static void Claims(BpfAssembler code, IngressPlan plan, IpLayout layout, int yes, int no, int host)
    {
        int notOwned = code.NewLabel(), foreign = code.NewLabel(), through = code.NewLabel();
        if (plan.OwnedRanges is { } ranges)
            KeySearch.Ranges(code, layout, layout.DestinationAt, ranges, yes, notOwned);
        else
            KeySearch.Addresses(code, layout, layout.DestinationAt, plan.Owned, yes, notOwned);
        code.Mark(notOwned);
        if (layout == IpLayout.Ipv4)
        {
            code.Add(ClassicBpf.LoadWord, layout.DestinationAt);
            code.Branch(ClassicBpf.JumpGreaterOrEqual, FirstIpv4Group, no, foreign);
        }
        else
        {
            int notGroup = code.NewLabel(), low = code.NewLabel();
            code.Add(ClassicBpf.LoadHalf, layout.DestinationAt);
            code.Branch(ClassicBpf.JumpGreaterOrEqual, FirstIpv6Group, no, notGroup);
            code.Mark(notGroup);
            code.Branch(ClassicBpf.JumpGreaterOrEqual, BeyondLinkLocal, foreign, low);
            code.Mark(low);
            code.Branch(ClassicBpf.JumpGreaterOrEqual, FirstLinkLocal, no, foreign);
        }
        code.Mark(foreign);
        // A host with many interfaces has as many link-local addresses; they are sorted out above.
        KeySearch.Addresses(code, layout, layout.DestinationAt, plan.HostAddresses.Where(address => !address.IsLinkLocal), host, through);
        code.Mark(through);
        if (plan.GatewayHere && !plan.VirtualMac)
            code.Jump(yes);
        else if (plan.ServerRanges is { } servers)
            ServerAnswers.Claim(code, layout, servers, yes, no);
        else
            ServerAnswers.Claim(code, layout, plan.MasqueradeServers, yes, no, icmp: yes, extended: yes);
    }
}
