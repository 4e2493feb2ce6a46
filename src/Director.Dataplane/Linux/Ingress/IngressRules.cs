using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Divides what arrives between engine and host. Two programs of one predicate: the filter of the receiving socket takes what is
/// the engine's, the drop at the interface keeps that part of it from the host's kernel that is addressed to a MAC the host
/// listens to (frames for the virtual MAC the kernel ignores anyway).
/// <list type="number">
/// <item>A VLAN tag: the frame belongs to another interface. (VLAN 0 is priority only, IEEE 802.1Q section 9.6.)</item>
/// <item>ARP: the engine sees it all, the host keeps it too.</item>
/// <item>IPv4 to a group MAC: the host's. To the virtual MAC: the engine's.</item>
/// <item>To the interface's MAC: by destination and source address, see <see cref="Claims"/>.</item>
/// </list>
/// </summary>
public static class IngressRules
{
    private const uint Take = 0x40000; // more than any frame: the length to keep
    private const uint Reject = 0;
    private const uint Drop = 2; // TC_ACT_SHOT
    private const uint Pass = uint.MaxValue; // TC_ACT_UNSPEC: the next filter decides

    // Offsets in the frame: Ethernet, then IPv4.
    private const uint EtherTypeAt = 12;
    private const uint Ip = 14;
    private const uint FragmentAt = Ip + 6;
    private const uint ProtocolAt = Ip + 9;
    private const uint SourceAt = Ip + 12;
    private const uint DestinationAt = Ip + 16;

    private const uint VlanIdentifier = 0x0FFF;
    private const uint FragmentOffset = 0x1FFF;
    private const uint FirstMulticast = 0xE000_0000; // 224.0.0.0 and up: multicast, class E, broadcast

    /// <summary>For <see cref="PacketInterface"/>.</summary>
    /// <exception cref="Control.EngineException">More addresses than fit a program.</exception>
    public static BpfInstruction[] SocketFilter(IngressPlan plan)
    {
        var code = new BpfAssembler();
        int take = code.NewLabel(), reject = code.NewLabel(), ip = code.NewLabel(), own = code.NewLabel(), claimed = code.NewLabel();
        RejectVlan(code, reject);
        int notArp = code.NewLabel();
        code.Add(Bpf.LoadHalf, EtherTypeAt);
        code.Branch(Bpf.JumpEqual, (uint)EtherType.Arp, take, notArp);
        code.Mark(notArp);
        code.Branch(Bpf.JumpEqual, (uint)EtherType.Ipv4, ip, reject);
        code.Mark(ip);
        if (plan.VirtualMac)
            MatchMac(code, plan.EngineMac, take, own);
        code.Mark(own);
        MatchMac(code, plan.InterfaceMac, claimed, reject);
        code.Mark(claimed);
        Claims(code, plan, take, reject);
        code.Mark(take);
        code.Add(Bpf.Return, Take);
        code.Mark(reject);
        code.Add(Bpf.Return, Reject);
        return code.Assemble();
    }

    /// <summary>For the ingress hook of the interface (tc, direct action).</summary>
    /// <exception cref="Control.EngineException">More addresses than fit a program.</exception>
    public static BpfInstruction[] HostDrop(IngressPlan plan)
    {
        var code = new BpfAssembler();
        int drop = code.NewLabel(), pass = code.NewLabel(), ip = code.NewLabel(), claimed = code.NewLabel();
        RejectVlan(code, pass);
        code.Add(Bpf.LoadHalf, EtherTypeAt);
        code.Branch(Bpf.JumpEqual, (uint)EtherType.Ipv4, ip, pass);
        code.Mark(ip);
        MatchMac(code, plan.InterfaceMac, claimed, pass);
        code.Mark(claimed);
        Claims(code, plan, drop, pass);
        code.Mark(drop);
        code.Add(Bpf.Return, Drop);
        code.Mark(pass);
        code.Add(Bpf.Return, Pass);
        return code.Assemble();
    }

    private static void RejectVlan(BpfAssembler code, int reject)
    {
        int tagged = code.NewLabel(), untagged = code.NewLabel();
        code.Add(Bpf.LoadWord, Bpf.VlanTagPresent);
        code.Branch(Bpf.JumpEqual, 0, untagged, tagged);
        code.Mark(tagged);
        code.Add(Bpf.LoadWord, Bpf.VlanTag);
        code.Branch(Bpf.JumpAnyBit, VlanIdentifier, reject, untagged);
        code.Mark(untagged);
    }

    // The low word first: it tells addresses of one maker apart.
    private static void MatchMac(BpfAssembler code, MacAddress mac, int matches, int differs)
    {
        int high = code.NewLabel();
        code.Add(Bpf.LoadWord, 2);
        code.Branch(Bpf.JumpEqual, (uint)mac.Value, high, differs);
        code.Mark(high);
        code.Add(Bpf.LoadHalf, 0);
        code.Branch(Bpf.JumpEqual, (uint)(mac.Value >> 32), matches, differs);
    }

    /// <summary>
    /// An IPv4 packet to the interface's own MAC is the engine's if it goes to an owned address; else it is the host's if it goes
    /// to the host or to a group; else it passes through, and is the engine's if the engine is the gateway here, or if it may be
    /// a masquerading server's answer.
    /// </summary>
    private static void Claims(BpfAssembler code, IngressPlan plan, int yes, int no)
    {
        int notOwned = code.NewLabel(), foreign = code.NewLabel(), through = code.NewLabel();
        code.Add(Bpf.LoadWord, DestinationAt);
        Search(code, plan.Owned, yes, notOwned);
        code.Mark(notOwned);
        code.Branch(Bpf.JumpGreaterOrEqual, FirstMulticast, no, foreign);
        code.Mark(foreign);
        Search(code, plan.HostAddresses, no, through);
        code.Mark(through);
        if (plan.GatewayHere && !plan.VirtualMac)
            code.Jump(yes);
        else
            FromServer(code, plan.MasqueradeServers, yes, no);
    }

    // Servers mostly listen to the same ports: one piece of code for each set of ports, found by the source address.
    private static void FromServer(BpfAssembler code, MasqueradeServer[] servers, int yes, int no)
    {
        var byPorts = (from server in servers
                       group (server.Protocol, server.Port) by server.Address into ports
                       group ports.Key by string.Join(' ', ports.Distinct().Order()) into addresses
                       select (Label: code.NewLabel(), Addresses: addresses.ToArray())).ToArray();
        code.Add(Bpf.LoadWord, SourceAt);
        Search(code, [.. from set in byPorts from address in set.Addresses orderby address select (address, set.Label)], no);
        foreach ((int label, uint[] addresses) in byPorts)
        {
            code.Mark(label);
            FromPort(code, [.. servers.Where(server => server.Address == addresses[0])], yes, no);
        }
    }

    // ICMP has no port: echo replies and errors of a server are taken by its address. So are later fragments.
    private static void FromPort(BpfAssembler code, MasqueradeServer[] ports, int yes, int no)
    {
        var protocols = (from port in ports
                         where port.Protocol != IpProtocol.Icmp
                         group (uint)port.Port by port.Protocol into each
                         orderby each.Key
                         select (each.Key, Label: code.NewLabel(), Ports: each.ToArray())).ToArray();
        code.Add(Bpf.LoadByte, ProtocolAt);
        Search(code, [((uint)IpProtocol.Icmp, yes), .. from each in protocols select ((uint)each.Key, each.Label)], no);
        foreach ((_, int label, uint[] numbers) in protocols)
        {
            code.Mark(label);
            if (numbers.Contains(0u))
            {
                code.Jump(yes);
                continue;
            }
            int first = code.NewLabel();
            code.Add(Bpf.LoadHalf, FragmentAt);
            code.Branch(Bpf.JumpAnyBit, FragmentOffset, yes, first);
            code.Mark(first);
            code.Add(Bpf.LoadHeaderLength, Ip);
            code.Add(Bpf.LoadHalfIndexed, Ip);
            Search(code, numbers, yes, no);
        }
    }

    private static void Search(BpfAssembler code, uint[] values, int found, int missing) =>
        Search(code, [.. from value in values.Distinct() orderby value select (value, found)], missing);

    // Binary search for A; keys are sorted and distinct.
    private static void Search(BpfAssembler code, ReadOnlySpan<(uint Value, int Found)> keys, int missing)
    {
        const int leaf = 8;
        if (keys.Length > leaf)
        {
            int middle = (keys.Length - 1) / 2;
            int upper = code.NewLabel(), lower = code.NewLabel();
            code.Branch(Bpf.JumpGreater, keys[middle].Value, upper, lower);
            code.Mark(lower);
            Search(code, keys[..(middle + 1)], missing);
            code.Mark(upper);
            Search(code, keys[(middle + 1)..], missing);
            return;
        }
        // Results are far away in a large program: the keys of a leaf share a jump to each.
        var results = new Dictionary<int, int>();
        foreach ((uint value, int found) in keys)
        {
            int next = code.NewLabel();
            if (!results.TryGetValue(found, out int near))
                results.Add(found, near = code.NewLabel());
            code.Branch(Bpf.JumpEqual, value, near, next);
            code.Mark(next);
        }
        code.Jump(missing);
        foreach ((int found, int near) in results)
        {
            code.Mark(near);
            code.Jump(found);
        }
    }
}
