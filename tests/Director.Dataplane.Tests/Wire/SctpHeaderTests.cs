using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class SctpHeaderTests
{
    private static readonly byte[] Bundle = SctpPackets.Of(
        36412, 2905, SctpPackets.Chunk(SctpChunkType.Sack, 12), SctpPackets.Chunk(SctpChunkType.Data, 15), SctpPackets.Chunk(SctpChunkType.Shutdown, 4));

    /// <summary>What comes behind the common header, and what is said about it.</summary>
    public static TheoryData<string, byte[], DropReason> Tails => new()
    {
        { "no chunk", [], DropReason.SctpTruncated },
        { "half a chunk's header", [11, 0], DropReason.SctpTruncated },
        { "length 0", [11, 0, 0, 0], DropReason.SctpChunkLengthInvalid },
        { "length 1", [11, 0, 0, 1], DropReason.SctpChunkLengthInvalid },
        { "length 3", [11, 0, 0, 3], DropReason.SctpChunkLengthInvalid },
        { "nothing but a header", [11, 0, 0, 4], DropReason.None },
        { "one byte too long", [11, 0, 0, 5], DropReason.SctpChunkLengthInvalid },
        { "as long as can be", [0, 3, 0xFF, 0xFF, 1, 2, 3, 4], DropReason.SctpChunkLengthInvalid },
        { "padded", [0, 3, 0, 5, 1, 0, 0, 0], DropReason.None },
        { "the last one's padding missing", [0, 3, 0, 5, 1], DropReason.None },
        { "padding is not looked at", [0, 3, 0, 5, 1, 9, 9, 9], DropReason.None },
        { "a second one of length 0", [11, 0, 0, 4, 0, 3, 0, 0], DropReason.SctpChunkLengthInvalid },
        { "a second one that ends beyond the packet", [11, 0, 0, 4, 0, 3, 0, 9, 1, 2, 3, 4], DropReason.SctpChunkLengthInvalid },
        { "a second one's header cut", [11, 0, 0, 4, 0, 3, 0], DropReason.SctpTruncated },
        { "a byte behind", [11, 0, 0, 4, 0], DropReason.SctpTruncated },
        { "types that nobody knows", [0xC1, 0, 0, 4, 0x3F, 0, 0, 4], DropReason.None },
    };

    [Fact]
    public void Reads_every_field()
    {
        Assert.True(SctpHeader.TryParse([.. Bundle], out SctpHeader header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((36412, 2905, 0xCAFEF00Du), (header.SourcePort, header.DestinationPort, header.VerificationTag));
        Assert.True(header.ChecksumIsValid());
        List<(int, int, int)> chunks = [];
        foreach (SctpChunk chunk in header.Chunks)
        {
            Assert.Equal(0, chunk.Flags);
            Assert.Equal(Enumerable.Range(1, chunk.Length - 4).Select(i => (byte)i), chunk.Value.ToArray());
            chunks.Add((chunk.Type, chunk.Length, chunk.Value.Length));
        }
        Assert.Equal([(3, 16, 12), (0, 19, 15), (7, 8, 4)], chunks);
    }

    /// <summary>RFC 9260 section 6.8: least significant byte first.</summary>
    [Fact]
    public void The_crc_lies_in_the_packet_as_on_the_wire()
    {
        // COOKIE ACK with tag 0 from port 1 to port 2.
        byte[] packet = [0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 4];
        uint crc = NaiveCrc32c.Of(packet);
        Assert.True(SctpHeader.TryParse(packet, out SctpHeader header, out _));
        Assert.False(header.ChecksumIsValid());
        header.RecomputeChecksum();
        Assert.Equal([0, 1, 0, 2, 0, 0, 0, 0, (byte)crc, (byte)(crc >> 8), (byte)(crc >> 16), (byte)(crc >> 24), 11, 0, 0, 4], packet);
        Assert.True(header.ChecksumIsValid());
        Assert.Equal(crc, header.Checksum);
    }

    [Fact]
    public void Replaces_ports_and_mends_the_crc_and_nothing_else()
    {
        byte[] packet = [.. Bundle];
        Assert.True(SctpHeader.TryParse(packet, out SctpHeader header, out _));
        header.ReplaceSourcePort(1);
        header.ReplaceDestinationPort(0xFFFE);
        Assert.True(header.ChecksumIsValid());
        Assert.Equal([0, 1, 0xFF, 0xFE, .. Bundle[4..8]], packet[..8]);
        Assert.Equal(Bundle[12..], packet[12..]);
        header.ReplaceSourcePort(36412);
        header.ReplaceDestinationPort(2905);
        Assert.Equal(Bundle, packet);
    }

    [Fact]
    public void A_wrong_crc_stays_wrong_by_the_same_bits()
    {
        byte[] packet = [.. Bundle];
        packet[10] ^= 0x5A;
        Assert.True(SctpHeader.TryParse(packet, out SctpHeader header, out _));
        header.ReplaceDestinationPort(80);
        uint wrong = header.Checksum;
        header.RecomputeChecksum();
        Assert.Equal(0x5A0000u, header.Checksum ^ wrong);
    }

    [Theory]
    [MemberData(nameof(Tails))]
    public void Chunks_decide(string name, byte[] tail, DropReason expected)
    {
        byte[] packet = [.. Bundle[..SctpHeader.HeaderLength], .. tail];
        Assert.True((expected == DropReason.None) == SctpHeader.TryParse(packet, out SctpHeader _, out DropReason reason), name);
        Assert.Equal(expected, reason);
        // In a first fragment they may go on.
        Assert.True(SctpHeader.TryParse(packet, isFirstFragment: true, out SctpHeader fragment, out reason));
        Assert.Equal(DropReason.None, reason);
        Assert.False(fragment.Chunks.MoveNext());
        Assert.Equal(36412, fragment.SourcePort);
    }

    [Fact]
    public void At_every_truncation()
    {
        // Where a chunk ends, with or without its padding.
        HashSet<int> whole = [28, 28 + 19, 28 + 20, 28 + 28];
        for (int length = 0; length <= Bundle.Length; length++)
        {
            bool accepted = SctpHeader.TryParse(Bundle.AsSpan(0, length).ToArray(), out _, out DropReason reason);
            // A byte of padding that is missing is no loss.
            bool expected = whole.Contains(length);
            Assert.True(expected == accepted, $"{length}: {reason}");
            Assert.Equal(length >= 12, SctpHeader.TryParse(Bundle.AsSpan(0, length).ToArray(), isFirstFragment: true, out _, out _));
        }
    }

    [Fact]
    public void Random_chunks_are_walked_to_the_end_and_never_beyond()
    {
        Random random = new(9260);
        int accepted = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] packet = new byte[12 + random.Next(60)];
            random.NextBytes(packet);
            // Small lengths, so that walks get somewhere.
            for (int at = 14; at < packet.Length; at += 4)
                packet[at] = 0;
            for (int at = 15; at < packet.Length; at += 4)
                packet[at] = (byte)random.Next(3, 10);
            if (!SctpHeader.TryParse(packet, out SctpHeader header, out DropReason reason))
            {
                Assert.InRange(reason, DropReason.SctpTruncated, DropReason.SctpChunkLengthInvalid);
                continue;
            }
            accepted++;
            int end = 12;
            foreach (SctpChunk chunk in header.Chunks)
            {
                Assert.True(chunk.Value.SequenceEqual(packet.AsSpan(end + 4, chunk.Length - 4)));
                end += (chunk.Length + 3) & ~3;
            }
            Assert.InRange(end, packet.Length, packet.Length + 3);
        }
        Assert.InRange(accepted, 500, 19_500);
    }
}
