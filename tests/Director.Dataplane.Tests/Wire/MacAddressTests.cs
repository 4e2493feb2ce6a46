using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class MacAddressTests
{
    [Theory]
    [InlineData("02:4c:56:53:00:01", 0x024C56530001)]
    [InlineData("FF:ff:FF:ff:FF:ff", 0xFFFFFFFFFFFF)]
    [InlineData("00:00:00:00:00:00", 0)]
    public void Notation_goes_there_and_back(string text, ulong value)
    {
        Assert.True(MacAddress.TryParse(text, out MacAddress address));
        Assert.Equal(new MacAddress(value), address);
        Assert.Equal(text.ToLowerInvariant(), address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("02:4c:56:53:00")]
    [InlineData("02:4c:56:53:00:1")]
    [InlineData("02:4c:56:53:00:0g")]
    [InlineData("02-4c-56-53-00-01")]
    [InlineData("02:4c:56:53:00:+1")]
    [InlineData("02:4c:56:53:00: 1")]
    [InlineData("02:4c:56:53:00:01:")]
    public void Other_notations_are_refused(string? text) => Assert.False(MacAddress.TryParse(text, out _));

    [Fact]
    public void Bytes_go_there_and_back()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 0xA5];
        MacAddress address = MacAddress.Read(bytes);
        Assert.Equal("01:02:03:04:05:06", address.ToString());
        byte[] written = [0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5];
        address.Write(written);
        Assert.Equal(bytes, written);
    }

    [Fact]
    public void A_virtual_address_is_locally_administered_unicast()
    {
        MacAddress address = MacAddress.Virtual(interfacePosition: 3, group: 255);
        Assert.Equal("02:4c:56:53:03:ff", address.ToString());
        Assert.False(address.IsMulticast);
    }

    [Fact]
    public void The_group_bit_tells_multicast()
    {
        Assert.True(MacAddress.Broadcast.IsMulticast);
        Assert.True(new MacAddress(0x0100_5E00_0001).IsMulticast);
        Assert.False(new MacAddress(0x00FF_FFFF_FFFF).IsMulticast);
    }
}
