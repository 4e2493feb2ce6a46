namespace Director.Dataplane.Connections;

/// <summary>
/// The five words that name a flow in one direction, as they stand in the packet. Numbers are in host order
/// (10.1.0.100 is 0x0A010064); the connection memory keeps them in network order.
/// </summary>
public readonly record struct FlowKey(byte Protocol, uint Source, ushort SourcePort, uint Destination, ushort DestinationPort)
{
    /// <summary>The same flow seen from the other end.</summary>
    public FlowKey Reversed => new(Protocol, Destination, DestinationPort, Source, SourcePort);
}
