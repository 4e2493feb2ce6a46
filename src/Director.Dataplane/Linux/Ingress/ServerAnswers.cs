using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Whether a packet that passes through may be a masquerading server's answer: by source address, protocol and source port. A port
/// stands in the first fragment only, and ICMP has none: later fragments, echo replies and errors are taken by the address.
/// </summary>
internal static class ServerAnswers
{
    private const uint FragmentAt = IpLayout.Start + 6;
    private const uint FragmentOffset = 0x1FFF;

    // Hardly anybody puts them before TCP or UDP, so a chain of them is not followed here.
    private static readonly uint[] ExtensionHeaders = [IpProtocol.HopByHopOptions, IpProtocol.Routing, IpProtocol.DestinationOptions];

    private const uint Ipv6Length = 40;
    private const uint FragmentHeaderLength = 8;
    private const uint FragmentHeaderAt = IpLayout.Start + Ipv6Length;
    private const uint Ipv6FragmentOffset = 0xFFF8;

    // What a service of a firewall mark balances.
    private static readonly byte[] WithPorts = [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp];

    /// <summary>
    /// Leads to <paramref name="icmp"/> with ICMP, and to <paramref name="extended"/> with what stands behind IPv6 extension headers.
    /// </summary>
    // Servers mostly listen to the same ports: one piece of code for each set of ports, found by the source address.
    public static void Claim(BpfAssembler code, IpLayout layout, MasqueradeServer[] servers, int yes, int no, int icmp, int extended)
    {
        var sets = (from server in servers
                    where layout.Has(server.Address)
                    from protocol in server.Protocol == MasqueradeServer.AnyProtocol ? WithPorts : [server.Protocol]
                    group (Protocol: protocol, server.Port) by server.Address into ports
                    let sorted = ports.Distinct().Order().ToArray()
                    group (Address: ports.Key, Ports: sorted) by string.Join(' ', sorted) into set
                    select (Label: code.NewLabel(), set.First().Ports, Addresses: set.Select(each => each.Address).ToArray())).ToArray();
        KeySearch.Addresses(code, layout, layout.SourceAt,
            from set in sets from address in set.Addresses select (address, set.Label), no);
        foreach ((int label, (byte, ushort)[] ports, _) in sets)
        {
            code.Mark(label);
            FromPort(code, layout, ports, new Verdicts(yes, no, icmp, extended));
        }
    }

    // Too many servers to tell their ports apart.
    public static void Claim(BpfAssembler code, IpLayout layout, AddressRange[] servers, int yes, int no)
    {
        int server = code.NewLabel();
        KeySearch.Ranges(code, layout, layout.SourceAt, servers, server, no);
        code.Mark(server);
        FromPort(code, layout, [.. WithPorts.Select(protocol => (protocol, (ushort)0))], new Verdicts(yes, no, yes, yes));
    }

    private static void FromPort(BpfAssembler code, IpLayout layout, (byte Protocol, ushort Port)[] ports, Verdicts to)
    {
        var protocols = (from port in ports
                         group (uint)port.Port by port.Protocol into each
                         select (each.Key, Label: code.NewLabel(), Ports: each.ToArray())).ToArray();
        (uint, int)[] labels = [.. protocols.Select(each => ((uint)each.Key, each.Label))];
        if (layout == IpLayout.Ipv4)
            Ipv4Transport(code, labels, to);
        else
            Ipv6Transport(code, labels, to);
        foreach ((_, int label, uint[] numbers) in protocols)
        {
            code.Mark(label);
            if (numbers.Contains(0u))
            {
                code.Jump(to.Yes);
                continue;
            }
            if (layout == IpLayout.Ipv4)
                LaterFragment(code, FragmentAt, FragmentOffset, to.Yes);
            code.Add(ClassicBpf.LoadHalfIndexed, IpLayout.Start);
            KeySearch.Values(code, numbers, to.Yes, to.No);
        }
    }

    // To the label of the protocol; X: length of the headers before it.
    private static void Ipv4Transport(BpfAssembler code, (uint Protocol, int Label)[] labels, Verdicts to)
    {
        code.Add(ClassicBpf.LoadHeaderLength, IpLayout.Start);
        code.Add(ClassicBpf.LoadByte, IpLayout.Ipv4.ProtocolAt);
        KeySearch.Values(code, [(IpProtocol.Icmp, to.Icmp), .. labels], to.No);
    }

    private static void Ipv6Transport(BpfAssembler code, (uint Protocol, int Label)[] labels, Verdicts to)
    {
        (uint, int)[] byAddress = [(IpProtocol.Icmpv6, to.Icmp), .. ExtensionHeaders.Select(header => (header, to.Extended))];
        int fragment = code.NewLabel();
        code.Add(ClassicBpf.LoadIndex, Ipv6Length);
        code.Add(ClassicBpf.LoadByte, IpLayout.Ipv6.ProtocolAt);
        KeySearch.Values(code, [(IpProtocol.Fragment, fragment), .. byAddress, .. labels], to.No);
        code.Mark(fragment);
        LaterFragment(code, FragmentHeaderAt + 2, Ipv6FragmentOffset, to.Yes);
        code.Add(ClassicBpf.LoadIndex, Ipv6Length + FragmentHeaderLength);
        code.Add(ClassicBpf.LoadByte, FragmentHeaderAt);
        KeySearch.Values(code, [.. byAddress, .. labels], to.No);
    }

    private readonly record struct Verdicts(int Yes, int No, int Icmp, int Extended);

    private static void LaterFragment(BpfAssembler code, uint at, uint offset, int yes)
    {
        int first = code.NewLabel();
        code.Add(ClassicBpf.LoadHalf, at);
        code.Branch(ClassicBpf.JumpAnyBit, offset, yes, first);
        code.Mark(first);
    }
}
