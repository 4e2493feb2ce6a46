using Director.Dataplane.Wire;

namespace Director.Dataplane.Pipeline;

/// <summary>
/// A frame as packet sockets hand it over and take it: the 10-byte virtio-net (offload) header, directly followed by the
/// Ethernet frame. It is rewritten in place and sent from where it lies.
/// </summary>
public readonly ref struct Frame
{
    /// <param name="wire">Offload header and Ethernet frame.</param>
    /// <param name="arrived">The interface that it came in on.</param>
    /// <param name="largestFragment">Of a datagram that was put together from fragments.</param>
    /// <param name="identification">Of such a one.</param>
    public Frame(Span<byte> wire, EngineInterface arrived, int largestFragment = 0, uint identification = 0)
    {
        Wire = wire;
        Arrived = arrived;
        LargestFragment = largestFragment;
        Identification = identification;
    }

    public Span<byte> Wire { get; }

    /// <summary>The interface that it came in on.</summary>
    public EngineInterface Arrived { get; }

    /// <summary>
    /// Total length of the largest of the fragments that the datagram was put together from; 0: it came in one piece. Its sender
    /// fragmented it, so it may leave in fragments again, even if it is IPv6.
    /// </summary>
    public int LargestFragment { get; }

    /// <summary>What its fragments had in common.</summary>
    public uint Identification { get; }

    public Span<byte> Offload => Wire[..VirtioNetHeader.Length];

    public Span<byte> Ethernet => Wire[VirtioNetHeader.Length..];
}
