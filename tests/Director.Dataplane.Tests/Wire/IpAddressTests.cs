using System.Net;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class IpAddressTests
{
    [Theory]
    [InlineData("10.1.0.100", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("::", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false)]
    public void Reads_writes_and_prints_both_families(string text, bool ipv4)
    {
        IPAddress expected = IPAddress.Parse(text);
        IpAddress address = IpAddress.Of(expected);
        Span<byte> bytes = stackalloc byte[16];
        int length = address.Write(bytes);

        Assert.Equal(ipv4, address.IsIpv4);
        Assert.Equal(ipv4 ? 4 : 16, length);
        Assert.Equal(expected.GetAddressBytes(), bytes[..length].ToArray());
        Assert.Equal(address, IpAddress.Read(bytes[..length]));
        Assert.Equal(expected, address.ToIPAddress());
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("10.1.2.3", 16, "10.1.0.0")]
    [InlineData("10.1.2.3", 0, "0.0.0.0")]
    [InlineData("10.1.2.3", 32, "10.1.2.3")]
    [InlineData("fd00:1:2:3:4:5:6:7", 64, "fd00:1:2:3::")]
    [InlineData("fd00:1:2:3:4:5:6:7", 65, "fd00:1:2:3::")]
    [InlineData("fd00:1:2:3:8004:5:6:7", 65, "fd00:1:2:3:8000::")]
    [InlineData("fd00:1:2:3:4:5:6:7", 20, "fd00::")]
    [InlineData("fd00:1:2:3:4:5:6:7", 0, "::")]
    [InlineData("fd00:1:2:3:4:5:6:7", 128, "fd00:1:2:3:4:5:6:7")]
    public void Masks_by_the_bits_of_its_own_family(string text, int prefixLength, string expected)
    {
        IpAddress address = Address(text);

        Assert.Equal(Address(expected), address.Masked(prefixLength));
        Assert.True(address.IsIn(Address(expected), prefixLength));
    }

    [Theory]
    [InlineData("10.1.0.1", "::", 0)]
    [InlineData("fd00::1", "0.0.0.0", 0)]
    [InlineData("10.2.0.1", "10.1.0.0", 16)]
    [InlineData("fd00:1::1", "fd00:2::", 32)]
    public void Is_not_in_another_subnet_nor_in_one_of_the_other_family(string text, string network, int prefixLength) =>
        Assert.False(Address(text).IsIn(Address(network), prefixLength));

    [Fact]
    public void Sorts_ipv4_first_and_then_by_number()
    {
        string[] sorted = ["9.255.0.1", "10.1.0.1", "200.0.0.1", "::1", "fd00::1", "ff02::1"];

        Assert.Equal(sorted, sorted.Reverse().Select(Address).Order().Select(address => address.ToString()));
    }

    [Theory]
    [InlineData("224.0.0.1", "m")]
    [InlineData("ff02::1", "m")]
    [InlineData("127.8.8.8", "l")]
    [InlineData("::1", "l")]
    [InlineData("0.0.0.0", "u")]
    [InlineData("::", "u")]
    [InlineData("fe80::1", "k")]
    [InlineData("febf::1", "k")]
    [InlineData("fec0::1", "")]
    [InlineData("fd00::1", "")]
    [InlineData("10.0.0.1", "")]
    [InlineData("0.0.0.1", "")]
    public void Knows_its_kind(string text, string kinds)
    {
        IpAddress address = Address(text);
        string found = (address.IsMulticast ? "m" : "") + (address.IsLoopback ? "l" : "") + (address.IsUnspecified ? "u" : "") + (address.IsLinkLocal ? "k" : "");

        Assert.Equal(kinds, found);
    }

    private static IpAddress Address(string text) => IpAddress.Of(IPAddress.Parse(text));
}
