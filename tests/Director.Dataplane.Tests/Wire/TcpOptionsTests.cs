using Director.Dataplane.Tests.FullNat;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class TcpOptionsTests
{
    public static TheoryData<string, byte[], byte[]> Lists => new()
    {
        { "nothing", [], [] },
        { "a linux syn", [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7], [2, 4, 8, 1, 3] },
        { "ends early", [1, 0, 2, 4, 5, 180], [1] },
        { "length 0", [1, 5, 0, 1], [1] },
        { "length 1", [1, 5, 1, 1], [1] },
        { "kind without length", [1, 1, 5], [1, 1] },
        { "longer than what is left", [3, 3, 7, 8, 10, 0, 0, 0], [3] },
        { "just as long", [3, 3, 7, 8, 5, 0, 0, 0], [3, 8] },
        { "nothing but a kind", [254], [] },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void The_walk_ends_where_the_options_do(string name, byte[] options, byte[] kinds) => Assert.True(kinds.SequenceEqual(Kinds(options)), name);

    [Theory]
    [MemberData(nameof(Lists))]
    public void Every_truncation_is_survived(string name, byte[] options, byte[] kinds)
    {
        for (int length = 0; length < options.Length; length++)
            Assert.True(kinds.AsSpan().StartsWith(Kinds(options[..length])), $"{name} cut to {length}");
    }

    [Fact]
    public void Random_bytes_are_survived_and_add_up()
    {
        Random random = new(1);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] options = new byte[random.Next(41)];
            random.NextBytes(options);
            if (round % 2 == 0)
                Array.ForEach([.. Enumerable.Range(0, options.Length)], i => options[i] %= 12);
            int length = 0;
            for (TcpOptions walk = new(options); walk.MoveNext(); length += walk.Current.Length)
            {
                Assert.Equal(walk.Kind, walk.Current[0]);
                Assert.True(walk.Kind == 1 ? walk.Current.Length == 1 : walk.Current.Length == walk.Current[1]);
            }
            Assert.InRange(length, 0, options.Length);
        }
    }

    [Fact]
    public void An_option_is_found_whole()
    {
        byte[] options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
        Assert.Equal<byte[]>([8, 10, 1, 2, 3, 4, 5, 6, 7, 8], TcpOptions.Find(options, TcpOptionKind.Timestamps).ToArray());
        Assert.True(TcpOptions.Find(options, TcpOptionKind.SelectiveAcknowledgment).IsEmpty);
        // What looks like one inside another is none.
        Assert.True(TcpOptions.Find([8, 4, 5, 2], 5).IsEmpty);
    }

    [Fact]
    public void Blanking_keeps_a_right_checksum_right_and_a_wrong_one_wrong()
    {
        Random random = new(2);
        for (int round = 0; round < 2000; round++)
        {
            byte[] options = [1, 1, 5, 10, .. RandomBytes(random, 8), 5, 2, .. RandomBytes(random, 2), 3, 3, 7, 0];
            byte[] segment = TcpSegment.Make(TcpFlags.Ack, (uint)random.Next(), options: options, payload: RandomBytes(random, random.Next(4)));
            bool wrong = round % 2 == 0;
            if (wrong)
                segment[16] ^= 0x10;
            Assert.True(TcpOptions.Blank(TcpSegment.Read(segment), TcpOptionKind.SelectiveAcknowledgment, checksumIsPartial: false));
            Assert.Equal<byte[]>([.. Enumerable.Repeat((byte)1, 14), .. options[14..]], TcpSegment.Read(segment).Options.ToArray());
            Assert.Equal(wrong, !TcpSegment.IsSound(segment));
        }
    }

    [Fact]
    public void A_partial_checksum_knows_nothing_of_options()
    {
        byte[] segment = TcpSegment.Make(TcpFlags.Ack, 1, options: [1, 1, 5, 10, 1, 2, 3, 4, 5, 6, 7, 8]);
        ushort before = TcpSegment.Read(segment).Checksum;
        Assert.True(TcpOptions.Blank(TcpSegment.Read(segment), TcpOptionKind.SelectiveAcknowledgment, checksumIsPartial: true));
        Assert.Equal(before, TcpSegment.Read(segment).Checksum);
        Assert.False(TcpOptions.Blank(TcpSegment.Read(segment), TcpOptionKind.SelectiveAcknowledgment, checksumIsPartial: true));
    }

    [Fact]
    public void Toa_is_as_the_servers_modules_read_it()
    {
        byte[] option = [.. Enumerable.Repeat((byte)0xA5, 24)];
        Assert.Equal(8, ToaOption.Write(option, IpAddress.FromIpv4(0x0A010002), 40001));
        Assert.Equal([254, 8, 0x9C, 0x41, 10, 1, 0, 2, 0xA5], option[..9]);
        Assert.Equal(20, ToaOption.Write(option, new IpAddress(0xFD00_0000_0000_0001, 0x0203), 443));
        Assert.Equal([253, 20, 0x01, 0xBB, 0xFD, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 3, 0xA5], option[..21]);
    }

    private static byte[] Kinds(byte[] options)
    {
        List<byte> kinds = [];
        for (TcpOptions walk = new(options); walk.MoveNext();)
            kinds.Add(walk.Kind);
        return [.. kinds];
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
