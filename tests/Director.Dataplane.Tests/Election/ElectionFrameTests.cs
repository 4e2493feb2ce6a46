using Director.Dataplane.Election;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Election;

public sealed class ElectionFrameTests
{
    // A frame of version 1 as it was first sent, with key "sesame": it must be understood as long as version 1 is spoken.
    private const string Frozen =
        "4C56534501030164000000000000000A000000000000002A000000000000000B00000000000000290000000000000003"
        + "1111111122222222000000003333333344444444555555556666666677777777";

    private static readonly byte[] Key = "sesame"u8.ToArray();

    private static readonly ElectionFrame Sample = new()
    {
        Message = new ElectionMessage(ElectionMessageKind.Announcement, 10, 100, 42, StandbyFlags.CanTake | StandbyFlags.Synced, 11, 41),
        Group = 3,
        Incarnation = 0x1111111122222222,
        Sequence = 0x33333333,
        Nonce = 0x4444444455555555,
        Echo = 0x6666666677777777,
    };

    [Fact]
    public void Is_read_as_it_was_written()
    {
        byte[] bytes = Written(Sample);
        Assert.True(ElectionFrame.TryRead(bytes, Key, out ElectionFrame read));
        Assert.Equal(Sample, read);
    }

    [Fact]
    public void Version_1_is_still_written_the_same() =>
        Assert.Equal(Frozen, Convert.ToHexString(Written(Sample).AsSpan(0, Frozen.Length / 2)));

    [Fact]
    public void Any_bit_that_was_changed_is_noticed()
    {
        byte[] bytes = Written(Sample);
        for (int bit = 0; bit < ElectionFrame.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(ElectionFrame.TryRead(bytes, Key, out _), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Another_key_is_refused() => Assert.False(ElectionFrame.TryRead(Written(Sample), "tahini"u8, out _));

    [Fact]
    public void Cut_short_or_of_another_group_it_is_none()
    {
        byte[] bytes = Written(Sample);
        for (int length = 0; length < ElectionFrame.Length; length++)
            Assert.False(ElectionFrame.IsOne(bytes.AsSpan(0, length), 3));
        Assert.True(ElectionFrame.IsOne(bytes, 3));
        Assert.False(ElectionFrame.IsOne(bytes, 4));
    }

    [Theory]
    [InlineData(ElectionMessageKind.Announcement, 0x0A010064u)]
    [InlineData(ElectionMessageKind.Probe, 0u)]
    [InlineData(ElectionMessageKind.Hello, 0u)]
    public void Only_an_announcement_says_that_the_address_is_taken(ElectionMessageKind kind, uint sender)
    {
        byte[] bytes = new byte[ArpPacket.Length + ElectionFrame.Length];
        (Sample with { Message = Sample.Message with { Kind = kind } }).WriteArp(bytes, new MacAddress(0x024C56530001), 0x0A010064, Key);
        Assert.True(ArpPacket.TryParse(bytes, out ArpPacket arp, out _));
        Assert.Equal(sender, arp.SenderAddress);
        Assert.Equal(0x0A010064u, arp.TargetAddress);
        Assert.True(ElectionFrame.TryRead(bytes.AsSpan(ArpPacket.Length), Key, out ElectionFrame read));
        Assert.Equal(kind, read.Message.Kind);
    }

    [Fact]
    public void Neither_writing_nor_reading_allocates()
    {
        byte[] bytes = Written(Sample);
        Assert.Equal(0, Allocations.Of(() =>
        {
            Sample.Write(bytes, Key);
            ElectionFrame.TryRead(bytes, Key, out _);
        }));
    }

    private static byte[] Written(ElectionFrame frame)
    {
        byte[] bytes = new byte[ElectionFrame.Length];
        frame.Write(bytes, Key);
        return bytes;
    }
}
