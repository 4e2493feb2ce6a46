using Director.Dataplane.Wire;

namespace Director.Dataplane.Pipeline;

/// <summary>
/// A frame as packet sockets hand it over and take it: the 10-byte virtio-net (offload) header, directly followed by the
/// Ethernet frame. It is rewritten in place and sent from where it lies.
/// </summary>
public readonly ref struct Frame
{
    public Frame(Span<byte> wire, EngineInterface arrived)
    {
        Wire = wire;
        Arrived = arrived;
    }

    public Span<byte> Wire { get; }

    /// <summary>The interface that it came in on.</summary>
    public EngineInterface Arrived { get; }

    public Span<byte> Offload => Wire[..VirtioNetHeader.Length];

    public Span<byte> Ethernet => Wire[VirtioNetHeader.Length..];
}
