using System.Net;
using System.Net.Sockets;

namespace Director.Model.Tests.Services;

public sealed class ServiceKeyTests
{
    public static TheoryData<string, ServiceKey> Written => new()
    {
        { "tcp 10.1.0.100:80", ServiceKey.ForAddress(TransportProtocol.Tcp, IPAddress.Parse("10.1.0.100"), 80) },
        { "udp [fd00::1]:53", ServiceKey.ForAddress(TransportProtocol.Udp, IPAddress.Parse("fd00::1"), 53) },
        { "sctp 10.1.0.100:0", ServiceKey.ForAddress(TransportProtocol.Sctp, IPAddress.Parse("10.1.0.100"), 0) },
        { "fwmark 7", ServiceKey.ForMark(7) },
        { "fwmark6 4294967295", ServiceKey.ForMark(uint.MaxValue, AddressFamily.InterNetworkV6) },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void A_key_is_written_and_read_in_its_notation(string text, ServiceKey key)
    {
        Assert.Equal(text, key.ToString());
        Assert.True(ServiceKey.TryParse(text, out ServiceKey? read));
        Assert.Equal(key, read);
        Assert.Equal(key.GetHashCode(), read.GetHashCode());
    }

    [Theory]
    [InlineData("TCP  10.1.0.100:80", "tcp 10.1.0.100:80")]
    [InlineData(" Udp [FD00:0::1]:53 ", "udp [fd00::1]:53")]
    public void Case_and_blanks_do_not_matter(string text, string canonical)
    {
        Assert.True(ServiceKey.TryParse(text, out ServiceKey? key));
        Assert.Equal(canonical, key.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tcp")]
    [InlineData("tcp 10.1.0.100")]
    [InlineData("tcp 10.1.0.100:80 x")]
    [InlineData("icmp 10.1.0.100:80")]
    [InlineData("6 10.1.0.100:80")]
    [InlineData("none 10.1.0.100:80")]
    [InlineData("fwmark 0")]
    [InlineData("fwmark -1")]
    [InlineData("fwmark 4294967296")]
    [InlineData("fwmark 0x10")]
    [InlineData("fwmark")]
    public void Anything_else_is_refused(string? text) => Assert.False(ServiceKey.TryParse(text, out _));

    [Fact]
    public void Protocol_address_port_mark_and_family_all_count()
    {
        IPAddress vip = IPAddress.Parse("10.1.0.100");
        ServiceKey[] keys =
        [
            ServiceKey.ForAddress(TransportProtocol.Tcp, vip, 80),
            ServiceKey.ForAddress(TransportProtocol.Udp, vip, 80),
            ServiceKey.ForAddress(TransportProtocol.Tcp, vip, 81),
            ServiceKey.ForAddress(TransportProtocol.Tcp, IPAddress.Parse("10.1.0.101"), 80),
            ServiceKey.ForMark(80),
            ServiceKey.ForMark(81),
            ServiceKey.ForMark(80, AddressFamily.InterNetworkV6),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Of_two_timeouts_a_zero_leaves_the_old_one() =>
        Assert.Equal(new Timeouts(900, 20, 300), new Timeouts().Changed(new Timeouts(0, 20, 0)));
}
