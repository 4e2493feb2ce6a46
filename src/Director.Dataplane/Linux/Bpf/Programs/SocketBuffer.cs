namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>Where a program finds what the kernel knows of a packet (struct __sk_buff), and what it answers (tcx).</summary>
internal static class SocketBuffer
{
    public const int Length = 0;
    public const int Mark = 8;
    public const int VlanPresent = 20;
    public const int VlanTag = 24;
    public const int Data = 76;
    public const int DataEnd = 80;
    public const int SegmentSize = 176; // gso_size
    public const int Size = 192;

    /// <summary>The next program or filter decides, at last the host.</summary>
    public const int Next = -1;
    public const int Drop = 2;

    /// <summary>For <see cref="Function.Redirect"/>: not out of the interface, but as if received from it.</summary>
    public const int AsReceived = 1; // BPF_F_INGRESS
}
