using System.Net;
using Director.Cli.Transport;
using Director.Model;

namespace Director.Cli.Tests.Transport;

public sealed class DirectorApiClientTests
{
    [Fact]
    public async Task A_batch_is_posted_and_its_answer_read()
    {
        await using CannedServer server = new(CannedServer.Json("""{"results":[{"error":"NoSuchService","detail":"x"},{"error":"None"}],"revision":7}"""));
        using DirectorApiClient director = new(server.Path);
        CommandBatchResult result = await director.ExecuteAsync(new CommandBatch([new Zero(ServiceKey.ForMark(7)), new Clear()]));
        Assert.Equal([new CommandResult(CommandError.NoSuchService, "x"), CommandResult.Done], result.Results);
        Assert.Equal(7UL, result.Revision);
        string request = await server.Request;
        Assert.StartsWith("POST /api/v1/commands HTTP/1.1\r\n", request);
        Assert.Contains("\r\nContent-Type: application/json\r\n", request);
        Assert.EndsWith("""{"commands":[{"command":"zero","service":"fwmark 7"},{"command":"clear"}]}""", request);
    }

    [Fact]
    public async Task Connections_are_read_as_they_come()
    {
        const string one = """{"protocol":"Tcp","expires":60,"state":"SYN_RECV","client":"10.1.0.2","clientPort":5,"virtual":"10.1.0.100","virtualPort":80,"server":"10.2.0.11","serverPort":80}""";
        await using CannedServer server = new("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk("[" + one + ",") + Chunk(one) + Chunk("]") + "0\r\n\r\n");
        using DirectorApiClient director = new(server.Path);
        List<ConnectionEntry> entries = [];
        await foreach (ConnectionEntry entry in director.GetConnectionsAsync())
            entries.Add(entry);
        ConnectionEntry expected = new(TransportProtocol.Tcp, 60, "SYN_RECV", IPAddress.Parse("10.1.0.2"), 5, IPAddress.Parse("10.1.0.100"), 80, IPAddress.Parse("10.2.0.11"), 80);
        Assert.Equal([expected, expected], entries);
        Assert.StartsWith("GET /api/v1/connections HTTP/1.1\r\n", await server.Request);
    }

    [Theory]
    [InlineData("services")]
    [InlineData("timeouts")]
    [InlineData("status")]
    public async Task A_problem_document_is_told(string resource)
    {
        await using CannedServer server = new(CannedServer.Json("""{"title":"Not ready","status":503,"detail":"the journal is being read"}""", 503));
        using DirectorApiClient director = new(server.Path);
        DirectorUnreachableException error = await Assert.ThrowsAsync<DirectorUnreachableException>(() => Get(director, resource));
        Assert.Equal(UnreachableReason.BadAnswer, error.Reason);
        Assert.Equal($"the director at {server.Path} answered: Not ready: the journal is being read", error.Message);
    }

    public static TheoryData<string> BadAnswers =>
    [
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad\r\nContent-Length: 4\r\n\r\nhtml",
        "HTTP/1.1 301 Elsewhere\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        "SSH-2.0-OpenSSH\r\n",
        "",
        CannedServer.Json("null"),
        CannedServer.Json("[]"),
        CannedServer.Json("""{"services":"""),
    ];

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task Whatever_else_answers_is_not_a_director(string answer)
    {
        await using CannedServer server = new(answer);
        using DirectorApiClient director = new(server.Path);
        DirectorUnreachableException error = await Assert.ThrowsAsync<DirectorUnreachableException>(() => director.GetServicesAsync());
        Assert.Equal(UnreachableReason.BadAnswer, error.Reason);
        Assert.StartsWith($"the director at {server.Path} answered: ", error.Message);
    }

    [Fact]
    public async Task Answers_must_be_as_many_as_commands()
    {
        await using CannedServer server = new(CannedServer.Json("""{"results":[],"revision":7}"""));
        using DirectorApiClient director = new(server.Path);
        await Assert.ThrowsAsync<DirectorUnreachableException>(() => director.ExecuteAsync(new CommandBatch([new Clear()])));
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_path()
    {
        using DirectorApiClient director = new("/nonexistent/director.sock");
        DirectorUnreachableException error = await Assert.ThrowsAsync<DirectorUnreachableException>(() => director.GetServicesAsync());
        Assert.Equal(UnreachableReason.NoDirector, error.Reason);
        Assert.Equal("no director at /nonexistent/director.sock (is directord running?)", error.Message);
    }

    private static Task Get(DirectorApiClient director, string resource) => resource switch
    {
        "services" => director.GetServicesAsync(),
        "timeouts" => director.GetTimeoutsAsync(),
        _ => director.GetStatusAsync(),
    };

    private static string Chunk(string text) => $"{text.Length:x}\r\n{text}\r\n";
}
