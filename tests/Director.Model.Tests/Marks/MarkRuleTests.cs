using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Director.Model.Tests.Marks;

public sealed class MarkRuleTests
{
    /// <summary>As typed, and as it reads back.</summary>
    public static TheoryData<string, string> Written => new()
    {
        { "-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7", "-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7" },
        { "iptables -t mangle -A PREROUTING -d 172.18.140.1 -p tcp -m multiport --dport 80,443 -j MARK --set-mark 7", "-d 172.18.140.1 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7" },
        { "/sbin/iptables -w 5 -t mangle -A PREROUTING -p tcp --dport 80 -j MARK --set-mark 7", "-4 -p tcp --dport 80 -j MARK --set-mark 7" },
        { "[12:3400] -A PREROUTING -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x7/0xffffffff", "-p tcp --dport 80 -j MARK --set-mark 7" },
        { "ip6tables -t mangle -A PREROUTING -p udp -j MARK --set-mark 7", "-6 -p udp -j MARK --set-mark 7" },
        { "-d FD00:0::1/64 -p sctp --sport 1024: -j MARK --set-mark 0x10", "-d fd00::/64 -p sctp --sport 1024:65535 -j MARK --set-mark 16" },
        { "-j MARK --set-mark 1 -i eth+ ! -s 10/8", "! -s 10.0.0.0/8 -i eth+ -j MARK --set-mark 1" },
        { "-s 0.0.0.0/0 -j MARK --set-mark 1", "-4 -j MARK --set-mark 1" },
        { "-s 10.9.5.1/255.0.255.0 -j MARK --set-mark 1", "-s 10.0.5.0/255.0.255.0 -j MARK --set-mark 1" },
        { "-p icmp -j MARK --set-mark 1", "-p icmp -j MARK --set-mark 1" },
        { "! -p 6 -j MARK --set-mark 1", "! -p tcp -j MARK --set-mark 1" },
        { "-p tcp ! --dport http -j MARK --set-mark 1", "-p tcp ! --dport 80 -j MARK --set-mark 1" },
        { "-p tcp -m multiport --dports 80 -j MARK --set-mark 1", "-p tcp --dport 80 -j MARK --set-mark 1" },
        { "-p tcp -m multiport --dports 1:9 -m multiport --dports 2,3 -m tcp --sport 5 -j MARK --set-mark 1", "-p tcp --sport 5 --dport 1:9 -m multiport --dports 2,3 -j MARK --set-mark 1" },
        { "-p udp -m multiport ! --ports 53 -j MARK --set-mark 1", "-p udp -m multiport ! --ports 53 -j MARK --set-mark 1" },
        { "-m comment --comment \"it's \\\"web\\\"\" -j MARK --set-mark 1", "-m comment --comment \"it\\'s \\\"web\\\"\" -j MARK --set-mark 1" },
        { "-m comment --comment 'a b' -j MARK --set-mark 1", "-m comment --comment \"a b\" -j MARK --set-mark 1" },
        { "-j MARK --set-mark 7/0xf0", "-j MARK --set-mark 0x7/0xf7" },
        { "-j MARK --set-xmark 0x1ff/0xff", "-j MARK --set-xmark 0x1ff/0xff" },
        { "-j MARK --or-mark 16", "-j MARK --or-mark 0x10" },
        { "-j MARK --and-mark 0xf0", "-j MARK --and-mark 0xf0" },
        { "-j MARK --xor-mark 5", "-j MARK --xor-mark 0x5" },
    };

    public static TheoryData<string, string> Wrong => new()
    {
        { "", "the rule is empty" },
        { "-d 10.1.0.300 -j MARK --set-mark 7", "-d: '10.1.0.300' is not an address (10.1.0.100, 10.1.0.0/16, fd00::/64); names are not looked up" },
        { "-d www -j MARK --set-mark 7", "-d: 'www' is not an address (10.1.0.100, 10.1.0.0/16, fd00::/64); names are not looked up" },
        { "--source 10.0.0.0/40 -j MARK --set-mark 7", "--source: '40' is not a mask: a prefix length from 0 to 32, or a mask like 255.255.0.0" },
        { "-d fd00::/x -j MARK --set-mark 7", "-d: 'x' is not a mask: a prefix length from 0 to 128, or a mask like ffff:ffff::" },
        { "-d 10.1.0.1 -s fd00::1 -j MARK --set-mark 7", "-s: IPv6, but -d 10.1.0.1 is IPv4: nothing would match" },
        { "-p icmp -d fd00::1 -j MARK --set-mark 7", "-d: IPv6, but -p icmp is IPv4: nothing would match" },
        { "-d 10.1.0.1 -p icmpv6 -j MARK --set-mark 7", "-p: IPv6, but -d 10.1.0.1 is IPv4: nothing would match" },
        { "iptables -t mangle -A PREROUTING -d fd00::1 -j MARK --set-mark 7", "-d: IPv6, but iptables is IPv4: nothing would match" },
        { "! -d 0.0.0.0/0 -j MARK --set-mark 7", "-d: every address negated matches nothing" },
        { "! -d 10.0.0.1,10.0.0.2 -j MARK --set-mark 7", "-d: ! goes with one address only" },
        { "-d ! 10.0.0.1 -j MARK --set-mark 7", "-d: the ! stands before the option: ! -d" },
        { "-d -j MARK --set-mark 7", "-d: wants a value" },
        { "-d 10.0.0.1 -d 10.0.0.2 -j MARK --set-mark 7", "-d: may stand only once" },
        { "-p foo -j MARK --set-mark 7", "-p: 'foo' is not a protocol (tcp, udp, sctp, icmp, icmpv6, all, or a number up to 255)" },
        { "! -p all -j MARK --set-mark 7", "-p: every protocol negated matches nothing" },
        { "--dport 80 -j MARK --set-mark 7", "--dport: wants -p tcp, -p udp or -p sctp before it" },
        { "-p icmp --dport 80 -j MARK --set-mark 7", "--dport: wants -p tcp, -p udp or -p sctp before it" },
        { "-p tcp --dports 80,443 -j MARK --set-mark 7", "--dports: wants -m multiport before it" },
        { "-m multiport --dports 80 -j MARK --set-mark 7", "ports want -p tcp, -p udp or -p sctp: nothing else has them" },
        { "-p udp -m tcp --dport 80 -j MARK --set-mark 7", "-m tcp wants -p tcp" },
        { "-p tcp --dport 80,443 -j MARK --set-mark 7", "--dport: '80,443' is not a port (0 to 65535, a range like 1000:2000, or a name of /etc/services)" },
        { "-p tcp --dport 90:80 -j MARK --set-mark 7", "--dport: the range '90:80' runs backwards" },
        { "-p tcp ! --dport 0:65535 -j MARK --set-mark 7", "--dport: no port is left that --dport 0:65535 and what stands before it would match" },
        { "-p tcp --dport 80 -m multiport --dports 443,8443 -j MARK --set-mark 7", "--dports: no port is left that --dports 443,8443 and what stands before it would match" },
        { "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14:15,16 -j MARK --set-mark 7", "--dports: more than 15 ports (a range counts as two)" },
        { "-p tcp -m multiport -j MARK --set-mark 7", "-m multiport wants --sports, --dports or --ports" },
        { "-p tcp -m multiport --dports 1 --sports 2 -j MARK --set-mark 7", "--sports: each -m multiport has one of --sports, --dports and --ports" },
        { "-i averylonginterface -j MARK --set-mark 7", "-i: 'averylonginterface' cannot be the name of an interface (1 to 15 characters)" },
        { "! -i + -j MARK --set-mark 7", "-i: every interface negated matches nothing" },
        { "-o eth0 -j MARK --set-mark 7", "-o: before routing nobody knows where a packet leaves" },
        { "-m conntrack --ctstate NEW -j MARK --set-mark 7", "-m: 'conntrack' is not known here (tcp, udp, sctp, multiport, comment)" },
        { "-m comment -j MARK --set-mark 7", "-m comment wants --comment" },
        { "-m comment --comment \"open -j MARK --set-mark 7", "the quote \" is never closed" },
        { "-d 10.1.0.1", "-j MARK with --set-mark (or --set-xmark, --or-mark, --and-mark, --xor-mark) is missing" },
        { "-d 10.1.0.1 -j MARK", "-j MARK with --set-mark (or --set-xmark, --or-mark, --and-mark, --xor-mark) is missing" },
        { "-d 10.1.0.1 -j DROP", "-j: the only target is MARK, not DROP" },
        { "-d 10.1.0.1 --set-mark 7", "--set-mark: wants -j MARK before it" },
        { "-j MARK --set-mark seven", "--set-mark: 'seven' is not a mark (0 to 4294967295, or 0x0 to 0xffffffff)" },
        { "-j MARK --set-mark 4294967296", "--set-mark: '4294967296' is not a mark (0 to 4294967295, or 0x0 to 0xffffffff)" },
        { "-j MARK --set-mark 010", "--set-mark: '010' is not a mark (0 to 4294967295, or 0x0 to 0xffffffff)" },
        { "-j MARK --or-mark 0", "--or-mark: 0 changes no mark" },
        { "-j MARK --set-mark 7 --or-mark 1", "--or-mark: cannot be used together with --set-mark" },
        { "! -j MARK --set-mark 7", "-j cannot be negated" },
        { "-j MARK --set-mark 7 !", "the ! at the end negates nothing" },
        { "-t nat -A PREROUTING -j MARK --set-mark 7", "-t: rules are of table mangle, not nat" },
        { "-t mangle -A OUTPUT -j MARK --set-mark 7", "-A: rules are of chain PREROUTING, not OUTPUT" },
        { "-I PREROUTING -j MARK --set-mark 7", "-I: rules are appended here: leave it out, or write -A PREROUTING" },
        { "web -j MARK --set-mark 7", "'web': an option was expected here, such as -d or --dport" },
        { "-j MARK --set-mark 7 --bogus", "--bogus: not understood here; rules have -s, -d, -i, -p, ports, -m comment, and -j MARK" },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void A_rule_reads_back_in_its_notation(string typed, string canonical)
    {
        MarkRule rule = Assert.Single(Parse(typed));
        Assert.Equal(canonical, rule.ToString());
        Assert.Equal(rule, Assert.Single(Parse(canonical)));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_said_with_its_option(string typed, string expected)
    {
        Assert.False(MarkRule.TryParse(typed, out ImmutableArray<MarkRule> rules, out string? error));
        Assert.Equal(expected, error);
        Assert.Empty(rules);
    }

    [Fact]
    public void Lists_of_addresses_are_a_rule_each()
    {
        Assert.Equal(
            ["-s 10.0.0.1 -d 10.1.0.1 -j MARK --set-mark 7", "-s 10.0.0.1 -d 10.1.0.2 -j MARK --set-mark 7",
                "-s 10.0.0.2 -d 10.1.0.1 -j MARK --set-mark 7", "-s 10.0.0.2 -d 10.1.0.2 -j MARK --set-mark 7"],
            Parse("-s 10.0.0.1,10.0.0.2 -d 10.1.0.1,10.1.0.2 -j MARK --set-mark 7").Select(rule => rule.ToString()));
    }

    [Fact]
    public void Words_need_no_quotes()
    {
        Assert.True(MarkRule.TryParse(["-m", "comment", "--comment", "a \"b\" c", "-j", "MARK", "--set-mark", "7"], null, out ImmutableArray<MarkRule> rules, out _));
        Assert.Equal("a \"b\" c", Assert.Single(rules).Comment);
    }

    [Fact]
    public void What_the_parts_of_a_rule_are()
    {
        MarkRule rule = Parse("-s 10.0.0.0/8 ! -i eth1 -p udp ! --sport 53 -m multiport --ports 1:5,9 -j MARK --set-xmark 0x70/0xf0")[0];
        Assert.Equal(AddressFamily.InterNetwork, rule.Family);
        Assert.Equal((IPAddress.Parse("10.0.0.0"), 8, false), (rule.Source!.Network, rule.Source.PrefixLength, rule.Source.Negated));
        Assert.Equal(("eth1", true), (rule.Interface!.Name, rule.Interface.Negated));
        Assert.Equal((17, true), (rule.Protocol!.Number, rule.Protocol.IsBalanced));
        Assert.Equal([(PortSide.Source, true), (PortSide.Either, false)], rule.Ports.Select(ports => (ports.Side, ports.Negated)));
        Assert.Equal(new MarkAction(0x70, 0xf0), rule.Action);
    }

    [Theory]
    [InlineData("--set-mark 7", 0xFFu, 7u)]
    [InlineData("--set-mark 7/0xf0", 0xFFu, 0x0Fu)]
    [InlineData("--set-xmark 0x1ff/0xf", 0xF0u, 0x10Fu)]
    [InlineData("--or-mark 0x10", 0x01u, 0x11u)]
    [InlineData("--and-mark 0xf0", 0xFFu, 0xF0u)]
    [InlineData("--xor-mark 0x11", 0x01u, 0x10u)]
    public void What_becomes_of_a_mark(string option, uint before, uint after) =>
        Assert.Equal(after, Parse($"-j MARK {option}")[0].Action.Apply(before));

    [Theory]
    [InlineData("-i eth0", true)]
    [InlineData("-i eth+", true)]
    [InlineData("-i eth2", false)]
    [InlineData("! -i eth0", true)]
    [InlineData("! -i eth+", false)]
    [InlineData("", true)]
    public void A_rule_needs_an_interface_that_the_director_has(string option, bool can) =>
        Assert.Equal(can, Parse($"{option} -j MARK --set-mark 7")[0].CanArriveAt(["eth0", "eth1"]));

    [Fact]
    public void A_rule_of_no_use_says_why()
    {
        MarkRule zero = Parse("-p tcp --dport 22 -j MARK --set-mark 0")[0];
        MarkRule seven = Parse("-d 10.1.0.100 -j MARK --set-mark 7")[0];
        Assert.Null(seven.UselessBehind([]));
        Assert.Equal("no rule before it sets a mark that it could take away", zero.UselessBehind([]));
        Assert.Null(zero.UselessBehind([seven]));
        Assert.Equal("it marks only gre, which no service balances", Parse("-p 47 -j MARK --set-mark 7")[0].UselessBehind([]));
        Assert.Null(Parse("! -p udp -j MARK --set-mark 7")[0].UselessBehind([]));
    }

    [Fact]
    public void In_JSON_it_is_its_text()
    {
        MarkRule rule = Parse("-d 10.1.0.100 -j MARK --set-mark 7")[0];
        string json = JsonSerializer.Serialize(new MarksListing([new MarkEntry(1, rule, MarkOrigin.Command)]), DirectorJson.Default.MarksListing);
        Assert.Equal("""{"rules":[{"number":1,"rule":"-d 10.1.0.100 -j MARK --set-mark 7","origin":"Command"}]}""", json);
        Assert.Equal(rule, JsonSerializer.Deserialize(json, DirectorJson.Default.MarksListing)!.Rules[0].Rule);
        foreach (string wrong in new[] { "-d x -j MARK --set-mark 7", "-d 10.0.0.1,10.0.0.2 -j MARK --set-mark 7" })
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize($$"""{"command":"add-marks","rules":["{{wrong}}"]}""", DirectorJson.Default.CommandBatch.Options.GetTypeInfo(typeof(DirectorCommand))));
    }

    [Fact]
    public void At_every_truncation_it_is_a_rule_or_an_error()
    {
        foreach (string line in Written.Select(row => row.Data.Item1))
        {
            for (int length = 0; length < line.Length; length++)
            {
                bool sound = MarkRule.TryParse(line[..length], out ImmutableArray<MarkRule> rules, out string? error);
                Assert.Equal(sound, error is null);
                Assert.Equal(sound, !rules.IsEmpty);
            }
        }
    }

    private static ImmutableArray<MarkRule> Parse(string text)
    {
        Assert.True(MarkRule.TryParse(text, out ImmutableArray<MarkRule> rules, out string? error), error);
        return rules;
    }
}
