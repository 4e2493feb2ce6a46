using System.Buffers.Binary;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Rewrites one end of a TCP, UDP or SCTP packet and keeps its checksums as right, or as wrong, as they were (RFC 1624): a wrong
/// transport checksum stays wrong, for the receiver to see. Of a partial one (left to the sender's card) only the
/// pseudo-header's part is in the field. UDP's "no checksum" (0) becomes a computed one, as IPVS does.
/// </summary>
public static class AddressTranslation
{
    private const int TcpChecksum = 16;
    private const int UdpChecksum = 6;
    private const int SourcePort = 0;
    private const int DestinationPort = 2;

    public static void ReplaceDestination(ref Packet packet, IpAddress address, ushort port)
    {
        IpAddress from = packet.Ip.Destination;
        packet.Ip.ReplaceDestination(address);
        ReplaceEnd(ref packet, from, address, DestinationPort, port);
    }

    public static void ReplaceSource(ref Packet packet, IpAddress address, ushort port)
    {
        IpAddress from = packet.Ip.Source;
        packet.Ip.ReplaceSource(address);
        ReplaceEnd(ref packet, from, address, SourcePort, port);
    }

    private static void ReplaceEnd(ref Packet packet, IpAddress fromAddress, IpAddress toAddress, int portAt, ushort toPort)
    {
        if (!packet.HasPorts)
            return;
        Span<byte> segment = packet.Ip.Payload;
        if (packet.Ip.Protocol == IpProtocol.Sctp)
        {
            ReplaceSctpPort(segment, portAt, toPort);
            return;
        }
        Span<byte> portField = segment.Slice(portAt, 2);
        ushort fromPort = BinaryPrimitives.ReadUInt16BigEndian(portField);
        BinaryPrimitives.WriteUInt16BigEndian(portField, toPort);

        bool udp = packet.Ip.Protocol == IpProtocol.Udp;
        Span<byte> field = segment.Slice(udp ? UdpChecksum : TcpChecksum, 2);
        ushort checksum = BinaryPrimitives.ReadUInt16BigEndian(field);
        if (packet.ChecksumIsPartial)
            checksum = Checksum.ReplacePartial(checksum, fromAddress, toAddress);
        else if (udp && checksum == 0)
            checksum = packet.SegmentSize != 0 ? (ushort)0 : Checksum.UdpWire(ComputeUdp(packet, field));
        else
            checksum = Checksum.Replace(Checksum.Replace(checksum, fromAddress, toAddress), fromPort, toPort) is var replaced && udp
                ? Checksum.UdpWire(replaced)
                : replaced;
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum);
    }

    private static void ReplaceSctpPort(Span<byte> segment, int portAt, ushort toPort)
    {
        _ = SctpHeader.TryParse(segment, out SctpHeader sctp, out _);
        if (portAt == SourcePort)
            sctp.ReplaceSourcePort(toPort);
        else
            sctp.ReplaceDestinationPort(toPort);
    }

    private static ushort ComputeUdp(in Packet packet, Span<byte> field)
    {
        field.Clear();
        _ = UdpHeader.TryParse(packet.Ip.Payload, out UdpHeader udp, out _);
        return Checksum.Transport(packet.Ip.Source, packet.Ip.Destination, IpProtocol.Udp, udp.Datagram);
    }
}
