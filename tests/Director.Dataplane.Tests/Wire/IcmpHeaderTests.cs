using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class IcmpHeaderTests
{
    private static readonly byte[] Echo = [8, 0, 0xE5, 0xCA, 0x12, 0x34, 0x00, 0x01, 0, 0, 0];

    [Fact]
    public void An_echo_is_turned_into_its_reply_in_place()
    {
        byte[] message = [.. Echo];
        Assert.True(IcmpHeader.TryParse(message, out IcmpHeader header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((IcmpHeader.Echo, 0, 0x1234, 1), (header.Type, header.Code, header.Identifier, header.Sequence));
        Assert.True(header.ChecksumIsValid());
        Assert.False(header.IsError);

        header.Type = IcmpHeader.EchoReply;
        Assert.False(header.ChecksumIsValid());
        header.RecomputeChecksum();
        Assert.True(header.ChecksumIsValid());
        Assert.Equal(0xEDCA, header.Checksum);
        Assert.Equal([0, 0, 0xED, 0xCA, .. Echo[4..]], message);
    }

    [Fact]
    public void An_error_is_written_with_its_mtu()
    {
        byte[] buffer = new byte[IcmpHeader.HeaderLength + 4];
        buffer.AsSpan().Fill(0xA5);
        IcmpHeader.Write(buffer, IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded);
        Assert.True(IcmpHeader.TryParse(buffer, out IcmpHeader header, out _));
        header.Mtu = 1480;
        header.RecomputeChecksum();
        Assert.Equal(0xFFFF, NaiveChecksum.Sum(buffer));
        Assert.Equal([3, 4, buffer[2], buffer[3], 0, 0, 0x05, 0xC8, 0xA5, 0xA5, 0xA5, 0xA5], buffer);
        Assert.Equal([0xA5, 0xA5, 0xA5, 0xA5], header.Quote.ToArray());
        Assert.Equal(1480, header.Mtu);
    }

    [Fact]
    public void Errors_are_five_types()
    {
        byte[] message = new byte[8];
        Assert.True(IcmpHeader.TryParse(message, out IcmpHeader header, out _));
        List<int> errors = [];
        for (int type = 0; type < 256; type++)
        {
            header.Type = (byte)type;
            if (header.IsError)
                errors.Add(type);
        }
        Assert.Equal([3, 4, 5, 11, 12], errors);
    }

    [Fact]
    public void Shorter_ones_are_truncated()
    {
        for (int length = 0; length < IcmpHeader.HeaderLength; length++)
        {
            Assert.False(IcmpHeader.TryParse(new byte[length], out _, out DropReason reason));
            Assert.Equal(DropReason.IcmpTruncated, reason);
        }
    }
}
