using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Akka.Configuration;
using Director.Actors.Tests;
using Director.Actors.Tests.Forwarding;
using Director.Host.Configuration;
using Director.Host.Life;

namespace Director.Host.Tests.Management;

/// <summary>Akka Management's routes of two whole directords in this process.</summary>
public sealed class ClusterEndpointTests : IAsyncLifetime
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _a = new();
    private readonly TemporaryFolder _b = new();
    private readonly int[] _ports = LoopbackPorts.Free(2);
    private ServingDirector _first = null!;
    private ServingDirector _second = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await ServingDirector.StartAsync(Options(_a, "a", 0), new FakeEngine());
        _second = await ServingDirector.StartAsync(Options(_b, "b", 1), new FakeEngine());
        await BothUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public async Task Members_are_told_as_Akka_Management_tells_them()
    {
        JsonNode members = await GetAsync(_first, "/cluster/members");
        Assert.Equal(Address(0), (string?)members["selfNode"]);
        Assert.Equal([Address(0), Address(1)], members["members"]!.AsArray().Select(member => (string)member!["node"]!).Order(StringComparer.Ordinal));
        Assert.All(members["members"]!.AsArray(), member => Assert.True(int.TryParse((string?)member!["nodeUid"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)));
        Assert.Empty(members["unreachable"]!.AsArray());
        Assert.NotNull(members["leader"]);
        Assert.NotNull(members["oldest"]);

        foreach (string way in new[] { Address(1), Uri.EscapeDataString(Address(1)), Address(1)["akka.tcp://".Length..] })
            Assert.Equal(Address(1), (string?)(await GetAsync(_first, $"/cluster/members/{way}"))["node"]);
        JsonNode seeds = await GetAsync(_second, "/bootstrap/seed-nodes");
        Assert.Equal(Address(1), (string?)seeds["selfNode"]);
        Assert.Equal(2, seeds["seedNodes"]!.AsArray().Count);
        Assert.True(seeds["seedNodes"]![0]!["nodeUid"]!.GetValue<int>() is not 0);
        Assert.Equal(["b"], (await GetAsync(_first, "/api/v1/status"))["peers"]!.AsArray().Select(peer => (string)peer!["name"]!));
    }

    [Fact]
    public async Task Events_begin_with_how_things_are_and_go_on_with_what_changes()
    {
        using StreamReader all = new(await _first.Local.GetStreamAsync("/cluster/domain-events?type=MemberEvent", TestContext.Current.CancellationToken));
        List<string> seen = [];
        while (!seen.Any(line => line.StartsWith("data:", StringComparison.Ordinal) && line.Contains(Address(1), StringComparison.Ordinal)))
            seen.Add((await LineAsync(all))!);
        Assert.Contains("event:MemberUp", seen);
        Assert.Contains("longUid", seen[^1], StringComparison.Ordinal);
        using HttpResponseMessage left = await SendAsync(_second, HttpMethod.Delete, $"/cluster/members/{Address(1)}");
        Assert.Equal((HttpStatusCode.OK, $"Leaving {Address(1)}"), await MessageAsync(left));
        string? line;
        do
            line = await LineAsync(all);
        while (line != "event:MemberRemoved");
        Assert.Contains("previousStatus", await LineAsync(all), StringComparison.Ordinal);

        // It stays outside until it is told to join.
        await Eventually.TrueAsync(() => Members(_second) == 0, Promise);
        HttpStatusCode joined;
        do
        {
            using HttpResponseMessage answer = await SendAsync(_second, HttpMethod.Post, "/cluster/members", ("address", Address(0)));
            joined = answer.StatusCode;
        }
        while (joined == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, joined);
        await BothUpAsync();
    }

    [Fact]
    public async Task One_that_is_declared_dead_by_hand_and_lives_is_back_soon()
    {
        using HttpResponseMessage down = await SendAsync(_first, HttpMethod.Put, $"/cluster/members/{Address(1)}", ("operation", "down"));
        Assert.Equal((HttpStatusCode.OK, $"Downing {Address(1)}"), await MessageAsync(down));
        await Eventually.TrueAsync(() => Members(_first) == 1, Promise);
        await BothUpAsync();
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        using HttpResponseMessage operation = await SendAsync(_first, HttpMethod.Put, $"/cluster/members/{Address(1)}", ("operation", "dance"));
        Assert.Equal((HttpStatusCode.BadRequest, "Operation not supported"), await MessageAsync(operation));
        using HttpResponseMessage stranger = await SendAsync(_first, HttpMethod.Delete, "/cluster/members/akka.tcp://director@10.9.9.9:4053");
        Assert.Equal((HttpStatusCode.NotFound, "Member [akka.tcp://director@10.9.9.9:4053] not found"), await MessageAsync(stranger));
        using HttpResponseMessage nowhere = await SendAsync(_first, HttpMethod.Post, "/cluster/members", ("adress", "x"));
        Assert.Equal(HttpStatusCode.BadRequest, nowhere.StatusCode);
        using HttpResponseMessage shutdown = await SendAsync(_first, HttpMethod.Put, "/cluster", ("operation", "Prepare-for-full-shutdown"));
        Assert.Equal(HttpStatusCode.BadRequest, shutdown.StatusCode);
        using HttpResponseMessage remote = await _first.Remote.DeleteAsync($"/cluster/members/{Address(1)}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, remote.StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_stops_the_start()
    {
        using TemporaryFolder folder = new();
        FakeEngine engine = new();
        StartException failure = await Assert.ThrowsAsync<StartException>(() => ServingDirector.StartAsync(Options(folder, "c", 0), engine));
        Assert.Contains($"cannot listen for other directors on 127.0.0.1, port {_ports[0]}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("in use", failure.Message, StringComparison.Ordinal);
    }

    private DirectorOptions Options(TemporaryFolder folder, string name, int index) => ServingDirector.Options(folder.Path) with
    {
        Name = name,
        Election = new ElectionOptions { Key = "secret" },
        Cluster = new ClusterOptions([Address(0), Address(1)], "127.0.0.1", _ports[index]),
        Akka = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $"akka.remote.dot-netty.tcp {{ hostname = \"127.0.0.1\", port = {_ports[index]} }}")),
    };

    private Task BothUpAsync() => Eventually.TrueAsync(() => Members(_first) == 2 && Members(_second) == 2 && Peers(_first) == 1 && Peers(_second) == 1, Promise);

    private static int Members(ServingDirector director) =>
        Parsed(director, "/cluster/members")["members"]!.AsArray().Count(member => (string?)member!["status"] == "Up");

    private static int Peers(ServingDirector director) => Parsed(director, "/api/v1/status")["peers"]!.AsArray().Count;

    private static JsonNode Parsed(ServingDirector director, string path) => GetAsync(director, path).GetAwaiter().GetResult();

    private static async Task<JsonNode> GetAsync(ServingDirector director, string path) =>
        JsonNode.Parse(await director.Local.GetStringAsync(path, TestContext.Current.CancellationToken))!;

    private static async Task<HttpResponseMessage> SendAsync(ServingDirector director, HttpMethod method, string path, params (string Name, string Value)[] form)
    {
        using HttpRequestMessage request = new(method, path)
        {
            Content = form.Length == 0 ? null : new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        return await director.Local.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<(HttpStatusCode, string?)> MessageAsync(HttpResponseMessage answer) =>
        (answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["message"]);

    private static async Task<string?> LineAsync(StreamReader reader) =>
        await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Promise, TestContext.Current.CancellationToken);

    private string Address(int index) => string.Create(CultureInfo.InvariantCulture, $"akka.tcp://director@127.0.0.1:{_ports[index]}");
}
