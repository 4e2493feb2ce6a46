using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class GueHeaderTests
{
    [Fact]
    public void Writes_and_reads_a_plain_one()
    {
        byte[] packet = [0xA5, 0xA5, 0xA5, 0xA5, 1, 2];
        GueHeader.Write(packet, IpProtocol.Ipv6, remote: null);
        Assert.Equal([0, 41, 0, 0, 1, 2], packet);

        Assert.True(GueHeader.TryParse(packet, out GueHeader header, out DropReason reason));
        Assert.Equal((DropReason.None, 4, IpProtocol.Ipv6, null), (reason, header.HeaderLength, header.Protocol, header.RemoteChecksum));
        Assert.Equal([1, 2], header.Payload.ToArray());
    }

    [Fact]
    public void Writes_and_reads_one_with_remote_checksum_offload()
    {
        byte[] packet = [.. Enumerable.Repeat((byte)0xA5, 12), 1, 2];
        GueHeader.Write(packet, IpProtocol.IpIp, new RemoteChecksum(20, 36));
        // Two more words; P; R; the checksum covers from byte 20 on and goes to byte 36.
        Assert.Equal([2, 4, 0, 1, 0x80, 0, 0, 0, 0, 20, 0, 36, 1, 2], packet);

        Assert.True(GueHeader.TryParse(packet, out GueHeader header, out _));
        Assert.Equal((12, IpProtocol.IpIp), (header.HeaderLength, header.Protocol));
        Assert.Equal(new RemoteChecksum(20, 36), header.RemoteChecksum);
        Assert.Equal([1, 2], header.Payload.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 2, 4, 0, 0, 0x80, 0, 0, 0, 0, 20, 0, 36 })] // no private flags
    [InlineData(new byte[] { 2, 4, 0, 1, 0x40, 0, 0, 0, 0, 20, 0, 36 })] // another private flag
    [InlineData(new byte[] { 1, 4, 0, 1, 0x80, 0, 0, 0, 0, 20, 0, 36 })] // no room for it
    public void Fields_that_are_not_announced_are_not_read(byte[] packet)
    {
        Assert.True(GueHeader.TryParse(packet, out GueHeader header, out _));
        Assert.Null(header.RemoteChecksum);
    }

    [Theory]
    [InlineData(new byte[] { 0x20, 1, 0, 0 })] // control
    [InlineData(new byte[] { 0x40, 4, 0, 0 })] // variant 1: an IP packet right behind the UDP header
    [InlineData(new byte[] { 0x45, 0, 0, 20 })]
    public void Other_messages_are_not_read(byte[] packet)
    {
        Assert.False(GueHeader.TryParse([.. packet, .. new byte[124]], out _, out DropReason reason));
        Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(31)]
    public void Every_truncation_is_refused(byte words)
    {
        byte[] packet = new byte[4 + (4 * words)];
        packet[0] = words;
        for (int cut = 0; cut < packet.Length; cut++)
            Assert.False(GueHeader.TryParse(packet.AsSpan(0, cut), out _, out _));
        Assert.True(GueHeader.TryParse(packet, out GueHeader header, out _));
        Assert.True(header.Payload.IsEmpty);
    }
}
