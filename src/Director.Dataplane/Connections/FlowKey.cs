using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>The five words that name a flow in one direction, as they stand in the packet. Ports are in host order.</summary>
public readonly record struct FlowKey(byte Protocol, IpAddress Source, ushort SourcePort, IpAddress Destination, ushort DestinationPort)
{
    /// <summary>IPv4, addresses in host order (10.1.0.100 is 0x0A010064).</summary>
    public FlowKey(byte protocol, uint source, ushort sourcePort, uint destination, ushort destinationPort)
        : this(protocol, IpAddress.FromIpv4(source), sourcePort, IpAddress.FromIpv4(destination), destinationPort)
    {
    }

    /// <summary>The same flow seen from the other end.</summary>
    public FlowKey Reversed => new(Protocol, Destination, DestinationPort, Source, SourcePort);

    public bool IsIpv4 => Destination.IsIpv4;

    /// <summary>For tests and debuggers.</summary>
    public override string ToString() => $"{Protocol} {Source} {SourcePort} > {Destination} {DestinationPort}";
}
