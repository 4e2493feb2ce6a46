using System.Buffers.Binary;
using System.Text;
using Director.Dataplane.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Director.Dataplane.Tests.Wire;

public sealed class Crc32cTests
{
    // RFC 3720 appendix B.4, and the check value of catalogues of CRCs.
    public static TheoryData<string, byte[], uint> Known => new()
    {
        { "nothing", [], 0 },
        { "32 zeros", new byte[32], 0x8A9136AA },
        { "32 ones", [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { "counting up", [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { "counting down", [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
        { "123456789", Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Known_values(string name, byte[] data, uint expected)
    {
        Assert.True(expected == Crc32c.Compute(data), name);
        Assert.Equal(expected, NaiveCrc32c.Of(data));
    }

    [Fact]
    public void Every_length_at_every_alignment_is_as_bit_by_bit()
    {
        byte[] bytes = new byte[200];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length < 180; length++)
        {
            for (int start = 0; start < 9; start++)
                Assert.Equal(NaiveCrc32c.Of(bytes.AsSpan(start, length)), Crc32c.Compute(bytes.AsSpan(start, length)));
        }
    }

    [Fact]
    public void Replacing_a_field_gives_what_computing_anew_gives()
    {
        Gen<(int Before, int Behind, int Seed, ushort To)> cases =
            from before in Gen.Choose(0, 40)
            from behind in Gen.OneOf(Gen.Choose(0, 600), Gen.Choose(0, Crc32c.LongestTail))
            from seed in Gen.Choose(0, int.MaxValue)
            from to in Gen.Choose(0, ushort.MaxValue)
            select (before, behind, seed, (ushort)to);
        Property same = Prop.ForAll(cases.ToArbitrary(), it =>
        {
            byte[] data = new byte[it.Before + 2 + it.Behind];
            new Random(it.Seed).NextBytes(data);
            Span<byte> field = data.AsSpan(it.Before, 2);
            uint was = Crc32c.Compute(data);
            ushort from = BinaryPrimitives.ReadUInt16BigEndian(field);
            BinaryPrimitives.WriteUInt16BigEndian(field, it.To);
            return Crc32c.Compute(data) == Crc32c.Replace(was, from, it.To, it.Behind)
                // And a wrong one stays wrong by the same bits.
                && (Crc32c.Compute(data) ^ 0xDEADBEEF) == Crc32c.Replace(was ^ 0xDEADBEEF, from, it.To, it.Behind);
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(9260, 1), same);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65280)]
    [InlineData(Crc32c.LongestTail)]
    public void The_edges_of_the_tables_of_powers(int behind)
    {
        byte[] from = [0x12, 0x34, .. new byte[behind]];
        byte[] to = [0xAB, 0xCD, .. new byte[behind]];
        Assert.Equal(Crc32c.Compute(to), Crc32c.Replace(Crc32c.Compute(from), 0x1234, 0xABCD, behind));
    }

    [Fact]
    public void Both_ways_to_multiply_agree()
    {
        Random random = new(2);
        for (int round = 0; round < 10_000; round++)
        {
            (uint a, uint b) = ((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32) >> random.Next(32));
            Assert.Equal(Crc32c.MultiplyBitByBit(a, b), Crc32c.Multiply(a, b));
        }
    }
}
