using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Director.Dataplane.Wire;

/// <summary>
/// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Checksums are the field's value in host order;
/// sums are 32-bit, of 16-bit words in host order, not yet folded.
/// </summary>
public static class Checksum
{
    /// <summary>
    /// The checksum of the data whose checksum field is 0, or 0 for data whose checksum is right. An odd last byte counts as if
    /// a zero followed.
    /// </summary>
    /// <param name="data">Any length.</param>
    /// <param name="initial">A sum to start from, such as <see cref="PseudoHeader(IpAddress, IpAddress, byte, int)"/>'s.</param>
    public static ushort Compute(ReadOnlySpan<byte> data, uint initial = 0) => (ushort)~Fold((ulong)initial + Sum(data));

    /// <summary>The sum over the pseudo-header that TCP (RFC 9293 section 3.1) and UDP (RFC 768) include.</summary>
    public static uint PseudoHeader(uint source, uint destination, byte protocol, int length) =>
        (source >> 16) + (source & 0xFFFF) + (destination >> 16) + (destination & 0xFFFF) + protocol + (uint)length;

    /// <summary>
    /// The same for addresses of either family, and for ICMPv6 (RFC 8200 section 8.1). IPv6's pseudo-header has wider fields, but the
    /// same words; and a mapped IPv4 address adds 0xFFFF to its own words, which in one's complement is nothing.
    /// </summary>
    public static uint PseudoHeader(IpAddress source, IpAddress destination, byte protocol, int length) =>
        Fold(Sum(source) + Sum(destination)) + (uint)protocol + (uint)length;

    /// <summary>Of a TCP or UDP segment with its pseudo-header. For UDP, send <see cref="UdpWire"/> of it.</summary>
    public static ushort Transport(uint source, uint destination, byte protocol, ReadOnlySpan<byte> segment) =>
        Compute(segment, PseudoHeader(source, destination, protocol, segment.Length));

    /// <summary>Of a TCP, UDP or ICMPv6 segment with its pseudo-header. For UDP, send <see cref="UdpWire"/> of it.</summary>
    public static ushort Transport(IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> segment) =>
        Compute(segment, PseudoHeader(source, destination, protocol, segment.Length));

    /// <summary>What a checksum becomes when one 16-bit word under it changes (RFC 1624 equation 3).</summary>
    public static ushort Replace(ushort checksum, ushort from, ushort to) =>
        (ushort)~Fold((uint)(ushort)~checksum + (ushort)~from + to);

    /// <summary>What a checksum becomes when a 32-bit field (an address, or both ports) under it changes.</summary>
    public static ushort Replace(ushort checksum, uint from, uint to) =>
        (ushort)~ReplacePartial((ushort)~checksum, from, to);

    /// <summary>What a checksum becomes when an address of either family under it changes.</summary>
    public static ushort Replace(ushort checksum, IpAddress from, IpAddress to) => (ushort)~ReplacePartial((ushort)~checksum, from, to);

    /// <summary>
    /// The same for a field left to the sender's device (CHECKSUM_PARTIAL, <see cref="VirtioNetHeader.NeedsChecksum"/>): it holds
    /// the pseudo-header's sum, folded but not complemented. So only addresses may be replaced here, never ports, which the
    /// device adds itself.
    /// </summary>
    public static ushort ReplacePartial(ushort uncomplementedSum, uint from, uint to) =>
        Fold((ulong)uncomplementedSum + (ushort)~(from >> 16) + (ushort)~from + (to >> 16) + (ushort)to);

    /// <inheritdoc cref="ReplacePartial(ushort, uint, uint)"/>
    public static ushort ReplacePartial(ushort uncomplementedSum, IpAddress from, IpAddress to) =>
        Fold(uncomplementedSum + Sum(new IpAddress(~from.High, ~from.Low)) + Sum(to));

    /// <summary>As UDP writes it: 0 would say that there is none, so a computed 0 is sent as 0xFFFF, which is equal (RFC 768).</summary>
    public static ushort UdpWire(ushort checksum) => checksum == 0 ? (ushort)0xFFFF : checksum;

    private static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    // Halves of 32 bits, not yet folded: their carries come to the same as those of 16-bit words.
    private static ulong Sum(IpAddress address) =>
        (address.High >> 32) + (uint)address.High + (address.Low >> 32) + (uint)address.Low;

    // One's complement sums do not care about byte order (RFC 1071 section 2 B): words are added as the machine reads them, wide,
    // and only the folded result is turned into host order.
    private static ulong Sum(ReadOnlySpan<byte> data)
    {
        ulong sum = 0;
        if (data.Length >= 2 * Vector<byte>.Count)
        {
            ReadOnlySpan<Vector<uint>> vectors = MemoryMarshal.Cast<byte, Vector<uint>>(data);
            Vector<ulong> sums = Vector<ulong>.Zero;
            foreach (Vector<uint> words in vectors)
            {
                // 64-bit lanes of 32-bit words: no carry is lost below 2^32 vectors.
                Vector.Widen(words, out Vector<ulong> low, out Vector<ulong> high);
                sums += low + high;
            }
            sum = Fold(Vector.Sum(sums & new Vector<ulong>(uint.MaxValue)) + Vector.Sum(sums >>> 32));
            data = data[(vectors.Length * Vector<byte>.Count)..];
        }
        for (; data.Length >= sizeof(uint); data = data[sizeof(uint)..])
            sum += MemoryMarshal.Read<uint>(data);
        if (data.Length >= sizeof(ushort))
        {
            sum += MemoryMarshal.Read<ushort>(data);
            data = data[sizeof(ushort)..];
        }
        ushort folded = Fold(sum);
        ulong total = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
        return data.IsEmpty ? total : total + ((ulong)data[0] << 8);
    }
}
