using System.Buffers.Binary;
using System.Numerics;
using Director.Dataplane.Scheduling;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class SipHashTests
{
    // The reference below is right: the example of the paper's appendix A, SipHash-2-4 of 00 01 ... 0e under the key 00 01 ... 0f.
    [Fact]
    public void The_reference_gives_the_example_of_the_paper() =>
        Assert.Equal(0xA129CA6149BE45E5, Reference(2, 4, 0x0706050403020100, 0x0F0E0D0C0B0A0908, [.. Enumerable.Range(0, 15).Select(i => (byte)i)]));

    [Fact]
    public void A_word_is_hashed_as_its_four_bytes_by_siphash_1_3()
    {
        Random random = new(13);
        for (int i = 0; i < 1000; i++)
        {
            uint word = (uint)random.NextInt64(1L << 32);
            ulong key = (ulong)random.NextInt64();
            byte[] bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
            Assert.Equal((uint)Reference(1, 3, key, key, bytes), SipHash.Of(word, key));
        }
    }

    /// <summary>The definition for any rounds, key and input, byte by byte.</summary>
    internal static ulong Reference(int compressions, int finalizations, ulong key0, ulong key1, byte[] input)
    {
        ulong[] v = [key0 ^ 0x736F6D6570736575, key1 ^ 0x646F72616E646F6D, key0 ^ 0x6C7967656E657261, key1 ^ 0x7465646279746573];
        byte[] padded = [.. input, .. new byte[7 - input.Length % 8], (byte)input.Length];
        for (int at = 0; at < padded.Length; at += 8)
        {
            ulong block = BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(at));
            v[3] ^= block;
            Rounds(v, compressions);
            v[0] ^= block;
        }
        v[2] ^= 0xFF;
        Rounds(v, finalizations);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Rounds(ulong[] v, int count)
    {
        for (int round = 0; round < count; round++)
        {
            Half(v, 0, 1, 13, 32);
            Half(v, 2, 3, 16, 0);
            Half(v, 0, 3, 21, 0);
            Half(v, 2, 1, 17, 32);
        }
    }

    private static void Half(ulong[] v, int a, int b, int rotateB, int rotateA)
    {
        v[a] += v[b];
        v[b] = BitOperations.RotateLeft(v[b], rotateB) ^ v[a];
        v[a] = BitOperations.RotateLeft(v[a], rotateA);
    }
}
