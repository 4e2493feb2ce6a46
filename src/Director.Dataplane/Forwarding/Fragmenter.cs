using System.Buffers.Binary;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>Cuts a packet that may be fragmented to the MTU of its way (RFC 791 section 2.3).</summary>
public static class Fragmenter
{
    private const ushort MoreFragments = 0x2000;

    // Every module must be able to forward 68 bytes in one piece (RFC 791 section 3.2): no MTU is taken to be less.
    internal const int SmallestMtu = 68;

    public static DropReason Send(ref Packet packet, in NextHop hop, IFrameOutput output, HeldPackets held, long now)
    {
        // A checksum left to the card cannot be: the card sees fragments.
        if (new VirtioNetHeader(packet.Frame.Offload).NeedsChecksum)
            CompleteChecksum(packet);
        int header = packet.Ip.HeaderLength;
        Span<byte> payload = packet.Ip.Payload;
        int piece = (Math.Max(hop.Mtu, SmallestMtu) - header) & ~7;
        int firstOffset = packet.Ip.FragmentOffset;
        bool moreFollows = packet.Ip.MoreFragments;
        for (int at = 0; at < payload.Length; at += piece)
        {
            int length = Math.Min(piece, payload.Length - at);
            Span<byte> wire = output.Reserve(EthernetHeader.Length + header + length);
            Span<byte> ethernet = wire[VirtioNetHeader.Length..];
            packet.Frame.Ethernet[..(EthernetHeader.Length + header)].CopyTo(ethernet);
            Span<byte> ip = ethernet[EthernetHeader.Length..];
            payload.Slice(at, length).CopyTo(ip[header..]);
            bool last = at + length == payload.Length && !moreFollows;
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(header + length));
            BinaryPrimitives.WriteUInt16BigEndian(ip[6..], (ushort)(((firstOffset + at) >> 3) | (last ? 0 : MoreFragments)));
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], 0);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum.Compute(ip[..header]));
            if (hop.Resolved)
                output.Send(hop.Leaving!, wire);
            else if (!held.TryHold(wire, hop.Leaving!, hop.Neighbour, now))
                return DropReason.NeighbourQueueFull;
        }
        return DropReason.None;
    }

    /// <summary>Does what the offload header leaves to the card, which then cannot.</summary>
    internal static void CompleteChecksum(in Packet packet)
    {
        VirtioNetHeader offload = new(packet.Frame.Offload);
        Span<byte> ethernet = packet.Frame.Ethernet[..(EthernetHeader.Length + packet.Ip.TotalLength)];
        int start = offload.ChecksumStart;
        Span<byte> field = ethernet.Slice(start + offload.ChecksumOffset, 2);
        ushort checksum = Checksum.Compute(ethernet[start..]);
        BinaryPrimitives.WriteUInt16BigEndian(field, packet.Ip.Protocol == IpProtocol.Udp ? Checksum.UdpWire(checksum) : checksum);
        offload.Clear();
    }
}
