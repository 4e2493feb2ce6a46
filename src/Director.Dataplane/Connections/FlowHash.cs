using System.Runtime.InteropServices;

namespace Director.Dataplane.Connections;

/// <summary>
/// The hash of both indexes: vector multiply-shift over the raw words of the packet,
/// <c>h = K0*source + K1*destination + K2*ports + K3*protocol + K4</c> modulo 2^64, with random 64-bit keys from the header
/// page. Its upper 32 bits are strongly universal (Dietzfelbinger 1996: any two keys collide with the probability of chance,
/// over the choice of K0..K4), so that nobody who does not know the keys can aim flows at one bucket; and it is four
/// multiplications and four additions in an eBPF program.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FlowHash(ulong K0, ulong K1, ulong K2, ulong K3, ulong K4)
{
    /// <summary>Words as they stand in the packet, loaded natively.</summary>
    internal ulong Of(uint source, uint destination, uint ports, byte protocol) =>
        unchecked((K0 * source) + (K1 * destination) + (K2 * ports) + (K3 * protocol) + K4);

    /// <summary>Keys from the kernel's random numbers.</summary>
    public static FlowHash Random()
    {
        Span<FlowHash> keys = stackalloc FlowHash[1];
        Linux.Entropy.Fill(MemoryMarshal.AsBytes(keys));
        return keys[0];
    }
}
