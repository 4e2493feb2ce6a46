namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Virtual addresses that no segment knows.</summary>
public sealed class StrayAddressTests
{
    private readonly Bench _bench = new();

    [Theory]
    [InlineData("tcp 10.1.0.100:80")]
    [InlineData("tcp 10.2.255.1:80")]
    [InlineData("fwmark 7")]
    [InlineData("tcp 0.0.0.0:80")]
    [InlineData("tcp 224.0.0.1:80")]
    public void What_a_subnet_holds_or_nobody_can_ask_for_is_no_stray(string service)
    {
        _bench.Apply(Bench.Service(service, "rr"));
        Assert.Empty(_bench.Core.Warnings());
    }

    [Fact]
    public void A_stray_is_told_once_however_many_services_it_has()
    {
        _bench.Apply(Bench.Service("tcp 10.9.0.1:80", "rr"), Bench.Service("udp 10.9.0.1:53", "rr"), Bench.Service("tcp [fd00:9::1]:80", "rr"), Bench.Service("tcp 10.1.0.100:80", "rr"));
        Assert.Equal(
            "in no subnet of an interface or floating address: 10.9.0.1, fd00:9::1; taken on c0, where routers must be told to send such packets to this director",
            Assert.Single(_bench.Core.Warnings()));
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr"));
        Assert.Empty(_bench.Core.Warnings());
    }

    [Fact]
    public void Of_many_strays_the_first_are_named()
    {
        _bench.Apply([.. Enumerable.Range(1, 100).Select(i => Bench.Service($"tcp 10.9.0.{i}:80", "rr"))]);
        Assert.Contains("10.9.0.8 and 92 more; ", Assert.Single(_bench.Core.AddressWarnings()), StringComparison.Ordinal);
    }
}
