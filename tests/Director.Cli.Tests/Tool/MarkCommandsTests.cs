using System.CommandLine;
using Director.Cli.Tests.Transport;
using Director.Cli.Tool;

namespace Director.Cli.Tests.Tool;

public sealed class MarkCommandsTests
{
    private const string Done = """{"results":[{"error":"None"}],"revision":7}""";

    private const string Listing = """
        {"rules":[{"number":1,"rule":"-d 10.1.0.100 -j MARK --set-mark 7","origin":"Configuration"},
        {"number":2,"rule":"-p icmp -j MARK --set-mark 8","origin":"Command","warning":"it marks only icmp, which no service balances"}]}
        """;

    /// <summary>Words as a shell cuts them, parted by a bar; what the director is sent.</summary>
    public static TheoryData<string, string> Sent => new()
    {
        {
            "mark|add|-d|10.1.0.100|-p|tcp|-m|multiport|--dport|80,443|-j|MARK|--set-mark|0x7",
            """{"commands":[{"command":"add-marks","rules":["-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"]}]}"""
        },
        { "mark|add|!|-s|10.0.0.0/8|-i|eth0|-j|MARK|--set-mark|7", """{"commands":[{"command":"add-marks","rules":["! -s 10.0.0.0/8 -i eth0 -j MARK --set-mark 7"]}]}""" },
        {
            "mark|add|-d 10.1.0.1,10.1.0.2 -j MARK --set-mark 7|iptables -t mangle -A PREROUTING -p udp -j MARK --set-mark 8",
            """{"commands":[{"command":"add-marks","rules":["-d 10.1.0.1 -j MARK --set-mark 7","-d 10.1.0.2 -j MARK --set-mark 7","-4 -p udp -j MARK --set-mark 8"]}]}"""
        },
        { "mark|add|-m|comment|--comment|@home now|-j|MARK|--set-mark|7", """{"commands":[{"command":"add-marks","rules":["-m comment --comment \u0022@home now\u0022 -j MARK --set-mark 7"]}]}""" },
        { "mark|delete|3", """{"commands":[{"command":"delete-mark","number":3}]}""" },
        { "mark|delete|-j|MARK|--set-mark|7", """{"commands":[{"command":"delete-marks","rules":["-j MARK --set-mark 7"]}]}""" },
        { "mark|clear", """{"commands":[{"command":"clear-marks"}]}""" },
        { "set|expire_nodest_conn=1|drop_entry=-5", """{"commands":[{"command":"set-settings","values":{"drop_entry":-5,"expire_nodest_conn":1}}]}""" },
    };

    [Theory]
    [MemberData(nameof(Sent))]
    public async Task A_change_is_sent_as_one_command(string words, string body)
    {
        await using CannedServer server = new(CannedServer.Json(Done));
        Assert.Equal((0, "", ""), await RunAsync(server, words));
        Assert.EndsWith(body, await server.Request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mark|add|-d|10.1.0.100|--dport|80|-j|MARK|--set-mark|7", "--dport: wants -p tcp, -p udp or -p sctp before it")]
    [InlineData("mark|add|-d 10.1.0.100 -j MARK --set-mark 7|-d x -j MARK --set-mark 7", "-d: 'x' is not an address (10.1.0.100, 10.1.0.0/16, fd00::/64); names are not looked up")]
    [InlineData("mark|delete|seven", "'seven': an option was expected here, such as -d or --dport")]
    [InlineData("set|drop_entry", "'drop_entry' is not written as NAME=VALUE")]
    [InlineData("set|drop_entry=on", "drop_entry: 'on' is not a whole number")]
    [InlineData("set|drop_entry=1|drop_entry=2", "drop_entry is named twice")]
    public async Task What_is_written_wrong_is_said_and_not_sent(string words, string expected)
    {
        using StringWriter output = new(), errors = new();
        int exitCode = await DirectorTool.Parse(words.Split('|')).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, TestContext.Current.CancellationToken);
        Assert.Equal((2, "", $"director: {expected}\n"), (exitCode, output.ToString(), errors.ToString()));
    }

    [Fact]
    public async Task What_the_director_refuses_is_said_in_its_words()
    {
        await using CannedServer server = new(CannedServer.Json("""{"results":[{"error":"NoSuchMark","detail":"there is no rule 9; there are 2"}],"revision":7}"""));
        Assert.Equal((1, "", "director: there is no rule 9; there are 2\n"), await RunAsync(server, "mark|delete|9"));
    }

    [Fact]
    public async Task The_listing_numbers_the_rules()
    {
        await using CannedServer server = new(CannedServer.Json(Listing));
        Assert.Equal(
            (0, """
                1  configured  -d 10.1.0.100 -j MARK --set-mark 7
                2  added       -p icmp -j MARK --set-mark 8
                               warning: it marks only icmp, which no service balances

                """, ""),
            await RunAsync(server, "mark|list"));
        (_, string json, _) = await RunAsync(server, "mark|list|--json");
        Assert.StartsWith("""{"rules":[{"number":1,"rule":"-d 10.1.0.100 -j MARK --set-mark 7","origin":"Configuration"},""", json, StringComparison.Ordinal);
        await using CannedServer empty = new(CannedServer.Json("""{"rules":[]}"""));
        Assert.Equal((0, "no mark rules\n", ""), await RunAsync(empty, "mark|list"));
    }

    [Theory]
    [InlineData("mark|import", "added", "{\"dryRun\":false}")]
    [InlineData("mark|import|--dry-run", "would add", "{\"dryRun\":true}")]
    public async Task An_import_tells_what_becomes_of_each_rule(string words, string verb, string body)
    {
        await using CannedServer server = new(CannedServer.Json(
            """{"added":["-j MARK --set-mark 7"],"known":["-j MARK --set-mark 8"],"left":[{"line":"-A PREROUTING -j web","reason":"-j: the only target is MARK, not web"}]}"""));
        Assert.Equal(
            (0, $"{verb}: -j MARK --set-mark 7\nknown: -j MARK --set-mark 8\nleft: -A PREROUTING -j web (-j: the only target is MARK, not web)\n", ""),
            await RunAsync(server, words));
        Assert.EndsWith(body, await server.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_of_nothing_says_so()
    {
        await using CannedServer server = new(CannedServer.Json("""{"added":[],"known":[],"left":[]}"""));
        Assert.Equal((0, "the host has no rules in mangle/PREROUTING\n", ""), await RunAsync(server, "mark|import"));
    }

    [Fact]
    public async Task Settings_are_listed_with_default_and_meaning()
    {
        await using CannedServer server = new(CannedServer.Json("""{"am_droprate":20,"from_a_later_version":5,"pmtu_disc":1}"""));
        Assert.Equal(
            (0, """
                setting                    value     default  meaning
                am_droprate                   20          10  drop_packet 3 drops one of so many packets; 0 none
                from_a_later_version           5           ?
                pmtu_disc                      1           1  fragmentation needed for packets with DF that are too big, whatever the method

                """, ""),
            await RunAsync(server, "set"));
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(CannedServer server, string words)
    {
        using StringWriter output = new(), errors = new();
        int exitCode = await DirectorTool.Parse([.. words.Split('|'), "--socket", server.Path])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), errors.ToString());
    }
}
