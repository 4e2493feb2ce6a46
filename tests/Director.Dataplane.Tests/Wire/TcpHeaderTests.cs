using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class TcpHeaderTests
{
    private static readonly byte[] SynAck =
    [
        0x00, 0x50, 0x42, 0x20, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
        0x60, 0x12, 0xFA, 0xF0, 0xBE, 0xEF, 0, 0, 2, 4, 5, 0xB4, 0xAA, 0xBB,
    ];

    [Fact]
    public void Reads_every_field()
    {
        Assert.True(TcpHeader.TryParse([.. SynAck], out TcpHeader header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal(80, header.SourcePort);
        Assert.Equal(16928, header.DestinationPort);
        Assert.Equal(0x01020304u, header.SequenceNumber);
        Assert.Equal(0x05060708u, header.AcknowledgmentNumber);
        Assert.Equal(24, header.DataOffset);
        Assert.Equal(TcpFlags.Syn | TcpFlags.Ack, header.Flags);
        Assert.Equal(0xFAF0, header.Window);
        Assert.Equal(0xBEEF, header.Checksum);
        Assert.Equal([2, 4, 5, 0xB4], header.Options.ToArray());
        Assert.Equal([0xAA, 0xBB], header.Payload.ToArray());
    }

    [Fact]
    public void Sets_ports_and_checksum_and_nothing_else()
    {
        byte[] segment = [.. SynAck];
        Assert.True(TcpHeader.TryParse(segment, out TcpHeader header, out _));
        header.SourcePort = 0x0102;
        header.DestinationPort = 0x0304;
        header.Checksum = 0x0506;
        Assert.Equal([1, 2, 3, 4, .. SynAck[4..16], 5, 6, .. SynAck[18..]], segment);
    }

    [Theory]
    [InlineData(19, 0x50, DropReason.TcpTruncated)]
    [InlineData(0, 0x50, DropReason.TcpTruncated)]
    [InlineData(26, 0x40, DropReason.TcpDataOffsetInvalid)]
    [InlineData(26, 0x70, DropReason.TcpDataOffsetInvalid)]
    [InlineData(26, 0xF0, DropReason.TcpDataOffsetInvalid)]
    [InlineData(20, 0x60, DropReason.TcpDataOffsetInvalid)]
    [InlineData(20, 0x50, DropReason.None)]
    [InlineData(24, 0x6F, DropReason.None)] // reserved bits are the ends' business
    public void Length_and_data_offset_decide(int length, byte offset, DropReason expected)
    {
        byte[] segment = [.. SynAck];
        segment[12] = offset;
        Assert.Equal(expected == DropReason.None, TcpHeader.TryParse(segment.AsSpan(0, length), out _, out DropReason reason));
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void Writes_a_bare_reset()
    {
        byte[] buffer = new byte[22];
        buffer.AsSpan().Fill(0xA5);
        TcpHeader.Write(buffer, 80, 16928, 0x01020304, 0x05060708, TcpFlags.Rst | TcpFlags.Ack);
        Assert.Equal(
            [0x00, 0x50, 0x42, 0x20, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, 0x14, 0, 0, 0, 0, 0, 0, 0xA5, 0xA5], buffer);
        Assert.True(TcpHeader.TryParse(buffer.AsSpan(0, 20), out _, out _));
    }
}
