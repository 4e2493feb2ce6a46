using System.Buffers.Binary;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Linux.Ingress;

/// <summary>What the filter looks at in a frame, and the frame made of it: IPv4 or IPv6 as the destination is.</summary>
internal sealed record TestFrame
{
    public MacAddress To { get; init; }

    public ushort? VlanTag { get; init; }

    public IpAddress Source { get; init; } = IpAddress.AnyIpv4;

    public IpAddress Destination { get; init; } = IpAddress.AnyIpv4;

    /// <summary>Another than the destination's.</summary>
    public ushort? OtherType { get; init; }

    public byte Protocol { get; init; } = IpProtocol.Tcp;

    /// <summary>The first two bytes behind the IP headers; of ICMPv6 type and code.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>Flags and offset; of IPv6 what its fragment header says, if it has one.</summary>
    public ushort Fragment { get; init; }

    /// <summary>Bytes of options of IPv4.</summary>
    public int Options { get; init; }

    /// <summary>The header of IPv6 that stands before the protocol's.</summary>
    public byte? Extension { get; init; }

    /// <summary>How many times 8 bytes it is longer than 8; says nothing in a fragment header (RFC 8200 section 4.5).</summary>
    public byte ExtensionLength { get; init; }

    private ushort Type => OtherType ?? (Destination.IsIpv4 ? EtherType.Ipv4 : EtherType.Ipv6);

    public byte[] Bytes()
    {
        byte[] header = Destination.IsIpv4 ? Ipv4() : Ipv6();
        byte[] frame = [.. new byte[14], .. header, .. new byte[8]];
        To.Write(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), Type);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14 + header.Length), SourcePort);
        return frame;
    }

    /// <summary>The rules in plain words: whether the engine's socket takes the frame.</summary>
    public bool IsTaken(IngressPlan plan) => IsUntagged && (Type == EtherType.Arp
        || IsIp && (plan.VirtualMac && To == plan.EngineMac || To == plan.InterfaceMac && (IsClaimed(plan) || IsComplaint(plan)) || IsDiscovery));

    /// <summary>Whether the host's kernel does not get it.</summary>
    public bool IsDropped(IngressPlan plan) => IsUntagged && IsIp && To == plan.InterfaceMac && IsClaimed(plan);

    private bool IsUntagged => VlanTag is null || (VlanTag & 0xFFF) == 0;

    private bool IsIp => Type is EtherType.Ipv4 or EtherType.Ipv6;

    private bool IsDiscovery => Type == EtherType.Ipv6 && To.Value >> 32 == 0x3333 && Protocol == IpProtocol.Icmpv6 && (SourcePort >> 8) switch
    {
        135 or 136 => Extension is null,
        130 => Extension == IpProtocol.HopByHopOptions && ExtensionLength == 0,
        _ => false,
    };

    // An ICMP error to the host.
    private bool IsComplaint(IngressPlan plan) => plan.HasTunnels && plan.HostAddresses.Contains(Destination) && !Destination.IsLinkLocal
        && (Destination.IsIpv4
            ? Protocol == IpProtocol.Icmp && SourcePort >> 8 is 3 or 11
            : Protocol == IpProtocol.Icmpv6 && Extension is null && SourcePort >> 8 is 1 or 2 or 3 or 4);

    private bool IsClaimed(IngressPlan plan)
    {
        if (plan.OwnedRanges?.Any(range => range.Contains(Destination)) ?? plan.Owned.Contains(Destination))
            return true;
        if (plan.HostAddresses.Contains(Destination) || Destination.IsMulticast || Destination.IsLinkLocal)
            return false;
        if (Destination.IsIpv4 && Destination.Ipv4 >> 28 == 0xF) // class E and broadcast
            return false;
        if (plan.GatewayHere && !plan.VirtualMac)
            return true;
        if (plan.ServerRanges is { } ranges)
            return ranges.Any(range => range.Contains(Source)) && IsAnswerOf(new MasqueradeServer(Source, 0, MasqueradeServer.AnyProtocol));
        return plan.MasqueradeServers.Any(server => server.Address == Source && IsAnswerOf(server));
    }

    private bool IsAnswerOf(MasqueradeServer server)
    {
        bool named = Protocol == server.Protocol
            || server.Protocol == MasqueradeServer.AnyProtocol && Protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp;
        bool port = named && (server.Port == 0 || server.Port == SourcePort);
        if (Destination.IsIpv4)
            return Protocol == IpProtocol.Icmp || port || named && (Fragment & 0x1FFF) != 0;
        if (Extension == IpProtocol.AuthenticationHeader)
            return false;
        return Extension is IpProtocol.HopByHopOptions or IpProtocol.DestinationOptions || Extension == IpProtocol.Fragment && Fragment >> 3 != 0
            || Protocol is IpProtocol.Icmpv6 or IpProtocol.HopByHopOptions or IpProtocol.DestinationOptions || port;
    }

    private byte[] Ipv4()
    {
        byte[] header = new byte[20 + Options];
        header[0] = (byte)(0x40 | header.Length / 4);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), Fragment);
        header[9] = Protocol;
        Source.Write(header.AsSpan(12));
        Destination.Write(header.AsSpan(16));
        return header;
    }

    private byte[] Ipv6()
    {
        int extension = Extension switch { null => 0, IpProtocol.Fragment => 8, _ => 8 + 8 * ExtensionLength };
        byte[] header = new byte[40 + extension];
        header[0] = 0x60;
        header[6] = Extension ?? Protocol;
        Source.Write(header.AsSpan(8));
        Destination.Write(header.AsSpan(24));
        if (Extension.HasValue)
        {
            header[40] = Protocol;
            header[41] = ExtensionLength;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(42), Fragment);
        }
        return header;
    }
}
