using Director.Dataplane.Connections;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.FullNat;

/// <summary>
/// Introduces clients to servers behind full NAT: takes the connection's packets through its <see cref="AddressHandover"/> before
/// they are translated, and sends the segments of our own that come of it. A packet whose checksum is wrong passes as it is, and
/// nothing is believed of it: the receiver drops it.
/// </summary>
public sealed class Introducer(IFrameOutput output, Transmitter transmitter, PipelineCounters counters)
{
    private const ConnectionFlags Told = ConnectionFlags.ProxyProtocol | ConnectionFlags.Toa;

    /// <summary>
    /// A client's packet that is prepared and not yet rewritten. True: it does not go on itself, but has been replaced (reason
    /// NONE) or dropped.
    /// </summary>
    public bool Takes(ref Packet packet, scoped Connection connection, Server server, in NextHop hop, long now, out DropReason reason)
    {
        reason = DropReason.None;
        ref ConnectionRecord record = ref connection.Record;
        if ((record.Flags & Told) == 0 || !TryRead(packet, record, out TcpHeader tcp, out SegmentFacts segment) || (!IsOwed(record) && !segment.IsSyn))
            return false;

        AddressHandover handover = AddressHandover.For(record.Flags)!;
        ClientStep step = handover.FromClient(ref connection.Handshake, segment, connection.Client);
        if (step.NoRoom)
            counters.IntroducedWithoutRoom++;
        if (step.HasOwn)
            reason = SendOwn(packet, tcp, handover, step, connection, server, hop, now);
        if (!step.Passes)
        {
            if (!step.HasOwn)
                reason = DropReason.HandshakeIncomplete;
            return true;
        }
        reason = DropReason.None;
        handover.Clean(tcp, packet.ChecksumIsPartial);
        return false;
    }

    /// <summary>A server's packet that is not yet rewritten. It goes on in any case.</summary>
    public static void Hear(ref Packet packet, scoped Connection connection)
    {
        ref ConnectionRecord record = ref connection.Record;
        if ((record.Flags & Told) == 0 || !TryRead(packet, record, out TcpHeader tcp, out SegmentFacts segment)
            || !(IsOwed(record) || segment.IsSynAck || segment.Has(TcpFlags.Rst)))
        {
            return;
        }
        ServerStep step = AddressHandover.For(record.Flags)!.FromServer(ref connection.Handshake, segment, connection.Client);
        if (step.Raises)
            AddressHandover.Raise(tcp, step, packet.ChecksumIsPartial);
        if (step.Begins)
            record.FlagBits |= (ushort)ConnectionFlags.AddressOwed;
        else if (step.Delivered)
            record.FlagBits = (ushort)(record.FlagBits & ~(uint)ConnectionFlags.AddressOwed);
    }

    private static bool IsOwed(in ConnectionRecord record) => (record.Flags & ConnectionFlags.AddressOwed) != 0;

    // What matters is cheap to know but for the checksum: that is only summed up if there is something to decide.
    private static bool TryRead(in Packet packet, in ConnectionRecord record, out TcpHeader tcp, out SegmentFacts segment)
    {
        segment = default;
        if (!TcpHeader.TryParse(packet.Ip.Payload, out tcp, out _))
            return false;
        segment = SegmentFacts.Of(tcp);
        return (IsOwed(record) || segment.Has(TcpFlags.Syn | TcpFlags.Rst)) && (packet.ChecksumIsPartial || IsSound(packet));
    }

    private static bool IsSound(in Packet packet) =>
        Checksum.Compute(packet.Ip.Payload, Checksum.PseudoHeader(packet.Ip.Source, packet.Ip.Destination, IpProtocol.Tcp, packet.Ip.Payload.Length)) == 0;

    // As if the client had sent it: it goes the same way, translated like all of the client's packets.
    private DropReason SendOwn(
        in Packet packet, TcpHeader tcp, AddressHandover handover, in ClientStep step, scoped Connection connection, Server server, in NextHop hop,
        long now)
    {
        Span<byte> segment = stackalloc byte[AddressHandover.LongestSegment];
        FlowKey client = packet.Flow;
        segment = segment[..handover.WriteOwn(segment, step, tcp, client)];
        _ = TcpHeader.TryParse(segment, out TcpHeader header, out _);
        header.Checksum = Checksum.Transport(client.Source, client.Destination, IpProtocol.Tcp, segment);

        bool ipv4 = packet.Ip.IsIpv4;
        int ipLength = ipv4 ? Ipv4Header.MinimumLength : Ipv6Header.MinimumLength;
        Span<byte> wire = output.Reserve(EthernetHeader.Length + ipLength + segment.Length);
        Span<byte> ethernet = wire[VirtioNetHeader.Length..];
        EthernetHeader.Write(ethernet, packet.Ethernet.Destination, packet.Ethernet.Source, packet.Ethernet.EtherType);
        Span<byte> ip = ethernet[EthernetHeader.Length..];
        if (ipv4)
            Ipv4Header.Write(ip, ipLength + segment.Length, IpProtocol.Tcp, client.Source.Ipv4, client.Destination.Ipv4, packet.Ip.TimeToLive, packet.Ip.V4.TypeOfService);
        else
            Ipv6Header.Write(ip, ipLength + segment.Length, IpProtocol.Tcp, client.Source, client.Destination, packet.Ip.TimeToLive, packet.Ip.V6.TrafficClass, packet.Ip.V6.FlowLabel);
        segment.CopyTo(ip[ipLength..]);

        Frame frame = new(wire, packet.Frame.Arrived);
        _ = EthernetHeader.TryParse(ethernet, out EthernetHeader parsed, out _);
        if (!Packet.TryParse(frame, parsed, out Packet own, out DropReason reason))
            return reason;
        Forwarder.For(connection.Record.Forwarding)!.ToServer(ref own, connection, server);
        if (step.Introduces)
            counters.Introduced++;
        return transmitter.Send(ref own, hop, now);
    }
}
