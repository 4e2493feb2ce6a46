using System.Collections.Immutable;

namespace Director.Model.Tests.Marks;

public sealed class MarkCoverageTests
{
    private const string Web = "tcp 10.1.0.100:80";

    [Theory]
    [InlineData("", Web, MarkCoverage.All)]
    [InlineData("-4", "tcp [fd00::1]:80", MarkCoverage.None)]
    [InlineData("-6", "tcp [fd00::1]:80", MarkCoverage.All)]
    [InlineData("-p tcp", Web, MarkCoverage.All)]
    [InlineData("-p udp", Web, MarkCoverage.None)]
    [InlineData("! -p udp", Web, MarkCoverage.All)]
    [InlineData("! -p tcp", Web, MarkCoverage.None)]
    [InlineData("-d 10.1.0.100", Web, MarkCoverage.All)]
    [InlineData("-d 10.1.0.101", Web, MarkCoverage.None)]
    [InlineData("! -d 10.1.0.101", Web, MarkCoverage.All)]
    [InlineData("! -d 10.1.0.100", Web, MarkCoverage.None)]
    [InlineData("-d 10.1.0.0/25", Web, MarkCoverage.All)]
    [InlineData("-d 10.0.0.100/255.0.0.255", Web, MarkCoverage.All)]
    [InlineData("-d 10.0.0.101/255.0.0.255", Web, MarkCoverage.None)]
    [InlineData("-d fd00::/64", "tcp [fd00::1]:80", MarkCoverage.All)]
    [InlineData("-d fd00:1::/64", "tcp [fd00::1]:80", MarkCoverage.None)]
    [InlineData("! -d fd00:1::/64", Web, MarkCoverage.None)]
    [InlineData("-s 10.9.0.0/16", Web, MarkCoverage.Some)]
    [InlineData("-i eth0", Web, MarkCoverage.Some)]
    [InlineData("-p tcp --dport 80", Web, MarkCoverage.All)]
    [InlineData("-p tcp --dport 1:1023", Web, MarkCoverage.All)]
    [InlineData("-p tcp --dport 81", Web, MarkCoverage.None)]
    [InlineData("-p tcp ! --dport 81", Web, MarkCoverage.All)]
    [InlineData("-p tcp ! --dport 80", Web, MarkCoverage.None)]
    [InlineData("-p tcp --sport 1024:", Web, MarkCoverage.Some)]
    [InlineData("-p tcp -m multiport --ports 80,443", Web, MarkCoverage.All)]
    [InlineData("-p tcp -m multiport --ports 443", Web, MarkCoverage.Some)]
    [InlineData("-p tcp -m multiport ! --ports 80", Web, MarkCoverage.None)]
    [InlineData("-p tcp -m multiport ! --ports 443", Web, MarkCoverage.Some)]
    [InlineData("-p tcp --sport 1024: --dport 81", Web, MarkCoverage.None)]
    [InlineData("-s 10.9.0.0/16 -p tcp --dport 81", Web, MarkCoverage.None)]
    [InlineData("-p tcp --dport 80", "tcp 10.1.0.100:0", MarkCoverage.Some)]
    [InlineData("-p tcp", "tcp 10.1.0.100:0", MarkCoverage.All)]
    public void A_rule_matches_none_some_or_all_packets_of_a_service(string rule, string service, MarkCoverage expected)
    {
        Assert.True(MarkRule.TryParse($"{rule} -j MARK --set-mark 7", out ImmutableArray<MarkRule> rules, out string? error), error);
        Assert.True(ServiceKey.TryParse(service, out ServiceKey? key));
        Assert.Equal(expected, MarkCoverages.Of(Assert.Single(rules), key!));
    }
}
