using Director.Dataplane.Linux;

namespace Director.Dataplane.Tests.Linux;

public sealed class CapabilitiesTests
{
    [Theory]
    [InlineData("000001ffffffffff", "")]
    [InlineData("0000000000003000", "")]
    [InlineData("0000000000000000", "CAP_NET_ADMIN CAP_NET_RAW")]
    [InlineData("0000000000001000", "CAP_NET_RAW")]
    [InlineData("ffffffffffffdfff", "CAP_NET_RAW")]
    public void What_is_missing_is_named(string effective, string missing) =>
        Assert.Equal(missing, string.Join(' ', Capabilities.Missing($"Name:\tx\nCapPrm:\t0\nCapEff:\t{effective}\nCapBnd:\t0\n")));
}
