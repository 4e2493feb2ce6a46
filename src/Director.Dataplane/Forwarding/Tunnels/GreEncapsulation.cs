using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>GRE (<c>--tun-type gre</c>, RFC 2784), with its checksum by <c>--tun-csum</c>.</summary>
public sealed class GreEncapsulation : Encapsulation
{
    public override TunnelType Type => TunnelType.Gre;

    protected override int HeaderLength(in Wrapping wrapping) => GreHeader.LengthOf(HasChecksum(wrapping));

    protected override byte Protocol(byte innerProtocol) => IpProtocol.Gre;

    protected override void WriteHeader(Span<byte> packet, int at, byte innerProtocol, in Wrapping wrapping) =>
        GreHeader.Write(packet[at..], innerProtocol == IpProtocol.IpIp ? EtherType.Ipv4 : EtherType.Ipv6, HasChecksum(wrapping));

    private static bool HasChecksum(in Wrapping wrapping) => (wrapping.Flags & TunnelFlags.Checksum) != 0;
}
