using System.Buffers.Binary;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class Ipv6FragmentationTests
{
    [Theory]
    [InlineData("atomic", 0, false, false)]
    [InlineData("first", 0, true, true)]
    [InlineData("middle", 1448, true, true)]
    [InlineData("last", 2896, false, true)]
    [InlineData("as far out as it goes", 65512, false, true)]
    public void Tells_fragments(string name, int offset, bool more, bool isFragment)
    {
        byte[] packet = Packet(0, [.. Options(44), .. Fragment(17, offset, more, 0x89ABCDEF), .. new byte[8]]);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header header, out _), name);
        Assert.True(header.HasFragmentHeader);
        Assert.Equal((isFragment, more, offset), (header.IsFragment, header.MoreFragments, header.FragmentOffset));
        Assert.Equal(0x89ABCDEFu, header.Identification);
        Assert.Equal((48, 56, 8), (header.UnfragmentableLength, header.HeaderLength, header.Fragmentable.Length));
    }

    [Fact]
    public void Reserved_bits_are_not_read()
    {
        FragmentHeader header = new([58, 0xFF, 0x12, 0x36 | 1, 1, 2, 3, 4]);
        Assert.Equal((58, 0x1230, true, 0x01020304u), (header.NextHeader, header.Offset, header.MoreFragments, header.Identification));
    }

    [Fact]
    public void A_fragment_header_is_written_as_rfc_8200_pictures_it()
    {
        byte[] buffer = [0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5];
        FragmentHeader.Write(buffer, 17, 1448, moreFragments: true, 0xFC3D89D4);
        // The second of three that the kernel sent.
        Assert.Equal([0x11, 0x00, 0x05, 0xA9, 0xFC, 0x3D, 0x89, 0xD4, 0xA5], buffer);
        Assert.Equal(Recorded("fragment-middle-17")[40..48], buffer[..8]);
    }

    [Theory]
    [InlineData("fragment-first-17 fragment-middle-17 fragment-last-17")]
    [InlineData("fragment-first-58-behind-options fragment-last-58-behind-options")]
    public void Fragments_of_the_kernel_are_put_together(string recordings)
    {
        byte[] whole = Reassembled([.. recordings.Split(' ').Select(Recorded)]);
        Assert.True(Ipv6Header.TryParse(whole, out Ipv6Header header, out DropReason reason), reason.ToString());
        Assert.False(header.HasFragmentHeader);
        Assert.Equal(0, Checksum.Transport(header.Source, header.Destination, header.Protocol, header.Payload));
    }

    [Fact]
    public void A_packet_is_cut_as_the_kernel_cuts_it()
    {
        byte[][] fragments = [Recorded("fragment-first-17"), Recorded("fragment-middle-17"), Recorded("fragment-last-17")];
        Assert.True(Ipv6Header.TryParse(Reassembled(fragments), out Ipv6Header whole, out _));
        int at = 0;
        foreach (byte[] fragment in fragments)
        {
            int length = fragment.Length - 48;
            byte[] buffer = Filled(fragment.Length + 4);
            Assert.Equal(fragment.Length, whole.WriteFragment(buffer, at, length, 0xFC3D89D4));
            Assert.Equal([.. fragment, 0xA5, 0xA5, 0xA5, 0xA5], buffer);
            at += length;
        }
        Assert.Equal(whole.Fragmentable.Length, at);
    }

    public static TheoryData<string, byte[]> Wholes => new()
    {
        { "UDP", Packet(17, Counting(3000)) },
        { "empty", Packet(59, []) },
        { "options that every fragment repeats", Packet(0, [.. Options(60), .. Options(43), .. RoutingHeader(6, 4, 0), .. Counting(999)]) },
        { "options that are cut", Packet(0, [.. Options(60, 16), .. Options(17, 24), .. Counting(640)]) },
        { "atomic fragment", Packet(60, [.. Options(44), .. Fragment(17, 0, false), .. Counting(77)]) },
    };

    [Theory]
    [MemberData(nameof(Wholes))]
    public void Cut_and_put_together_again(string name, byte[] packet)
    {
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header whole, out _), name);
        foreach (int piece in (int[])[32, 1232, 65536])
        {
            List<byte[]> fragments = [];
            int length = whole.Fragmentable.Length;
            for (int at = 0; at == 0 || at < length; at += piece)
            {
                byte[] buffer = Filled(whole.UnfragmentableLength + 8 + Math.Min(piece, length - at));
                Assert.Equal(buffer.Length, whole.WriteFragment(buffer, at, Math.Min(piece, length - at), 0x01020304));
                Assert.False(Changed(buffer, whole.Packet[..4], 0) || Changed(buffer, whole.Packet[7..40], 7));
                fragments.Add(buffer);
            }
            byte[] without = whole.HasFragmentHeader ? [.. packet[..48], .. packet[56..]] : [.. packet];
            if (whole.HasFragmentHeader)
                (without[5], without[40]) = ((byte)(without[5] - 8), 17);
            Assert.Equal(without, Reassembled([.. fragments]));
        }
    }

    private static bool Changed(byte[] fragment, ReadOnlySpan<byte> expected, int at) =>
        !fragment.AsSpan(at, expected.Length).SequenceEqual(expected);

    // As a reassembler does, with what the header offers it.
    private static byte[] Reassembled(byte[][] fragments)
    {
        byte[] headers = [];
        List<byte> data = [];
        foreach (byte[] fragment in fragments)
        {
            Assert.True(Ipv6Header.TryParse(fragment, out Ipv6Header header, out DropReason reason), reason.ToString());
            Assert.Equal(data.Count, header.FragmentOffset);
            if (data.Count == 0)
            {
                headers = Filled(header.UnfragmentableLength);
                Assert.Equal(headers.Length, header.CopyUnfragmentable(headers));
            }
            data.AddRange(header.Fragmentable);
            Assert.Equal(fragment != fragments[^1], header.MoreFragments);
        }
        byte[] whole = [.. headers, .. data];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(4), (ushort)(whole.Length - 40));
        return whole;
    }

    private static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];

    private static byte[] Filled(int length)
    {
        byte[] buffer = new byte[length];
        buffer.AsSpan().Fill(0xA5);
        return buffer;
    }
}
