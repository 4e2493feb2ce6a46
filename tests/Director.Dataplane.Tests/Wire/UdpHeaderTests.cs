using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class UdpHeaderTests
{
    private static readonly byte[] Datagram = [0x42, 0x20, 0x00, 0x35, 0x00, 0x0B, 0xBE, 0xEF, 1, 2, 3, 0xA5];

    [Fact]
    public void Reads_and_sets_its_fields_and_ends_with_its_length()
    {
        byte[] segment = [.. Datagram];
        Assert.True(UdpHeader.TryParse(segment, out UdpHeader header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((16928, 53, 11, 0xBEEF), (header.SourcePort, header.DestinationPort, header.Length, header.Checksum));
        Assert.Equal([1, 2, 3], header.Payload.ToArray());
        Assert.Equal(11, header.Datagram.Length);

        header.SourcePort = 0x0102;
        header.DestinationPort = 0x0304;
        header.Checksum = 0x0506;
        Assert.Equal([1, 2, 3, 4, 0, 11, 5, 6, .. Datagram[8..]], segment);
    }

    [Theory]
    [InlineData(0, 8, false, DropReason.UdpTruncated)]
    [InlineData(7, 8, true, DropReason.UdpTruncated)]
    [InlineData(8, 8, false, DropReason.None)]
    [InlineData(12, 0, false, DropReason.UdpLengthInvalid)]
    [InlineData(12, 7, false, DropReason.UdpLengthInvalid)]
    [InlineData(12, 7, true, DropReason.UdpLengthInvalid)]
    [InlineData(12, 12, false, DropReason.None)]
    [InlineData(12, 13, false, DropReason.UdpLengthInvalid)]
    [InlineData(12, 13, true, DropReason.None)] // a first fragment
    [InlineData(12, 9, true, DropReason.None)] // a super-frame
    public void Length_decides(int bytes, byte length, bool mayDiffer, DropReason expected)
    {
        byte[] segment = [.. Datagram];
        segment[5] = length;
        Assert.Equal(expected == DropReason.None,
            UdpHeader.TryParse(segment.AsSpan(0, bytes), mayDiffer, out UdpHeader header, out DropReason reason));
        Assert.Equal(expected, reason);
        if (expected == DropReason.None)
            Assert.Equal(mayDiffer ? bytes : length, header.Datagram.Length);
    }

    [Fact]
    public void Writes_a_header_without_a_checksum()
    {
        byte[] buffer = [0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5];
        UdpHeader.Write(buffer, 16928, 53, 9);
        Assert.Equal([0x42, 0x20, 0x00, 0x35, 0, 9, 0, 0, 0xA5], buffer);
    }
}
