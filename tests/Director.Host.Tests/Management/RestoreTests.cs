using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Director.Actors.Tests;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Host.Tests.Management;

/// <summary>
/// <c>ipvsadm -R</c> of ten thousand services with three servers each, as the API sees it: one batch, one write, one revision. Run
/// alone, since what is measured is this process's own time: the machine may be busy with other things. Not optimized, with the client
/// in it and on a busy machine, that is up to twice what directord as built needs (the lab's restore has its limits).
/// </summary>
[Collection(nameof(Alone))]
public sealed class RestoreTests : IAsyncLifetime
{
    private const int Services = 10_000;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();
    private ServingDirector _director = null!;

    public async ValueTask InitializeAsync() => _director = await ServingDirector.StartAsync(ServingDirector.Options(_folder.Path), _engine);

    public async ValueTask DisposeAsync()
    {
        await _director.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ten_thousand_services_are_restored_listed_and_cleared_in_time()
    {
        DirectorCommand[] commands = [.. Enumerable.Range(0, Services).SelectMany(CommandsOf)];
        // In the middle: what IPVS refuses and passes over.
        commands = [.. commands[..20_000], new AddService(ServiceOf(17)), new AddService(ServiceOf(Services) with { Scheduler = "no-such" }), new AddServer(KeyOf(Services), ServerOf(1)), .. commands[20_000..]];

        CommandBatchResult answer = await WithinAsync("-R", 30, () => SendAsync(HttpMethod.Post, "/api/v1/commands", new CommandBatch(commands)));
        Assert.Equal([(20_000, CommandError.ServiceExists), (20_001, CommandError.UnknownScheduler), (20_002, CommandError.ServiceNotDefined)],
            answer.Results.Index().Where(each => !each.Item.Succeeded).Select(each => (each.Index, each.Item.Error)));
        TableUpdate update = Assert.Single(_engine.Updates, update => !update.Full);
        Assert.Equal((answer.Revision, Services), (_engine.Revision, update.Changed.Length));
        Assert.All(update.Changed, service => Assert.Equal(3, service.Servers.Length));

        ServicesListing listing = await WithinAsync("-Ln", 15, () => GetAsync("/api/v1/services"));
        Assert.Equal(Enumerable.Range(0, Services).Select(KeyOf), listing.Services.Select(each => each.Service.Key));

        await WithinAsync("-C", 15, () => SendAsync(HttpMethod.Post, "/api/v1/commands", new CommandBatch([new Clear()])));
        Assert.Empty(_engine.Table);
    }

    private static IEnumerable<DirectorCommand> CommandsOf(int number) =>
        [new AddService(ServiceOf(number)), .. Enumerable.Range(0, 3).Select(server => new AddServer(KeyOf(number), ServerOf((3 * number) + server)))];

    private static ServiceKey KeyOf(int number) => ServiceKey.ForAddress(TransportProtocol.Tcp, new IPAddress([10, 1, (byte)(number / 200), (byte)(1 + (number % 200))]), 80);

    private static VirtualService ServiceOf(int number) => new() { Key = KeyOf(number), Scheduler = "wrr" };

    private static RealServer ServerOf(int number) =>
        new() { Address = new IPAddress([10, 2, (byte)(number / 200), (byte)(1 + (number % 200))]), Port = 8080, Weight = 1 + (number % 7), Forwarding = ForwardingMethod.Masquerade };

    // Several times what it takes on a slow machine: what looks through all services for each of them takes minutes.
    private static async Task<T> WithinAsync<T>(string what, int seconds, Func<Task<T>> run)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long start = TimeProvider.System.GetTimestamp();
        T result = await run();
        TimeSpan took = Environment.CpuUsage.TotalTime - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:f0} ms, {took.TotalMilliseconds:f0} ms of processor time");
        Assert.True(took < TimeSpan.FromSeconds(seconds), $"{what} took {took} of processor time");
        return result;
    }

    private async Task<CommandBatchResult> SendAsync(HttpMethod method, string path, CommandBatch batch)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(batch, DirectorJson.Default.CommandBatch)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await _director.Local.SendAsync(request, TestContext.Current.CancellationToken);
        await using Stream body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        return (await JsonSerializer.DeserializeAsync(body, DirectorJson.Default.CommandBatchResult, TestContext.Current.CancellationToken))!;
    }

    private async Task<ServicesListing> GetAsync(string path)
    {
        await using Stream body = await _director.Local.GetStreamAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (await JsonSerializer.DeserializeAsync(body, DirectorJson.Default.ServicesListing, TestContext.Current.CancellationToken))!;
    }
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
