using System.Net;

namespace Director.Model.Tests.Services;

public sealed class EndpointsTests
{
    [Theory]
    [InlineData("10.2.0.11:80", "10.2.0.11", 80)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    [InlineData("255.255.255.255:65535", "255.255.255.255", 65535)]
    [InlineData("[fd00::1]:80", "fd00::1", 80)]
    [InlineData("[::]:0", "::", 0)]
    [InlineData("[::ffff:10.0.0.1]:80", "::ffff:10.0.0.1", 80)]
    public void What_is_read_is_written_back_the_same(string text, string address, int port)
    {
        Assert.True(Endpoints.TryParse(text, out IPAddress? read, out ushort readPort));
        Assert.Equal(IPAddress.Parse(address), read);
        Assert.Equal(port, readPort);
        Assert.Equal(text, Endpoints.Format(read, readPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":80")]
    [InlineData("10.2.0.11")]
    [InlineData("10.2.0.11:")]
    [InlineData("10.2.0.11:65536")]
    [InlineData("10.2.0.11:-1")]
    [InlineData("10.2.0.11: 80")]
    [InlineData("10.2.0.11:+80")]
    [InlineData("10.2.0.11:http")]
    [InlineData("10.2:80")]
    [InlineData("0x0a020001:80")]
    [InlineData("10.2.0.010:80")]
    [InlineData("10.2.0.256:80")]
    [InlineData(" 10.2.0.1:80")]
    [InlineData("[10.2.0.11]:80")]
    [InlineData("fd00::1:80")]
    [InlineData("[fd00::1]")]
    [InlineData("[fd00::1:80")]
    [InlineData("[[fd00::1]]:80")]
    [InlineData("[fe80::1%eth0]:80")]
    [InlineData("[]:80")]
    [InlineData("host:80")]
    public void Anything_else_is_refused(string text) => Assert.False(Endpoints.TryParse(text, out _, out _));
}
