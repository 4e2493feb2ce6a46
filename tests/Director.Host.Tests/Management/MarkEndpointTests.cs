using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Director.Actors.Tests;
using Director.Actors.Tests.Forwarding;
using Director.Host.Configuration;
using Director.Host.Marks;
using Director.Model;

namespace Director.Host.Tests.Management;

/// <summary>Marks and settings over HTTP, on a host whose own iptables mark packets too.</summary>
public sealed class MarkEndpointTests : IAsyncLifetime
{
    private const string Configured = "-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();
    private ServingDirector _director = null!;

    public static TheoryData<string, string, string, int, string> Wrong => new()
    {
        { "POST", "/api/v1/marks", """{"rule":"-d 10.1.0.100 --dport 80 -j MARK --set-mark 7"}""", 400, "--dport: wants -p tcp, -p udp or -p sctp before it" },
        { "POST", "/api/v1/marks", """{"rule":null}""", 400, "$.rule" },
        { "POST", "/api/v1/marks", """{"rule":"-i eth7 -j MARK --set-mark 7"}""", 422, "-i eth7 is none of director.interfaces (eth0)" },
        { "POST", "/api/v1/marks", $$"""{"rule":"{{Configured}}"}""", 409, "it is rule 1 already" },
        { "DELETE", "/api/v1/marks/1", "", 422, "it stands in the configuration" },
        { "DELETE", "/api/v1/marks/5", "", 404, "there is no rule 5; there are 1" },
        { "DELETE", "/api/v1/marks/x", "", 404, "DELETE /api/v1/marks/x" },
        { "DELETE", "/api/v1/marks?rule=-j%20MARK%20--set-mark%209", "", 404, "there is no such rule" },
        { "DELETE", "/api/v1/marks?rule=-j%20DROP", "", 400, "-j: the only target is MARK, not DROP" },
        { "POST", "/api/v1/commands", """{"commands":[{"command":"add-marks","rules":[null]}]}""", 400, "$.commands[0].rules[0]" },
        { "POST", "/api/v1/commands", """{"commands":[{"command":"add-marks","rules":["-d x -j MARK --set-mark 1"]}]}""", 400, "-d: 'x' is not an address" },
        { "PUT", "/api/v1/settings", """{"drop_entry":4}""", 422, "drop_entry is 0 to 3, not 4" },
        { "PUT", "/api/v1/settings", """{"drop_entry":1,"conntrack":1}""", 404, "conntrack has no meaning here" },
        { "PUT", "/api/v1/settings", """{"drop_entry":"x"}""", 400, "$.drop_entry" },
    };

    public async ValueTask InitializeAsync()
    {
        Assert.True(MarkRule.TryParse(Configured, out ImmutableArray<MarkRule> rules, out _));
        DirectorOptions options = ServingDirector.Options(_folder.Path) with { Marks = [.. rules], Settings = new Settings { DropPacket = 1 } };
        _director = await ServingDirector.StartAsync(options, _engine, hostMarks: HostMarks.Parse("""
            *mangle
            -A PREROUTING -d 10.1.0.100/32 -p tcp -m multiport --dports 80,443 -j MARK --set-xmark 0x7/0xffffffff
            -A PREROUTING -d 10.1.0.100/32 -p udp -m udp --dport 53 -j MARK --set-xmark 0x8/0xffffffff
            -A PREROUTING -i eth9 -j MARK --set-xmark 0x9/0xffffffff
            -A PREROUTING -j CONNMARK --restore-mark
            COMMIT
            """, AddressFamily.InterNetwork));
    }

    public async ValueTask DisposeAsync()
    {
        await _director.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_makes_no_sense_is_a_problem_and_changes_nothing(string method, string path, string body, int status, string where)
    {
        ulong before = _engine.Revision;
        (int answered, string text) = await SendAsync(method, path, body);
        Assert.True(status == answered, text);
        Assert.Contains(where, JsonSerializer.Deserialize(text, DirectorJson.Default.Problem)!.Detail ?? "", StringComparison.Ordinal);
        Assert.Equal(before, _engine.Revision);
        Assert.Equal(["1 Configuration " + Configured], await ListAsync());
    }

    [Fact]
    public async Task Rules_are_added_listed_and_deleted()
    {
        (int status, string text) = await SendAsync("POST", "/api/v1/marks", """{"rule":"iptables -t mangle -A PREROUTING -d 10.1.0.101,10.1.0.102 -j MARK --set-mark 0x8"}""");
        Assert.True(status == 201, text);
        string[] all = ["1 Configuration " + Configured, "2 Command -d 10.1.0.101 -j MARK --set-mark 8", "3 Command -d 10.1.0.102 -j MARK --set-mark 8"];
        Assert.Equal(all, Lines(text));
        Assert.Equal(all, await ListAsync());
        Assert.Equal(all.Select(line => line[(line.IndexOf('-', StringComparison.Ordinal))..]), _engine.Marks.Select(rule => rule.ToString()));

        Assert.Equal(204, (await SendAsync("DELETE", "/api/v1/marks?rule=-d%2010.1.0.102%20-j%20MARK%20--set-mark%208")).Status);
        Assert.Equal(all[..2], await ListAsync());
        Assert.Equal(204, (await SendAsync("DELETE", "/api/v1/marks/2")).Status);
        Assert.Equal(all[..1], await ListAsync());
        await SendAsync("POST", "/api/v1/marks", """{"rule":"-p icmp -j MARK --set-mark 1"}""");
        Assert.Equal(204, (await SendAsync("DELETE", "/api/v1/marks")).Status);
        Assert.Equal(all[..1], await ListAsync());
    }

    [Fact]
    public async Task The_hosts_own_rules_are_taken_over()
    {
        const string expected = """
            {"added":["-d 10.1.0.100 -p udp --dport 53 -j MARK --set-mark 8"],"known":["-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"],
            "left":[{"line":"-A PREROUTING -j CONNMARK --restore-mark","reason":"-j: the only target is MARK, not CONNMARK"},
            {"line":"-4 -i eth9 -j MARK --set-mark 9","reason":"-i eth9 is none of director.interfaces (eth0)"}]}
            """;
        Assert.Equal((200, expected.ReplaceLineEndings("")), await SendAsync("POST", "/api/v1/marks/import", """{"dryRun":true}"""));
        Assert.Single(await ListAsync());
        Assert.Equal((200, expected.ReplaceLineEndings("")), await SendAsync("POST", "/api/v1/marks/import", "{}"));
        Assert.Equal(["1 Configuration " + Configured, "2 Command -d 10.1.0.100 -p udp --dport 53 -j MARK --set-mark 8"], await ListAsync());
        (_, string again) = await SendAsync("POST", "/api/v1/marks/import", "{}");
        Assert.StartsWith("{\"added\":[],", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_rules_that_are_meant_for_the_director_are_warned_about_until_it_has_them()
    {
        Assert.Empty(await WarningsAsync());
        await SendAsync("POST", "/api/v1/services", """{"key":"fwmark 8"}""");
        string[] warnings;
        // The host is looked at in the background.
        while ((warnings = await WarningsAsync()).Length == 0)
            await Task.Yield();
        Assert.Equal(
            ["the host's own iptables mark packets of the director (1 rules in mangle/PREROUTING, such as -d 10.1.0.100 -p udp --dport 53 -j MARK --set-mark 8), "
                + "but the director takes them first: take the rules over with director mark import"],
            warnings);
        await SendAsync("POST", "/api/v1/marks/import", "{}");
        Assert.Empty(await WarningsAsync());
    }

    [Fact]
    public async Task Settings_are_read_and_changed()
    {
        (int status, string text) = await SendAsync("PUT", "/api/v1/settings", """{"expire_nodest_conn":1,"drop_packet":0}""");
        Assert.True(status == 200, text);
        Assert.Equal(new Settings { ExpireNodestConn = true }, _engine.Settings);
        Assert.Equal((200, text), await SendAsync("GET", "/api/v1/settings"));
        Assert.StartsWith("""{"am_droprate":10,"amemthresh":1024,"cache_bypass":0,""", text, StringComparison.Ordinal);
        Assert.Contains("\"expire_nodest_conn\":1", text, StringComparison.Ordinal);
    }

    private async Task<string[]> ListAsync() => Lines((await SendAsync("GET", "/api/v1/marks")).Text);

    private static string[] Lines(string listing) =>
        [.. JsonSerializer.Deserialize(listing, DirectorJson.Default.MarksListing)!.Rules.Select(entry => $"{entry.Number} {entry.Origin} {entry.Rule}")];

    private async Task<string[]> WarningsAsync() =>
        JsonSerializer.Deserialize((await SendAsync("GET", "/api/v1/status")).Text, DirectorJson.Default.DirectorStatus)!.Engine.Warnings;

    private async Task<(int Status, string Text)> SendAsync(string method, string path, string body = "")
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body.Length > 0)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _director.Local.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
