using System.Buffers.Binary;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Linux.Ingress;

/// <summary>What the filter looks at in a frame, and the frame made of it.</summary>
internal sealed record TestFrame
{
    public MacAddress To { get; init; }

    public ushort? VlanTag { get; init; }

    public ushort Type { get; init; } = EtherType.Ipv4;

    public uint Source { get; init; }

    public uint Destination { get; init; }

    public byte Protocol { get; init; } = IpProtocol.Tcp;

    public ushort SourcePort { get; init; }

    public ushort Fragment { get; init; }

    public int Options { get; init; }

    public byte[] Bytes()
    {
        byte[] frame = new byte[14 + 20 + Options + 8];
        To.Write(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), Type);
        frame[14] = (byte)(0x40 | (20 + Options) / 4);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), Fragment);
        frame[23] = Protocol;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(26), Source);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(30), Destination);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(34 + Options), SourcePort);
        return frame;
    }

    /// <summary>The rules in plain words: whether the engine's socket takes the frame.</summary>
    public bool IsTaken(IngressPlan plan) =>
        IsUntagged && (Type == EtherType.Arp
            || Type == EtherType.Ipv4 && (plan.VirtualMac && To == plan.EngineMac || To == plan.InterfaceMac && IsClaimed(plan)));

    /// <summary>Whether the host's kernel does not get it.</summary>
    public bool IsDropped(IngressPlan plan) => IsUntagged && Type == EtherType.Ipv4 && To == plan.InterfaceMac && IsClaimed(plan);

    private bool IsUntagged => VlanTag is null || (VlanTag & 0xFFF) == 0;

    private bool IsClaimed(IngressPlan plan)
    {
        if (plan.Owned.Contains(Destination))
            return true;
        if (plan.HostAddresses.Contains(Destination) || Destination >> 28 >= 0xE)
            return false;
        if (plan.GatewayHere && !plan.VirtualMac)
            return true;
        return plan.MasqueradeServers.Any(server => server.Address == Source && (Protocol == IpProtocol.Icmp
            || Protocol == server.Protocol && (server.Port == 0 || server.Port == SourcePort || (Fragment & 0x1FFF) != 0)));
    }
}
