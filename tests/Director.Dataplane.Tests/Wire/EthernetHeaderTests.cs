using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class EthernetHeaderTests
{
    [Fact]
    public void Reads_and_writes_its_fields_and_nothing_else()
    {
        byte[] frame = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x08, 0x00, 0xA5, 0xA5];
        Assert.True(EthernetHeader.TryParse(frame, out EthernetHeader header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal("01:02:03:04:05:06", header.Destination.ToString());
        Assert.Equal("07:08:09:0a:0b:0c", header.Source.ToString());
        Assert.Equal(EtherType.Ipv4, header.EtherType);
        Assert.Equal([0xA5, 0xA5], header.Payload.ToArray());

        header.Destination = new MacAddress(0x111213141516);
        header.Source = new MacAddress(0x212223242526);
        header.EtherType = EtherType.Arp;
        Assert.Equal(
            [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x08, 0x06, 0xA5, 0xA5], frame);
    }

    [Fact]
    public void A_frame_of_14_bytes_has_an_empty_payload()
    {
        Assert.True(EthernetHeader.TryParse(new byte[14], out EthernetHeader header, out _));
        Assert.True(header.Payload.IsEmpty);
    }

    [Fact]
    public void Shorter_ones_are_truncated()
    {
        for (int length = 0; length < EthernetHeader.Length; length++)
        {
            Assert.False(EthernetHeader.TryParse(new byte[length], out _, out DropReason reason));
            Assert.Equal(DropReason.EthernetTruncated, reason);
        }
    }
}
