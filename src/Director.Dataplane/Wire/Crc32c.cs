using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Director.Dataplane.Wire;

/// <summary>
/// CRC32c (Castagnoli), SCTP's checksum (RFC 9260 section 6.8 and appendix A), and its incremental update. A CRC is the number
/// whose bytes SCTP sends least significant first: its field is read and written little-endian, unlike every other field.
/// </summary>
/// <remarks>
/// The update is what RFC 1624 is to the Internet checksum. A CRC is linear: data that differs in one field has a CRC that
/// differs by the CRC of the difference, moved past the bytes behind the field. So nothing but the changed field is read, and a
/// wrong CRC stays wrong, by the very same bits. (Computing anew would have to check first, twice over the whole packet.)
/// </remarks>
public static class Crc32c
{
    /// <summary>Of <see cref="Replace"/>: an IP packet has no more.</summary>
    public const int LongestTail = ushort.MaxValue;

    /// <summary>For data in pieces: the register before the first byte.</summary>
    internal const uint Start = uint.MaxValue;

    // Polynomials modulo the generator, as the CRC instruction has them: the highest bit is the coefficient of x^0.
    private const uint Generator = 0x82F6_3B78;
    private const uint One = 0x8000_0000;

    // x^(8 i) and x^(8 * 256 i): what i and 256 i bytes behind multiply a CRC by.
    private static readonly uint[] Bytes = Powers(BitOperations.Crc32C(One, (byte)0));
    private static readonly uint[] Pages = Powers(Multiply(Bytes[255], Bytes[1]));

    /// <param name="data">Any length. For a packet's own field count four zeros (RFC 9260 section 6.8).</param>
    public static uint Compute(ReadOnlySpan<byte> data) => Finish(Append(Start, data));

    /// <summary>What a CRC becomes when a 16-bit field under it changes.</summary>
    /// <param name="crc">Right or wrong.</param>
    /// <param name="from">What the field was, in host order.</param>
    /// <param name="to">What it is now.</param>
    /// <param name="bytesBehind">Covered bytes that follow the field, at most <see cref="LongestTail"/>.</param>
    public static uint Replace(uint crc, ushort from, ushort to, int bytesBehind)
    {
        uint difference = BitOperations.Crc32C(0, BinaryPrimitives.ReverseEndianness((ushort)(from ^ to)));
        return crc ^ Multiply(Multiply(difference, Bytes[bytesBehind & 0xFF]), Pages[bytesBehind >> 8]);
    }

    /// <summary>The register after some bytes more.</summary>
    internal static uint Append(uint register, ReadOnlySpan<byte> data)
    {
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte last in data)
            register = BitOperations.Crc32C(register, last);
        return register;
    }

    /// <summary>The CRC, once the register has seen every byte.</summary>
    internal static uint Finish(uint register) => ~register;

    private static uint[] Powers(uint factor)
    {
        uint[] powers = new uint[256];
        powers[0] = One;
        for (int i = 1; i < powers.Length; i++)
            powers[i] = Multiply(powers[i - 1], factor);
        return powers;
    }

    /// <summary>A product of polynomials modulo the generator.</summary>
    internal static uint Multiply(uint a, uint b) => Pclmulqdq.IsSupported ? MultiplyAtOnce(a, b) : MultiplyBitByBit(a, b);

    // The product is one bit short of 64. Its upper half is below x^32 as it stands; the lower is a number times x^32, and that
    // modulo the generator is what the CRC instruction makes of four bytes.
    private static uint MultiplyAtOnce(uint a, uint b)
    {
        ulong product = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)a), Vector128.CreateScalar((ulong)b), 0).ToScalar() << 1;
        return BitOperations.Crc32C(0, (uint)product) ^ (uint)(product >> 32);
    }

    /// <summary>The same on processors without carry-less multiplication.</summary>
    internal static uint MultiplyBitByBit(uint a, uint b)
    {
        uint product = 0;
        for (; a != 0; a <<= 1)
        {
            // Masks, not branches: the bits are as good as random.
            product ^= b & (uint)((int)a >> 31);
            b = (b >> 1) ^ (Generator & (uint)-(int)(b & 1));
        }
        return product;
    }
}
