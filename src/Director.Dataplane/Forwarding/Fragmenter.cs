using System.Buffers.Binary;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Cuts a packet that may be fragmented to the MTU of its way (RFC 791 section 2.3; RFC 8200 section 4.5). IPv6 only its sender
/// may fragment: here it is a datagram that its sender did fragment, or an answer of our own to one.
/// </summary>
public static class Fragmenter
{
    private const ushort MoreFragments = 0x2000;

    // Every module must be able to forward 68 bytes in one piece (RFC 791 section 3.2): no MTU is taken to be less.
    internal const int SmallestMtu = 68;

    /// <summary>
    /// In bytes, with the header, the longest piece that may leave. IPv6's are no longer than the sender's own were: the way behind
    /// our next hop may be as narrow as those were for (Linux: frag_max_size).
    /// </summary>
    public static int LongestPiece(in Packet packet, int mtu) => packet.Ip.IsIpv4 ? Math.Max(mtu, SmallestMtu)
        : packet.Frame.LargestFragment == 0 ? mtu
        : Math.Min(mtu, Math.Max(packet.Frame.LargestFragment, Ipv6Header.MinimumMtu));

    public static DropReason Send(ref Packet packet, in NextHop hop, IFrameOutput output, HeldPackets held, long now)
    {
        // A checksum left to the card cannot be: the card sees fragments.
        if (new VirtioNetHeader(packet.Frame.Offload).NeedsChecksum)
            CompleteChecksum(packet);
        int headers = packet.Ip.IsIpv4 ? packet.Ip.HeaderLength : packet.Ip.V6.UnfragmentableLength + FragmentHeader.Length;
        int piece = (LongestPiece(packet, hop.Mtu) - headers) & ~7;
        // Extension headers that every fragment repeats leave no room for anything else.
        if (piece <= 0)
            return DropReason.TooBig;
        int whole = packet.Ip.Fragmentable.Length;
        for (int at = 0; at < whole; at += piece)
        {
            int length = Math.Min(piece, whole - at);
            Span<byte> wire = output.Reserve(EthernetHeader.Length + headers + length);
            Span<byte> ethernet = wire[VirtioNetHeader.Length..];
            packet.Frame.Ethernet[..EthernetHeader.Length].CopyTo(ethernet);
            if (packet.Ip.IsIpv4)
                Write(ethernet[EthernetHeader.Length..], packet.Ip.V4, at, length);
            else
                packet.Ip.V6.WriteFragment(ethernet[EthernetHeader.Length..], at, length, packet.Frame.Identification);
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

    private static void Write(Span<byte> buffer, Ipv4Header packet, int at, int length)
    {
        int header = packet.HeaderLength;
        packet.Header.CopyTo(buffer);
        packet.Payload.Slice(at, length).CopyTo(buffer[header..]);
        bool last = at + length == packet.Payload.Length && !packet.MoreFragments;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)(header + length));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[6..], (ushort)(((packet.FragmentOffset + at) >> 3) | (last ? 0 : MoreFragments)));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[10..], Checksum.Compute(buffer[..header]));
    }
}
