using Director.Dataplane.Linux;

namespace Director.Dataplane.Tests.Linux;

[Trait("Category", "Kernel")]
public sealed class HostInterfaceTests
{
    [Fact]
    public void The_loopback_is_known_by_name_alone() => Assert.InRange(HostInterface.MtuOf("lo") ?? 0, 1280, 65536);

    [Theory]
    [InlineData("")]
    [InlineData("no-such")]
    [InlineData("a-name-that-is-too-long")]
    public void What_is_not_there_has_no_mtu(string name) => Assert.Null(HostInterface.MtuOf(name));
}
