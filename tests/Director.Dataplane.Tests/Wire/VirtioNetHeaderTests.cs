using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class VirtioNetHeaderTests
{
    [Fact]
    public void Fields_are_little_endian_in_the_order_of_the_standard()
    {
        byte[] bytes = new byte[11];
        bytes.AsSpan().Fill(0xA5);
        VirtioNetHeader header = new(bytes)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = VirtioNetGso.TcpV4 | VirtioNetGso.Ecn,
            HeaderLength = 66,
            GsoSize = 1448,
            ChecksumStart = 34,
            ChecksumOffset = 16,
        };
        Assert.Equal([1, 0x81, 66, 0, 0xA8, 0x05, 34, 0, 16, 0, 0xA5], bytes);
        Assert.Equal((66, 1448, 34, 16), (header.HeaderLength, header.GsoSize, header.ChecksumStart, header.ChecksumOffset));
        Assert.True(header.NeedsChecksum);
        Assert.True(header.IsGso);
        header.Clear();
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA5], bytes);
        Assert.False(header.NeedsChecksum || header.IsGso);
        Assert.True(header.IsConsistent(0));
    }

    [Theory]
    [InlineData(52, VirtioNetFlags.NeedsChecksum, VirtioNetGso.None, 0, true)]
    [InlineData(51, VirtioNetFlags.NeedsChecksum, VirtioNetGso.None, 0, false)] // the field ends beyond the frame
    [InlineData(51, VirtioNetFlags.DataValid, VirtioNetGso.None, 0, true)] // nobody looks at it
    [InlineData(1000, VirtioNetFlags.NeedsChecksum, VirtioNetGso.TcpV4, 0, false)]
    [InlineData(1000, VirtioNetFlags.NeedsChecksum, VirtioNetGso.TcpV4, 500, true)]
    [InlineData(1000, VirtioNetFlags.DataValid, VirtioNetGso.UdpL4 | VirtioNetGso.Ecn, 500, true)]
    [InlineData(1000, VirtioNetFlags.None, (VirtioNetGso)2, 500, false)] // no such kind
    [InlineData(1000, VirtioNetFlags.None, (VirtioNetGso)0x7F, 500, false)]
    public void Consistency_with_the_frame(int frame, VirtioNetFlags flags, VirtioNetGso gso, ushort size, bool expected)
    {
        VirtioNetHeader header = new(new byte[10])
        {
            Flags = flags,
            GsoType = gso,
            GsoSize = size,
            ChecksumStart = 34,
            ChecksumOffset = 16,
        };
        Assert.Equal(expected, header.IsConsistent(frame));
    }

    [Fact]
    public void A_checksum_far_beyond_does_not_wrap_around()
    {
        VirtioNetHeader header = new(new byte[10])
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            ChecksumStart = 0xFFFF,
            ChecksumOffset = 0xFFFF,
        };
        Assert.False(header.IsConsistent(65536));
    }
}
