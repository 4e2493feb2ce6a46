using System.Buffers.Binary;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>
/// Generic UDP encapsulation (<c>--tun-type gue --tun-port N</c>). The UDP checksum is 0, under IPv6 too (RFC 6935 section 5 allows
/// it for tunnels), unless <c>--tun-csum</c> or <c>--tun-remcsum</c> asks for one.
/// </summary>
public sealed class GueEncapsulation : Encapsulation
{
    // Linux's ip_local_port_range as it comes; from there a kernel takes the source ports of its tunnels.
    private const ushort FirstSourcePort = 32768;
    private const ushort LastSourcePort = 60999;

    private const int UdpChecksum = 6;

    public override TunnelType Type => TunnelType.Gue;

    /// <summary>One port for each flow, so that the network and the server's queues keep its packets in order and spread flows.</summary>
    public static ushort SourcePort(uint flowHash) =>
        (ushort)(FirstSourcePort + (uint)((flowHash * (ulong)(LastSourcePort - FirstSourcePort)) >> 32));

    protected override int HeaderLength(in Wrapping wrapping) =>
        UdpHeader.HeaderLength + GueHeader.LengthOf(wrapping.RemoteChecksum is not null);

    protected override byte Protocol(byte innerProtocol) => IpProtocol.Udp;

    protected override void WriteHeader(Span<byte> packet, int at, byte innerProtocol, in Wrapping wrapping)
    {
        Span<byte> datagram = packet[at..];
        UdpHeader.Write(datagram, wrapping.SourcePort, wrapping.Port, (ushort)datagram.Length);
        GueHeader.Write(datagram[UdpHeader.HeaderLength..], innerProtocol, wrapping.RemoteChecksum);
        if ((wrapping.Flags & (TunnelFlags.Checksum | TunnelFlags.RemoteChecksum)) == 0)
            return;
        ushort checksum = Checksum.UdpWire(Checksum.Transport(wrapping.Source, wrapping.Destination, IpProtocol.Udp, datagram));
        BinaryPrimitives.WriteUInt16BigEndian(datagram[UdpChecksum..], checksum);
    }
}
