using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class ChecksumTests
{
    [Fact]
    public void The_example_of_rfc_1071() =>
        Assert.Equal(0x220D, Checksum.Compute([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]));

    // RFC 1624 section 4: where equation 2 of RFC 1141 fails, giving 0xFFFF.
    [Fact]
    public void The_example_of_rfc_1624() => Assert.Equal(0x0000, Checksum.Replace((ushort)0xDD2F, (ushort)0x5555, (ushort)0x3285));

    [Fact]
    public void Every_length_at_every_alignment_sums_as_word_by_word()
    {
        byte[] bytes = new byte[700];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length < 600; length++)
        {
            for (int start = 0; start < 9; start++)
                Assert.Equal(NaiveChecksum.Of(bytes.AsSpan(start, length)), Checksum.Compute(bytes.AsSpan(start, length)));
        }
    }

    [Theory]
    [InlineData(0x00, 65535, 0xFFFF)]
    [InlineData(0xFF, 65534, 0x0000)]
    [InlineData(0xFF, 65535, 0x00FF)]
    [InlineData(0xFF, 1, 0x00FF)]
    [InlineData(0x00, 0, 0xFFFF)]
    public void Extremes_do_not_lose_a_carry(byte value, int length, int expected)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        Assert.Equal(expected, Checksum.Compute(bytes));
    }

    [Fact]
    public void An_initial_sum_stands_for_words_in_front()
    {
        Random random = new(2);
        byte[] bytes = new byte[1 + 2 * 40];
        for (int round = 0; round < 2000; round++)
        {
            random.NextBytes(bytes);
            uint source = (uint)random.NextInt64(1L << 32), destination = (uint)random.NextInt64(1L << 32);
            Span<byte> segment = bytes.AsSpan(0, random.Next(bytes.Length + 1));
            byte[] whole = [.. PseudoHeader(source, destination, IpProtocol.Udp, segment.Length), .. segment];
            Assert.Equal(NaiveChecksum.Of(whole), Checksum.Transport(source, destination, IpProtocol.Udp, segment));
        }
    }

    [Fact]
    public void Replacing_a_field_gives_what_computing_anew_gives()
    {
        Random random = new(3);
        byte[] data = new byte[64];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(data);
            if (round % 3 == 0)
                data.AsSpan(8, 40).Fill((byte)(round % 2 == 0 ? 0xFF : 0));
            ushort before = Checksum.Compute(data);
            int at = random.Next(15) * 4;
            byte[] field = new byte[4];
            random.NextBytes(field.AsSpan(0, random.Next(5)));
            uint from = BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(at));
            uint to = BinaryPrimitives.ReadUInt32BigEndian(field);
            ushort stepwise = Checksum.Replace(before, (ushort)(from >> 16), (ushort)(to >> 16));
            stepwise = Checksum.Replace(stepwise, (ushort)from, (ushort)to);
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(at), to);

            // Data that is not all zeros never has the checksum 0xFFFF, computed or replaced.
            ushort expected = Checksum.Compute(data);
            Assert.Equal(expected, Checksum.Replace(before, from, to));
            Assert.Equal(expected, stepwise);
        }
    }

    [Fact]
    public void A_partial_field_follows_the_addresses()
    {
        Random random = new(4);
        for (int round = 0; round < 5000; round++)
        {
            uint source = (uint)random.NextInt64(1L << 32), destination = (uint)random.NextInt64(1L << 32);
            uint other = (uint)random.NextInt64(1L << 32);
            int length = random.Next(1, 65536);
            ushort field = NaiveChecksum.Sum(PseudoHeader(source, destination, IpProtocol.Tcp, length));
            Assert.Equal(
                NaiveChecksum.Sum(PseudoHeader(source, other, IpProtocol.Tcp, length)),
                Checksum.ReplacePartial(field, destination, other));
        }
    }

    [Theory]
    [InlineData(0x0000, 0xFFFF)]
    [InlineData(0x0001, 0x0001)]
    [InlineData(0xFFFF, 0xFFFF)]
    public void Udp_never_sends_a_computed_0(ushort computed, ushort sent) => Assert.Equal(sent, Checksum.UdpWire(computed));

    private static byte[] PseudoHeader(uint source, uint destination, byte protocol, int length)
    {
        byte[] header = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(header, source);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), destination);
        header[9] = protocol;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), (ushort)length);
        return header;
    }
}
