using System.Net;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Tables;

public sealed class PersistenceTests
{
    public static TheoryData<string?, string, string> Ipv4Groups => new()
    {
        { null, "10.1.2.3", "10.1.2.3" },
        { "255.255.255.255", "10.1.2.3", "10.1.2.3" },
        { "255.255.0.0", "10.1.2.3", "10.1.0.0" },
        { "255.0.255.0", "10.1.2.3", "10.0.2.0" },
        { "0.0.0.24", "10.1.2.31", "0.0.0.24" },
        { "0.0.0.0", "10.1.2.3", "0.0.0.0" },
    };

    public static TheoryData<byte, string, string> Ipv6Groups => new()
    {
        { 128, "fd00:1:2:3:4:5:6:7", "fd00:1:2:3:4:5:6:7" },
        { 127, "fd00:1:2:3:4:5:6:7", "fd00:1:2:3:4:5:6:6" },
        { 65, "fd00:1:2:3:8000:5:6:7", "fd00:1:2:3:8000::" },
        { 64, "fd00:1:2:3:8000:5:6:7", "fd00:1:2:3::" },
        { 63, "fd00:1:2:3:4:5:6:7", "fd00:1:2:2::" },
        { 1, "fd00:1:2:3:4:5:6:7", "8000::" },
    };

    [Theory]
    [MemberData(nameof(Ipv4Groups))]
    public void An_ipv4_group_is_what_the_mask_leaves(string? mask, string client, string group) =>
        Assert.Equal(Ip(group), Of("tcp 10.1.0.100:80", service => service with { PersistenceNetmask = mask is null ? null : IPAddress.Parse(mask) }).GroupOf(Ip(client)));

    [Theory]
    [MemberData(nameof(Ipv6Groups))]
    public void An_ipv6_group_is_a_prefix(byte length, string client, string group) =>
        Assert.Equal(Ip(group), Of("tcp [fd00::1]:80", service => service with { PrefixLength = length }).GroupOf(Ip(client)));

    [Fact]
    public void Sip_is_the_engine_that_looks_at_calls()
    {
        Assert.False(Of("udp 10.1.0.100:5060", service => service).UsesCallId);
        Assert.True(Of("udp 10.1.0.100:5060", service => service with { PersistenceEngine = "sip" }).UsesCallId);
    }

    [Fact]
    public void Without_the_flag_there_is_none_whatever_else_is_set() =>
        Assert.Null(Persistence.Of(new VirtualService { Key = Key("tcp 10.1.0.100:80"), PersistenceTimeout = 60, PersistenceNetmask = IPAddress.Loopback }));

    private static Persistence Of(string key, Func<VirtualService, VirtualService> with) =>
        Persistence.Of(with(new VirtualService { Key = Key(key), Flags = ServiceFlags.Persistent, PersistenceTimeout = 60 }))!;

    private static ServiceKey Key(string text) => ServiceKey.TryParse(text, out ServiceKey? key) ? key : throw new ArgumentException(text);

    private static IpAddress Ip(string text) => IpAddress.Of(IPAddress.Parse(text));
}
