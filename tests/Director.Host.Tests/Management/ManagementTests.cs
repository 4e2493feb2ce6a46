using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Director.Actors.Tests;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Host.Tests.Management;

public sealed class ManagementTests : IAsyncLifetime
{
    private const string Web = "tcp 10.1.0.100:80";
    private const string Token = "a-token-of-some-length";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();
    private ServingDirector _director = null!;

    public static TheoryData<string, string, string, int, string> Wrong => new()
    {
        { "POST", "/api/v1/commands", "{", 400, "$" },
        { "POST", "/api/v1/commands", "{}", 400, "commands" },
        { "POST", "/api/v1/commands", "null", 400, "null" },
        { "POST", "/api/v1/commands", """{"commands":[null]}""", 400, "$.commands[0]" },
        { "POST", "/api/v1/commands", """{"commands":[{"command":"add-service"}]}""", 400, "$.commands[0]" },
        { "POST", "/api/v1/commands", """{"commands":[{"command":"no-such"}]}""", 400, "$.commands[0]" },
        { "POST", "/api/v1/commands", """{"commands":[{"command":"add-service","service":{"key":"tcp 10.1.0.1000:80"}}]}""", 400, "$.commands[0].service.key" },
        { "POST", "/api/v1/commands", """{"commands":[{"command":"add-server","service":"tcp 10.1.0.1:80","server":{"address":"10.2.0.11","port":65536}}]}""", 400, "$.commands[0].server.port" },
        { "POST", "/api/v1/commands", """{"commands":[{"command":"add-service","service":{"key":"tcp 10.1.0.1:80","servers":[null]}}]}""", 400, "$.commands[0].service.servers[0]" },
        { "POST", "/api/v1/services", """{"key":"tcp 10.1.0.1:80","scheduler":"threes"}""", 422, "no scheduler is called 'threes'" },
        { "POST", "/api/v1/services", """{"key":"tcp 10.1.0.100:80"}""", 409, "" },
        { "POST", "/api/v1/services", """{"key":"tcp 10.1.0.99:80"}""", 409, "ip address del 10.1.0.99 dev eth0" },
        { "PUT", "/api/v1/services/tcp%2010.1.0.100:80", """{"key":"tcp 10.1.0.100:81"}""", 400, "the path names" },
        { "GET", "/api/v1/services/tcp%2010.1.0.9:80", "", 404, "tcp 10.1.0.9:80" },
        { "GET", "/api/v1/services/what", "", 400, "'what' is not a service" },
        { "DELETE", "/api/v1/services/tcp%2010.1.0.9:80", "", 404, "" },
        { "DELETE", "/api/v1/services/tcp%2010.1.0.100:80/servers/10.2.0.99:80", "", 404, "" },
        { "DELETE", "/api/v1/services/tcp%2010.1.0.100:80/servers/x", "", 400, "'x' is not a server" },
        { "POST", "/api/v1/services/tcp%2010.1.0.100:80/servers", """{"address":"224.0.0.1","port":80,"forwarding":"Masquerade"}""", 422, "not a unicast address" },
        { "GET", "/nothing", "", 404, "GET /nothing" },
        { "DELETE", "/api/v1/status", "", 405, "DELETE /api/v1/status" },
    };

    public async ValueTask InitializeAsync()
    {
        string tokenFile = Path.Combine(_folder.Path, "token");
        await File.WriteAllTextAsync(tokenFile, Token);
        File.SetUnixFileMode(tokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _engine.Conflicts = [new AddressConflict(IPAddress.Parse("10.1.0.99"), "eth0", null)];
        _director = await ServingDirector.StartAsync(ServingDirector.Options(_folder.Path) with { TokenFile = tokenFile }, _engine);
        await ExecuteAsync("""{"command":"add-service","service":{"key":"tcp 10.1.0.100:80"}}""", """{"server":{"address":"10.2.0.11","port":80},"service":"tcp 10.1.0.100:80","command":"add-server"}""");
    }

    public async ValueTask DisposeAsync()
    {
        await _director.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_command_leaves_out_has_its_default()
    {
        ServiceListing listed = (await ListAsync()).Services.Single();
        Assert.Equal((Web, "wlc", (byte)128), (listed.Service.Key.ToString(), listed.Service.Scheduler, listed.Service.PrefixLength));
        RealServer server = listed.Service.Servers.Single();
        Assert.Equal((ForwardingMethod.DirectRoute, 1), (server.Forwarding, server.Weight));
    }

    [Fact]
    public async Task A_listing_has_what_the_engine_saw()
    {
        ServiceListing listed = (await ListAsync()).Services.Single();
        Assert.Equal(1ul, listed.Statistics.Connections);
        Assert.Equal((1u, 2u, 7ul), (listed.Servers[0].ActiveConnections, listed.Servers[0].InactiveConnections, listed.Servers[0].Statistics.Connections));
    }

    [Fact]
    public async Task Refused_commands_of_a_batch_are_in_the_answer()
    {
        CommandBatchResult answer = await ExecuteAsync(
            """{"command":"add-service","service":{"key":"tcp 10.1.0.100:80"}}""", """{"command":"add-service","service":{"key":"udp 10.1.0.100:53","scheduler":"rr"}}""");
        Assert.Equal([CommandError.ServiceExists, CommandError.None], answer.Results.Select(result => result.Error));
        Assert.Equal(_engine.Revision, answer.Revision);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_makes_no_sense_is_a_problem_and_changes_nothing(string method, string path, string body, int status, string where)
    {
        ulong before = _engine.Revision;
        using HttpResponseMessage answer = await SendAsync(_director.Local, method, path, body);

        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)answer.StatusCode, text);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Problem problem = JsonSerializer.Deserialize(text, DirectorJson.Default.Problem)!;
        Assert.Equal(status, problem.Status);
        Assert.Contains(where, problem.Detail ?? "", StringComparison.Ordinal);
        Assert.Equal(before, _engine.Revision);
        Assert.Single((await ListAsync()).Services);
    }

    [Fact]
    public async Task Resources_are_written_with_the_methods_that_they_suggest()
    {
        await SendAsync(HttpStatusCode.Created, "POST", "/api/v1/services", """{"key":"udp 10.1.0.100:53"}""");
        await SendAsync(HttpStatusCode.NoContent, "PUT", "/api/v1/services/udp%2010.1.0.100%3A53", """{"key":"udp 10.1.0.100:53","scheduler":"rr"}""");
        await SendAsync(HttpStatusCode.Created, "POST", "/api/v1/services/udp%2010.1.0.100:53/servers", """{"address":"10.2.0.11","port":5353,"forwarding":"Masquerade"}""");
        await SendAsync(HttpStatusCode.NoContent, "PUT", "/api/v1/services/udp%2010.1.0.100:53/servers/10.2.0.11:5353", """{"address":"10.2.0.11","port":5353,"forwarding":"Masquerade","weight":0}""");
        VirtualService service = (await ListAsync()).Services[1].Service;
        Assert.Equal(("rr", 0), (service.Scheduler, service.Servers.Single().Weight));

        await SendAsync(HttpStatusCode.NoContent, "DELETE", "/api/v1/services/udp%2010.1.0.100:53/servers/10.2.0.11:5353");
        await SendAsync(HttpStatusCode.NoContent, "DELETE", "/api/v1/services/udp%2010.1.0.100:53");
        await SendAsync(HttpStatusCode.NoContent, "DELETE", "/api/v1/services");
        Assert.Empty((await ListAsync()).Services);
    }

    [Fact]
    public async Task Over_TCP_reading_is_open_and_writing_needs_the_token()
    {
        using HttpResponseMessage read = await SendAsync(_director.Remote, "GET", "/api/v1/services");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using HttpResponseMessage refused = await SendAsync(_director.Remote, "DELETE", "/api/v1/services");
        Assert.Equal((HttpStatusCode.Forbidden, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        _director.Remote.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token + "x");
        using HttpResponseMessage wrong = await SendAsync(_director.Remote, "DELETE", "/api/v1/services");
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        Assert.Single((await ListAsync()).Services);

        _director.Remote.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using HttpResponseMessage allowed = await SendAsync(_director.Remote, "DELETE", "/api/v1/services");
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
    }

    [Fact]
    public async Task Timeouts_are_read_and_changed()
    {
        using HttpResponseMessage answer = await SendAsync(_director.Local, "PUT", "/api/v1/timeouts", """{"tcp":0,"tcpFin":0,"udp":40}""");
        Assert.Equal(new Timeouts(900, 120, 40), JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), DirectorJson.Default.Timeouts));
        Assert.Equal(new Timeouts(900, 120, 40), _engine.Timeouts);
        Assert.Equal("""{"tcp":900,"tcpFin":120,"udp":40}""", await GetAsync("/api/v1/timeouts"));
    }

    [Fact]
    public async Task Every_connection_is_listed()
    {
        _engine.Connections = [.. Enumerable.Range(1, 5).Select(port => new ConnectionEntry(
            TransportProtocol.Tcp, 899, "ESTABLISHED", IPAddress.Parse("10.1.0.2"), (ushort)port, IPAddress.Parse("10.1.0.100"), 80, IPAddress.Parse("10.2.0.11"), 80))];
        ConnectionEntry[] entries = JsonSerializer.Deserialize(await GetAsync("/api/v1/connections"), DirectorJson.Default.ConnectionEntryArray)!;
        Assert.Equal(_engine.Connections, entries);
    }

    [Fact]
    public async Task Status_shows_director_and_engine()
    {
        DirectorStatus status = JsonSerializer.Deserialize(await GetAsync("/api/v1/status"), DirectorJson.Default.DirectorStatus)!;
        Assert.Equal(("a", true, "owner", 1, 1), (status.Name, status.Ready, status.Role, status.Services, status.RealServers));
        Assert.Equal((true, 42), (status.Engine.Connected, status.Engine.ProcessId));
    }

    [Fact]
    public async Task Without_an_engine_the_configuration_is_shown_and_the_director_is_not_ready()
    {
        _engine.Serves = false;
        using HttpResponseMessage ready = await SendAsync(_director.Local, "GET", "/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using HttpResponseMessage connections = await SendAsync(_director.Local, "GET", "/api/v1/connections");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, connections.StatusCode);
        Assert.Single((await ListAsync()).Services);
        DirectorStatus status = JsonSerializer.Deserialize(await GetAsync("/api/v1/status"), DirectorJson.Default.DirectorStatus)!;
        Assert.Equal((false, false), (status.Ready, status.Engine.Connected));
        Assert.Equal("the engine is restarting: try again in a moment", Assert.Single(status.Engine.Warnings));
        Assert.Equal("", await GetAsync("/alive"));
    }

    [Fact]
    public async Task Metrics_are_in_Prometheus_text_format()
    {
        string[] lines = (await GetAsync("/metrics")).Split('\n');
        Assert.Contains("director_engine_up 1", lines);
        Assert.Contains("director_services 1", lines);
        Assert.Contains("""director_dropped_packets_total{reason="NoRoute"} 3""", lines);
        Assert.Contains("""director_interface_received_packets_total{interface="eth0"} 5""", lines);
        Assert.Contains("""director_server_active_connections{service="tcp 10.1.0.100:80",server="10.2.0.11:80"} 1""", lines);
    }

    [Fact]
    public async Task Every_resource_is_described()
    {
        JsonNode description = JsonNode.Parse(await GetAsync("/openapi/v1.json"))!;
        string[] paths = [.. description["paths"]!.AsObject().Select(path => path.Key)];
        Assert.Equal(
            ["/api/v1/commands", "/api/v1/connections", "/api/v1/daemons", "/api/v1/election", "/api/v1/election/failover", "/api/v1/marks", "/api/v1/marks/import", "/api/v1/marks/{number}", "/api/v1/services", "/api/v1/services/{key}", "/api/v1/services/{key}/servers",
                "/api/v1/services/{key}/servers/{endpoint}", "/api/v1/settings", "/api/v1/status", "/api/v1/sync", "/api/v1/timeouts"],
            paths.Where(path => path.StartsWith("/api/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_cluster_is_this_director_alone()
    {
        JsonNode members = JsonNode.Parse(await GetAsync("/cluster/members"))!;
        string self = members["selfNode"]!.GetValue<string>();
        Assert.Equal((self, "Up"), (members["members"]![0]!["node"]!.GetValue<string>(), members["members"]![0]!["status"]!.GetValue<string>()));
        Assert.Contains(self, await GetAsync($"/cluster/members/{Uri.EscapeDataString(self)}"), StringComparison.Ordinal);
        using HttpResponseMessage unknown = await SendAsync(_director.Local, "GET", "/cluster/members/akka.tcp://director@10.9.9.9:4053");
        Assert.Equal("""{"message":"Member [akka.tcp://director@10.9.9.9:4053] not found"}""", await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("seedNodes", await GetAsync("/bootstrap/seed-nodes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        using StreamContent endless = new(new MemoryStream(new byte[33 * 1024 * 1024]));
        endless.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/commands", UriKind.Relative)) { Content = endless };
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage answer = await _director.Local.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private async Task<CommandBatchResult> ExecuteAsync(params string[] commands)
    {
        using HttpResponseMessage answer = await SendAsync(_director.Local, "POST", "/api/v1/commands", $$"""{"commands":[{{string.Join(',', commands)}}]}""");
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize(text, DirectorJson.Default.CommandBatchResult)!;
    }

    private async Task<ServicesListing> ListAsync() => JsonSerializer.Deserialize(await GetAsync("/api/v1/services"), DirectorJson.Default.ServicesListing)!;

    private Task<string> GetAsync(string path) => _director.Local.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private async Task SendAsync(HttpStatusCode expected, string method, string path, string body = "")
    {
        using HttpResponseMessage answer = await SendAsync(_director.Local, method, path, body);
        Assert.True(expected == answer.StatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string body = "")
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body.Length > 0)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
