using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class ArpPacketTests
{
    private static readonly byte[] Request =
    [
        0, 1, 8, 0, 6, 4, 0, 1,
        2, 0x4C, 0x56, 0x53, 0, 1, 10, 1, 0, 100,
        0, 0, 0, 0, 0, 0, 10, 1, 0, 2,
    ];

    [Fact]
    public void Written_and_read_back_with_the_bytes_of_rfc_826()
    {
        byte[] buffer = new byte[ArpPacket.Length + 2];
        buffer.AsSpan().Fill(0xA5);
        ArpPacket.Write(buffer, ArpPacket.Request, MacAddress.Virtual(0, 1), 0x0A010064, default, 0x0A010002);
        Assert.Equal([.. Request, 0xA5, 0xA5], buffer);

        Assert.True(ArpPacket.TryParse(buffer, out ArpPacket packet, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal(ArpPacket.Request, packet.Operation);
        Assert.Equal(MacAddress.Virtual(0, 1), packet.SenderMac);
        Assert.Equal(0x0A010064u, packet.SenderAddress);
        Assert.Equal(default, packet.TargetMac);
        Assert.Equal(0x0A010002u, packet.TargetAddress);
    }

    [Fact]
    public void A_request_is_turned_into_its_reply_in_place()
    {
        byte[] buffer = [.. Request];
        Assert.True(ArpPacket.TryParse(buffer, out ArpPacket packet, out _));
        packet.Operation = ArpPacket.Reply;
        (packet.TargetMac, packet.TargetAddress, packet.SenderAddress) = (packet.SenderMac, packet.SenderAddress, packet.TargetAddress);
        packet.SenderMac = new MacAddress(0x060708090A0B);
        Assert.Equal(
            [0, 1, 8, 0, 6, 4, 0, 2, 6, 7, 8, 9, 10, 11, 10, 1, 0, 2, 2, 0x4C, 0x56, 0x53, 0, 1, 10, 1, 0, 100], buffer);
    }

    [Theory]
    [InlineData(0, 1)] // hardware
    [InlineData(1, 6)]
    [InlineData(2, 0x86)] // protocol
    [InlineData(3, 6)]
    [InlineData(4, 8)] // sizes
    [InlineData(5, 16)]
    public void Other_hardware_and_protocols_are_invalid(int at, byte value)
    {
        byte[] buffer = [.. Request];
        buffer[at] = value;
        Assert.False(ArpPacket.TryParse(buffer, out _, out DropReason reason));
        Assert.Equal(DropReason.ArpInvalid, reason);
    }

    [Fact]
    public void Shorter_ones_are_truncated()
    {
        for (int length = 0; length < ArpPacket.Length; length++)
        {
            Assert.False(ArpPacket.TryParse(Request.AsSpan(0, length).ToArray(), out _, out DropReason reason));
            Assert.Equal(DropReason.ArpTruncated, reason);
        }
    }
}
