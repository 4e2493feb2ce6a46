using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>
/// How a tunnel wraps a packet: an outer IP header, a header of the tunnel's own or none, the packet. Inside and outside may be of
/// either family, as IPVS allows. A variant is a leaf file and a line in <see cref="For"/>.
/// </summary>
public abstract class Encapsulation
{
    private static readonly Encapsulation[] ByType = [new IpIpEncapsulation(), new GueEncapsulation(), new GreEncapsulation()];

    public static Encapsulation For(TunnelType type) => ByType[(int)type];

    public abstract TunnelType Type { get; }

    /// <summary>Bytes that a packet grows by.</summary>
    public int Overhead(in Wrapping wrapping) => OuterHeader.LengthTo(wrapping.Destination) + HeaderLength(wrapping);

    /// <summary>
    /// Writes all headers in front of the inner packet, which stands at the end of <paramref name="packet"/> and stays as it is; its
    /// own checksum has to be complete unless the wrapping leaves it to the tunnel's end. At most 65,535 bytes altogether.
    /// </summary>
    public void Write(Span<byte> packet, in Wrapping wrapping)
    {
        int outer = OuterHeader.LengthTo(wrapping.Destination);
        ReadOnlySpan<byte> inner = packet[(outer + HeaderLength(wrapping))..];
        byte innerProtocol = OuterHeader.IsIpv4(inner) ? IpProtocol.IpIp : IpProtocol.Ipv6;
        OuterHeader.Write(packet, Protocol(innerProtocol), inner, wrapping);
        WriteHeader(packet, outer, innerProtocol, wrapping);
    }

    /// <summary>Bytes between the outer and the inner IP header.</summary>
    protected abstract int HeaderLength(in Wrapping wrapping);

    /// <summary>What the outer IP header names.</summary>
    protected abstract byte Protocol(byte innerProtocol);

    /// <summary>Writes what stands between the IP headers, from <paramref name="at"/> on; the outer IP header is there already.</summary>
    protected abstract void WriteHeader(Span<byte> packet, int at, byte innerProtocol, in Wrapping wrapping);
}
