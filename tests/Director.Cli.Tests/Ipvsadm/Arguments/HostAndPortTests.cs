using Director.Cli.Ipvsadm.Arguments;
using Director.Cli.Tests.Golden;
using Director.Model;

namespace Director.Cli.Tests.Ipvsadm.Arguments;

/// <summary>Forms of addresses as the real ipvsadm takes and refuses them.</summary>
public sealed class HostAndPortTests
{
    [Theory]
    [InlineData("10.0.0.1:80", "10.0.0.1:80")]
    [InlineData("10.0.0.1", "10.0.0.1:0")]
    [InlineData("10.0.0.1:080", "10.0.0.1:80")]
    [InlineData("10.0.0.1: 80", "10.0.0.1:80")]
    [InlineData("10.0.0.1:+80", "10.0.0.1:80")]
    [InlineData("10.0.0.1 :80", "10.0.0.1:80")]
    [InlineData("10.0.0.1:www", "10.0.0.1:80")]
    [InlineData("10.2:80", "10.0.0.2:80")]
    [InlineData("10.2.0:80", "10.2.0.0:80")]
    [InlineData("0x0a.010.3:99", "10.8.0.3:99")]
    [InlineData("16843009:80", "1.1.1.1:80")]
    [InlineData("0x50", "0.0.0.80:0")]
    [InlineData("vip.example.com:80", "10.0.0.1:80")]
    [InlineData("VIP.example.com", "10.0.0.1:0")]
    [InlineData("fd00::1", "[fd00::1]:0")]
    [InlineData("fd00::1:80", "[fd00::1:80]:0")]
    [InlineData("[fd00::1]:http", "[fd00::1]:80")]
    [InlineData("[::ffff:1.2.3.4]:80", "[::ffff:1.2.3.4]:80")]
    // In brackets IPv4 and names lose their port, whatever it says.
    [InlineData("[10.0.0.1]:80", "10.0.0.1:0")]
    [InlineData("[10.0.0.1]:bogus", "10.0.0.1:0")]
    [InlineData("[vip.example.com]:", "10.0.0.1:0")]
    public void An_address_is_taken(string text, string meaning)
    {
        HostAndPort parsed = Assert.NotNull(HostAndPort.Parse(text, TransportProtocol.Tcp, new RecordedNames()));
        Assert.Equal(meaning, Endpoints.Format(parsed.Address, parsed.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":80")]
    [InlineData("80")]
    [InlineData(" 80")]
    [InlineData("+80")]
    [InlineData("16843009")]
    [InlineData("10.0.0.1:")]
    [InlineData("10.0.0.1:65536")]
    [InlineData("10.0.0.1:-5")]
    [InlineData("10.0.0.1:80x")]
    [InlineData("10.0.0.1:0x50")]
    [InlineData("10.0.0.1:HTTP")]
    [InlineData("10.0.0.1:80:80")]
    [InlineData("10.0.0.1.2:80")]
    [InlineData("300.0.0.1:80")]
    [InlineData("10.0.256:80x")]
    [InlineData("10.09.0.1:80")]
    [InlineData("4294967296:80")]
    [InlineData("nosuch.invalid:80")]
    [InlineData("[]:80")]
    [InlineData("[fd00::1]")]
    [InlineData("[fd00::1]80")]
    [InlineData("[fd00::1]:")]
    [InlineData("[fd00::1 ]:80")]
    [InlineData("[fd00::1")]
    [InlineData("[fd00::zz]:80")]
    [InlineData("fe80::1%lo")]
    [InlineData("x[10.0.0.1]:80")]
    public void An_address_is_refused(string text) => Assert.Null(HostAndPort.Parse(text, TransportProtocol.Tcp, new RecordedNames()));

    [Fact]
    public void A_port_by_name_needs_its_protocol()
    {
        Assert.Null(HostAndPort.Parse("10.0.0.1:http", TransportProtocol.Udp, new RecordedNames()));
        Assert.Null(HostAndPort.Parse("10.0.0.1:http", TransportProtocol.None, new RecordedNames()));
    }
}
