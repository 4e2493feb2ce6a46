namespace Director.Dataplane.Linux;

/// <summary>Frames that were handed to the kernel and did not go out, by its reason.</summary>
public struct TransmitFailures
{
    /// <summary>EAGAIN: too much of ours waits in the device's queue.</summary>
    public long QueueFull;

    /// <summary>ENOBUFS: the device's queue or the kernel's memory is full.</summary>
    public long NoBuffers;

    /// <summary>EMSGSIZE: larger than the interface's MTU and not to be segmented.</summary>
    public long TooBig;

    /// <summary>ENETDOWN, ENXIO: the interface is down or gone.</summary>
    public long InterfaceDown;

    /// <summary>Anything else, e.g. EINVAL: an offload header that contradicts its frame.</summary>
    public long Refused;

    public readonly long Total => QueueFull + NoBuffers + TooBig + InterfaceDown + Refused;
}
