using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>A tunnelled packet as an ICMP error quotes it: the outer headers, and as much of the packet within as reaches the ports.</summary>
public readonly ref struct TunnelQuote
{
    private TunnelQuote(IpHeader outer, int overhead, IpHeader inner, FlowKey flow, TunnelType type, ushort port)
    {
        Source = outer.Source;
        Destination = outer.Destination;
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
    public IpHeader Inner { get; }

    /// <summary>Of the client's packet: from client to virtual address.</summary>
    public FlowKey Flow { get; }

    /// <summary>False: it quotes no tunnelled packet, or too little of one to say whose it is.</summary>
    public static bool TryParse(bool ipv4, Span<byte> quote, out TunnelQuote tunnel)
    {
        tunnel = default;
        if (!IpHeader.TryParseQuote(ipv4, quote, out IpHeader outer, out _) || outer.FragmentOffset != 0
            || !TryUnwrap(outer, out Span<byte> packet, out byte protocol, out TunnelType type, out ushort port)
            || !IpHeader.TryParseQuote(protocol == IpProtocol.IpIp, packet, out IpHeader inner, out _)
            || !QuotedTransport.TryParse(inner, out QuotedTransport transport, out _))
        {
            return false;
        }
        FlowKey flow = new(inner.Protocol, inner.Source, transport.SourcePort, inner.Destination, transport.DestinationPort);
        tunnel = new TunnelQuote(outer, outer.Packet.Length - packet.Length, inner, flow, type, port);
        return true;
    }

    // The protocol of what is within: IPv4 in IP or IPv6 in IP, whatever the tunnel calls it.
    private static bool TryUnwrap(IpHeader outer, out Span<byte> packet, out byte protocol, out TunnelType type, out ushort port)
    {
        packet = outer.Payload;
        protocol = outer.Protocol;
        type = TunnelType.IpIp;
        port = 0;
        if (protocol == IpProtocol.Gre && GreHeader.TryParse(packet, out GreHeader gre, out _))
        {
            type = TunnelType.Gre;
            protocol = gre.ProtocolType switch
            {
                EtherType.Ipv4 => IpProtocol.IpIp,
                EtherType.Ipv6 => IpProtocol.Ipv6,
                _ => IpProtocol.NoNextHeader,
            };
            packet = gre.Payload;
        }
        else if (protocol == IpProtocol.Udp && UdpHeader.TryParse(packet, lengthMayDiffer: true, out UdpHeader udp, out _)
            && GueHeader.TryParse(udp.Payload, out GueHeader gue, out _))
        {
            type = TunnelType.Gue;
            port = udp.DestinationPort;
            protocol = gue.Protocol;
            packet = gue.Payload;
        }
        return protocol is IpProtocol.IpIp or IpProtocol.Ipv6;
    }
}
