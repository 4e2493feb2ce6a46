namespace Director.Dataplane.Linux;

/// <summary>
/// A frame where the kernel put it, writable in place. The offload header lies directly before the frame, and before that some
/// free bytes (<see cref="ReceiveRing.Headroom"/>), so that a rewritten frame is sent without a copy. Valid until the ring's
/// <see cref="ReceiveRing.ReleaseAll"/>.
/// </summary>
public readonly ref struct ReceivedFrame
{
    /// <summary>virtio-net header and frame in one piece: what <see cref="TransmitQueue.Queue"/> takes.</summary>
    public Span<byte> OffloadAndFrame { get; }

    /// <summary>The header's VLAN tag was taken off by the kernel: the frame is of a VLAN that this interface is not.</summary>
    public bool VlanTagged { get; }

    internal ReceivedFrame(Span<byte> offloadAndFrame, bool vlanTagged)
    {
        OffloadAndFrame = offloadAndFrame;
        VlanTagged = vlanTagged;
    }

    /// <summary>From the Ethernet header on.</summary>
    public Span<byte> Bytes => OffloadAndFrame[PacketInterface.OffloadLength..];

    /// <summary>The 10-byte virtio-net header.</summary>
    public Span<byte> Offload => OffloadAndFrame[..PacketInterface.OffloadLength];
}
