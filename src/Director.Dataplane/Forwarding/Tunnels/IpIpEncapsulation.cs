using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>IP in IP (<c>--tun-type ipip</c>): IPv4 (RFC 2003) or IPv6 (RFC 2473, RFC 4213) as it stands.</summary>
public sealed class IpIpEncapsulation : Encapsulation
{
    public override TunnelType Type => TunnelType.IpIp;

    protected override int HeaderLength(in Wrapping wrapping) => 0;

    protected override byte Protocol(byte innerProtocol) => innerProtocol;

    protected override void WriteHeader(Span<byte> packet, int at, byte innerProtocol, in Wrapping wrapping)
    {
    }
}
