using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class GreHeaderTests
{
    [Fact]
    public void Writes_and_reads_one_without_a_checksum()
    {
        byte[] packet = [0xA5, 0xA5, 0xA5, 0xA5, 1, 2, 3];
        GreHeader.Write(packet, EtherType.Ipv6, withChecksum: false);
        Assert.Equal([0, 0, 0x86, 0xDD, 1, 2, 3], packet);

        Assert.True(GreHeader.TryParse(packet, out GreHeader header, out DropReason reason));
        Assert.Equal((DropReason.None, false, 4, EtherType.Ipv6, 0), (reason, header.HasChecksum, header.HeaderLength, header.ProtocolType, header.Checksum));
        Assert.Equal([1, 2, 3], header.Payload.ToArray());
    }

    [Fact]
    public void Writes_and_reads_one_with_a_checksum_over_header_and_payload()
    {
        byte[] packet = [0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 1, 2, 3];
        GreHeader.Write(packet, EtherType.Ipv4, withChecksum: true);
        // 8000 + 0800 + 0102 + 0300 = 8C02, and its complement.
        Assert.Equal([0x80, 0, 0x08, 0x00, 0x73, 0xFD, 0, 0, 1, 2, 3], packet);

        Assert.True(GreHeader.TryParse(packet, out GreHeader header, out _));
        Assert.Equal((true, 8, EtherType.Ipv4, 0x73FD), (header.HasChecksum, header.HeaderLength, header.ProtocolType, header.Checksum));
        Assert.Equal([1, 2, 3], header.Payload.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0x20, 0, 8, 0, 0, 0, 0, 1 })] // a key
    [InlineData(new byte[] { 0x10, 0, 8, 0, 0, 0, 0, 1 })] // a sequence number
    [InlineData(new byte[] { 0x40, 0, 8, 0, 0, 0, 0, 1 })] // routing (RFC 1701)
    [InlineData(new byte[] { 0, 1, 0x88, 0x0B, 0, 0, 0, 1 })] // version 1: PPTP
    public void Other_tunnels_are_not_read(byte[] packet)
    {
        Assert.False(GreHeader.TryParse(packet, out _, out DropReason reason));
        Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 8)]
    public void Every_truncation_is_refused(bool withChecksum, int length)
    {
        byte[] packet = new byte[length];
        GreHeader.Write(packet, EtherType.Ipv4, withChecksum);
        for (int cut = 0; cut < length; cut++)
            Assert.False(GreHeader.TryParse(packet.AsSpan(0, cut), out _, out _));
        Assert.True(GreHeader.TryParse(packet, out GreHeader header, out _));
        Assert.True(header.Payload.IsEmpty);
    }
}
