using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class Ipv6MulticastTests
{
    [Theory]
    [InlineData("4037::1:800:200e:8c6c", "ff02::1:ff0e:8c6c", "33:33:ff:0e:8c:6c")] // RFC 4291 section 2.7.1's example
    [InlineData("::", "ff02::1:ff00:0", "33:33:ff:00:00:00")]
    [InlineData("fd00::ffff:ffff", "ff02::1:ffff:ffff", "33:33:ff:ff:ff:ff")]
    public void An_address_is_asked_for_in_its_group(string address, string group, string mac)
    {
        IpAddress solicited = Ipv6Multicast.SolicitedNode(Address(address));
        Assert.Equal(Address(group), solicited);
        Assert.True(solicited.IsMulticast);
        Assert.Equal(mac, Ipv6Multicast.Mac(solicited).ToString());
    }

    [Fact]
    public void Groups_of_everybody()
    {
        Assert.Equal(
            (Address("ff02::1"), Address("ff02::2"), Address("ff02::16")),
            (Ipv6Multicast.AllNodes, Ipv6Multicast.AllRouters, Ipv6Multicast.AllMldv2Routers));
        Assert.Equal("33:33:00:00:00:01", Ipv6Multicast.Mac(Ipv6Multicast.AllNodes).ToString());
        Assert.Equal("33:33:80:00:00:01", Ipv6Multicast.Mac(Address("ff05::8000:1")).ToString());
    }

    [Theory]
    [InlineData("neighbor-solicitation")]
    [InlineData("neighbor-solicitation-probe")]
    [InlineData("neighbor-advertisement-unsolicited")]
    [InlineData("listener-report-joins")]
    [InlineData("listener-report-version-1")]
    public void The_kernel_sends_to_the_same_mac(string recording)
    {
        byte[] frame = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Wire", "corpus", $"recorded-ipv6-{recording}.bin"));
        Assert.Equal(MacAddress.Read(frame), Ipv6Multicast.Mac(IpAddress.Read(frame.AsSpan(38, 16))));
    }
}
