using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>A tunnelled packet as an ICMP error quotes it: the outer headers, and as much of the packet within as reaches the ports.</summary>
public readonly ref struct TunnelQuote
{
    private TunnelQuote(Ipv4Header outer, int overhead, Ipv4Header inner, FlowKey flow, TunnelType type, ushort port)
    {
        Source = IpAddress.FromIpv4(outer.Source);
        Destination = IpAddress.FromIpv4(outer.Destination);
        Overhead = overhead;
        Inner = inner;
        Flow = flow;
        Type = type;
        Port = port;
    }

    /// <summary>Whose tunnel it is.</summary>
    public IpAddress Source { get; }

    /// <summary>The real server.</summary>
    public IpAddress Destination { get; }

    public TunnelType Type { get; }

    /// <summary>UDP port at the real server of a GUE tunnel, else 0.</summary>
    public ushort Port { get; }

    /// <summary>Bytes of all headers in front of <see cref="Inner"/>.</summary>
    public int Overhead { get; }

    /// <summary>The client's packet, cut off where the quote is.</summary>
    public Ipv4Header Inner { get; }

    /// <summary>Of the client's packet: from client to virtual address.</summary>
    public FlowKey Flow { get; }

    /// <summary>False: it quotes no tunnelled packet, or too little of one to say whose it is.</summary>
    public static bool TryParse(Span<byte> quote, out TunnelQuote tunnel)
    {
        tunnel = default;
        if (!Ipv4Header.TryParseQuote(quote, out Ipv4Header outer, out _) || outer.FragmentOffset != 0
            || !TryUnwrap(outer, out Span<byte> packet, out TunnelType type, out ushort port)
            || !Ipv4Header.TryParseQuote(packet, out Ipv4Header inner, out _)
            || !QuotedTransport.TryParse(inner, out QuotedTransport transport, out _))
        {
            return false;
        }
        FlowKey flow = new(inner.Protocol, inner.Source, transport.SourcePort, inner.Destination, transport.DestinationPort);
        tunnel = new TunnelQuote(outer, outer.Packet.Length - packet.Length, inner, flow, type, port);
        return true;
    }

    private static bool TryUnwrap(Ipv4Header outer, out Span<byte> packet, out TunnelType type, out ushort port)
    {
        port = 0;
        switch (outer.Protocol)
        {
            case IpProtocol.IpIp:
                type = TunnelType.IpIp;
                packet = outer.Payload;
                return true;
            case IpProtocol.Gre:
                type = TunnelType.Gre;
                bool isGre = GreHeader.TryParse(outer.Payload, out GreHeader gre, out _) && gre.ProtocolType == EtherType.Ipv4;
                packet = isGre ? gre.Payload : default;
                return isGre;
            case IpProtocol.Udp:
                type = TunnelType.Gue;
                packet = default;
                if (!UdpHeader.TryParse(outer.Payload, lengthMayDiffer: true, out UdpHeader udp, out _)
                    || !GueHeader.TryParse(udp.Payload, out GueHeader gue, out _) || gue.Protocol != IpProtocol.IpIp)
                {
                    return false;
                }
                port = udp.DestinationPort;
                packet = gue.Payload;
                return true;
            default:
                type = default;
                packet = default;
                return false;
        }
    }
}
