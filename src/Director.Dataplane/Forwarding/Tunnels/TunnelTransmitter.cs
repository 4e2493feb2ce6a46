using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>
/// Sends packets to real servers inside others. The outer packet is a frame of its own, copied once; it may be fragmented if the inner
/// one may. No card computes or cuts anything inside a tunnel for us (virtio-net has no such super-frames), so checksums
/// that were left to it are completed and super-frames are cut before.
/// </summary>
public sealed class TunnelTransmitter(IFrameOutput output, NextHops hops, Transmitter transmitter, FlowHash hash, PipelineCounters counters)
{
    // Of one super-frame: with Linux's smallest TCP segments (48 bytes) 64 KB are 1365. More is an offload header that was made up.
    private const int MostSegments = 2048;

    private const int LargestPacket = 65_535;

    private uint _identification;

    /// <summary>
    /// Wraps and sends a prepared packet; <paramref name="hop"/> leads to the server. <paramref name="fragmentable"/>: the outer packet may
    /// be fragmented even if the inner one may not.
    /// </summary>
    public DropReason Send(ref Packet packet, Server server, in NextHop hop, bool fragmentable, long now)
    {
        IpAddress source = hops.AddressOn(hop.Leaving!, server.Address.IsIpv4);
        if (source.IsUnspecified || (source.IsLinkLocal && !server.Address.IsLinkLocal))
            return DropReason.NoRoute;
        Wrapping wrapping = Wrapping.For(packet, server) with
        {
            Source = source,
            SourcePort = GueEncapsulation.SourcePort(FlowHashOf(packet.Flow)),
            Fragmentable = fragmentable,
        };
        Encapsulation encapsulation = Encapsulation.For(server.Configuration.TunnelType);
        if (IsCut(packet))
            return SendSegments(packet, encapsulation, wrapping, hop, now);

        if (wrapping.RemoteChecksum is null && new VirtioNetHeader(packet.Frame.Offload).NeedsChecksum)
            Fragmenter.CompleteChecksum(packet);
        int overhead = encapsulation.Overhead(wrapping);
        if (overhead + packet.Ip.TotalLength > LargestPacket)
            return DropReason.TooBig;
        Span<byte> wire = Reserve(overhead + packet.Ip.TotalLength, out Span<byte> outer);
        packet.Ip.Packet.CopyTo(outer[overhead..]);
        return SendWrapped(packet.Frame.Arrived, wire, outer, encapsulation, wrapping, hop, now);
    }

    private DropReason SendSegments(in Packet packet, Encapsulation encapsulation, in Wrapping wrapping, in NextHop hop, long now)
    {
        int overhead = encapsulation.Overhead(wrapping);
        Segmenter segments = new(packet.Ip.Packet, packet.Ip.HeaderLength, packet.Ip.Protocol, SegmentSize(packet, hop.Mtu - overhead));
        if (segments.Count > MostSegments)
            return DropReason.OffloadInvalid;
        while (segments.MoveNext())
        {
            Span<byte> wire = Reserve(overhead + segments.Length, out Span<byte> outer);
            segments.Write(outer[overhead..]);
            DropReason reason = SendWrapped(packet.Frame.Arrived, wire, outer, encapsulation, wrapping, hop, now);
            if (reason != DropReason.None)
                return reason;
        }
        return DropReason.None;
    }

    private DropReason SendWrapped(
        EngineInterface arrived, Span<byte> wire, Span<byte> outer, Encapsulation encapsulation, in Wrapping wrapping, in NextHop hop, long now)
    {
        encapsulation.Write(outer, wrapping with { Identification = (ushort)++_identification });
        if (wrapping.Destination.IsIpv4 || outer.Length <= hop.Mtu)
            return SendPacket(arrived, wire, outer, hop, now);
        return Ipv6Header.TryParse(outer, out Ipv6Header whole, out DropReason reason) ? SendFragments(arrived, whole, hop, now) : reason;
    }

    // IPv6 is fragmented by its sender alone, and that is us: RFC 8200 section 4.5, RFC 2473 section 7.
    private DropReason SendFragments(EngineInterface arrived, Ipv6Header whole, in NextHop hop, long now)
    {
        counters.Fragmented++;
        int headers = whole.UnfragmentableLength + FragmentHeader.Length;
        int piece = (Math.Max(hop.Mtu, Ipv6Header.MinimumMtu) - headers) & ~7;
        int end = whole.Fragmentable.Length;
        for (int at = 0; at < end; at += piece)
        {
            int length = Math.Min(piece, end - at);
            Span<byte> wire = Reserve(headers + length, out Span<byte> fragment);
            whole.WriteFragment(fragment, at, length, _identification);
            DropReason reason = SendPacket(arrived, wire, fragment, hop, now);
            if (reason != DropReason.None)
                return reason;
        }
        return DropReason.None;
    }

    private DropReason SendPacket(EngineInterface arrived, Span<byte> wire, ReadOnlySpan<byte> ip, in NextHop hop, long now)
    {
        Frame frame = new(wire, arrived);
        EthernetHeader.Write(frame.Ethernet, default, default, ip[0] >> 4 == 4 ? EtherType.Ipv4 : EtherType.Ipv6);
        _ = EthernetHeader.TryParse(frame.Ethernet, out EthernetHeader ethernet, out _);
        return Packet.TryParse(frame, ethernet, out Packet packet, out DropReason reason) ? transmitter.Send(ref packet, hop, now) : reason;
    }

    private Span<byte> Reserve(int length, out Span<byte> outer)
    {
        Span<byte> wire = output.Reserve(EthernetHeader.Length + length);
        outer = wire[(VirtioNetHeader.Length + EthernetHeader.Length)..];
        return wire;
    }

    // Not what UDP fragmentation offload (the old one) makes: that is one datagram, whose fragments the outer ones are.
    private static bool IsCut(in Packet packet) =>
        packet.SegmentSize != 0 && (new VirtioNetHeader(packet.Frame.Offload).GsoType & ~VirtioNetGso.Ecn) != VirtioNetGso.Udp;

    // A stream may be cut into smaller segments than its sender meant; datagrams may not, the outer packets are fragmented then.
    private static int SegmentSize(in Packet packet, int mtu)
    {
        int excess = Transmitter.LargestPiece(packet) - mtu;
        bool smaller = excess > 0 && excess < packet.SegmentSize && packet.Ip.Protocol == IpProtocol.Tcp;
        return smaller ? packet.SegmentSize - excess : packet.SegmentSize;
    }

    private uint FlowHashOf(in FlowKey flow) =>
        (uint)(hash.Of(hash.Word(flow.Source), hash.Word(flow.Destination), (uint)flow.SourcePort << 16 | flow.DestinationPort, flow.Protocol) >> 32);
}
