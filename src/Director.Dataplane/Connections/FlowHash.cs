using System.Runtime.InteropServices;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>
/// The hash of both indexes: vector multiply-shift over the raw words of the packet,
/// <c>h = K0*source + K1*destination + K2*ports + K3*protocol + K4</c> modulo 2^64, with random 64-bit keys from the header
/// page. Its upper 32 bits are strongly universal (Dietzfelbinger 1996: any two keys collide with the probability of chance,
/// over the choice of K0..K4), so that nobody who does not know the keys can aim flows at one bucket; and it is four
/// multiplications and four additions in an eBPF program. The word of an IPv6 address is the upper half of the same hash over
/// its four words, with keys D0..D4.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FlowHash(
    ulong K0, ulong K1, ulong K2, ulong K3, ulong K4, ulong D0 = 0, ulong D1 = 0, ulong D2 = 0, ulong D3 = 0, ulong D4 = 0)
{
    /// <summary>Words as they stand in the packet, loaded natively.</summary>
    internal ulong Of(uint source, uint destination, uint ports, byte protocol) =>
        unchecked((K0 * source) + (K1 * destination) + (K2 * ports) + (K3 * protocol) + K4);

    /// <summary>An IPv4 address as it stands in the packet, an IPv6 one digested: equal words do not mean equal addresses.</summary>
    internal uint Word(IpAddress address)
    {
        if (address.IsIpv4)
            return NetworkOrder.Swap(address.Ipv4);
        ulong digest = unchecked(
            (D0 * NetworkOrder.Swap((uint)(address.High >> 32))) + (D1 * NetworkOrder.Swap((uint)address.High))
            + (D2 * NetworkOrder.Swap((uint)(address.Low >> 32))) + (D3 * NetworkOrder.Swap((uint)address.Low)) + D4);
        return (uint)(digest >> 32);
    }

    /// <summary>Keys from the kernel's random numbers.</summary>
    public static FlowHash Random()
    {
        Span<FlowHash> keys = stackalloc FlowHash[1];
        Linux.Entropy.Fill(MemoryMarshal.AsBytes(keys));
        return keys[0];
    }
}
