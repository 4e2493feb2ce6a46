using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class ProxyHeaderTests
{
    // The examples' fields in the order of the specification; written out by hand.
    [Fact]
    public void Over_IPv4_it_has_28_bytes()
    {
        byte[] header = [.. Enumerable.Repeat((byte)0xA5, 64)];
        Assert.Equal(28, ProxyHeader.Write(header, IpAddress.FromIpv4(0x0A010002), 40001, IpAddress.FromIpv4(0x0A010064), 80));
        Assert.Equal(
            "0D0A0D0A000D0A515549540A" + "21" + "11" + "000C" + "0A010002" + "0A010064" + "9C41" + "0050" + "A5", Convert.ToHexString(header.AsSpan(0, 29)));
    }

    [Fact]
    public void Over_IPv6_it_has_52_bytes()
    {
        byte[] header = [.. Enumerable.Repeat((byte)0xA5, 64)];
        Assert.Equal(52, ProxyHeader.Write(header, new IpAddress(0xFD00_0000_0000_0001, 2), 40001, new IpAddress(0xFD00_0000_0000_0001, 0x64), 443));
        Assert.Equal(
            "0D0A0D0A000D0A515549540A" + "21" + "21" + "0024" + "FD000000000000010000000000000002" + "FD000000000000010000000000000064" + "9C41" + "01BB" + "A5",
            Convert.ToHexString(header.AsSpan(0, 53)));
    }

    [Theory]
    [InlineData(28)]
    [InlineData(52)]
    public void No_room_is_refused_and_not_overrun(int length)
    {
        IpAddress address = length == 28 ? IpAddress.FromIpv4(1) : new IpAddress(1, 1);
        for (int room = 0; room < length; room++)
            Assert.ThrowsAny<ArgumentException>(() => ProxyHeader.Write(new byte[room], address, 1, address, 2));
        Assert.Equal(length, ProxyHeader.Write(new byte[length], address, 1, address, 2));
    }
}
