using System.Net;
using Director.Actors.Services;
using Director.Dataplane.Control;

namespace Director.Actors.Tests.Services;

public sealed class ConflictsTests
{
    [Theory]
    [InlineData("10.1.0.100", "02:00:00:00:00:99", "10.1.0.100 is answered by 02:00:00:00:00:99 on eth0: stop that host")]
    [InlineData("fd00:1::100", "02:00:00:00:00:99", "fd00:1::100 is answered by 02:00:00:00:00:99 on eth0: stop that host")]
    [InlineData("10.1.0.100", null, "remove it (ip address del 10.1.0.100 dev eth0)")]
    [InlineData("fd00:1::100", null, "remove it (ip -6 address del fd00:1::100/PREFIX dev eth0, its PREFIX as ip -6 address shows it)")]
    public void Say_what_to_do(string address, string? mac, string words) =>
        Assert.Contains(words, Conflicts.Describe(new AddressConflict(IPAddress.Parse(address), "eth0", mac)), StringComparison.Ordinal);
}
