using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Director.Actors.Tests;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Host.Tests.Management;

/// <summary>
/// <c>ipvsadm -R</c> of ten thousand services with three servers each, as the API sees it: one batch, one write, one revision. What
/// looks through all services for each of them shows beside a tenth of them, on whatever machine. Run alone, since what is measured is
/// this process's own time.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RestoreTests : IAsyncLifetime
{
    private const int Services = 10_000;
    private const int Few = 1_000;

    // The larger table meets more garbage collections and colder caches.
    private const double Slack = 3;

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
    public async Task Ten_thousand_services_take_ten_times_as_long_as_a_thousand_and_not_much_more()
    {
        await CycleAsync(Few); // compiled now
        Cycle few = await CycleAsync(Few), many = await CycleAsync(Services);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Few}: {few}\n{Services}: {many}");
        AssertInProportion("-R", few.Restore, many.Restore);
        AssertInProportion("-Ln", few.List, many.List);
        AssertInProportion("-C", few.Clear, many.Clear);
    }

    // Restored, listed and cleared again: the processor time of each.
    private async Task<Cycle> CycleAsync(int services)
    {
        DirectorCommand[] commands = [.. Enumerable.Range(0, services).SelectMany(CommandsOf)];
        // In the middle: what IPVS refuses and passes over.
        int middle = commands.Length / 2;
        commands =
        [
            .. commands[..middle], new AddService(ServiceOf(17)), new AddService(ServiceOf(services) with { Scheduler = "no-such" }),
            new AddServer(KeyOf(services), ServerOf(1)), .. commands[middle..],
        ];
        int updates = _engine.Updates.Count;

        (CommandBatchResult answer, TimeSpan restore) = await MeasureAsync(() => SendAsync(HttpMethod.Post, "/api/v1/commands", new CommandBatch(commands)));
        Assert.Equal([(middle, CommandError.ServiceExists), (middle + 1, CommandError.UnknownScheduler), (middle + 2, CommandError.ServiceNotDefined)],
            answer.Results.Index().Where(each => !each.Item.Succeeded).Select(each => (each.Index, each.Item.Error)));
        TableUpdate update = Assert.Single(_engine.Updates.Skip(updates), update => !update.Full);
        Assert.Equal((answer.Revision, services), (_engine.Revision, update.Changed.Length));
        Assert.All(update.Changed, service => Assert.Equal(3, service.Servers.Length));

        (ServicesListing listing, TimeSpan list) = await MeasureAsync(() => GetAsync("/api/v1/services"));
        Assert.Equal(Enumerable.Range(0, services).Select(KeyOf), listing.Services.Select(each => each.Service.Key));

        (_, TimeSpan clear) = await MeasureAsync(() => SendAsync(HttpMethod.Post, "/api/v1/commands", new CommandBatch([new Clear()])));
        Assert.Empty(_engine.Table);
        return new Cycle(restore, list, clear);
    }

    private static void AssertInProportion(string what, TimeSpan few, TimeSpan many) =>
        Assert.True(many < Slack * (Services / Few) * few, $"{what} took {few} of processor time for {Few} services and {many} for {Services}");

    private static IEnumerable<DirectorCommand> CommandsOf(int number) =>
        [new AddService(ServiceOf(number)), .. Enumerable.Range(0, 3).Select(server => new AddServer(KeyOf(number), ServerOf((3 * number) + server)))];

    private static ServiceKey KeyOf(int number) => ServiceKey.ForAddress(TransportProtocol.Tcp, new IPAddress([10, 1, (byte)(number / 200), (byte)(1 + (number % 200))]), 80);

    private static VirtualService ServiceOf(int number) => new() { Key = KeyOf(number), Scheduler = "wrr" };

    private static RealServer ServerOf(int number) =>
        new() { Address = new IPAddress([10, 2, (byte)(number / 200), (byte)(1 + (number % 200))]), Port = 8080, Weight = 1 + (number % 7), Forwarding = ForwardingMethod.Masquerade };

    private static async Task<(T Result, TimeSpan Took)> MeasureAsync<T>(Func<Task<T>> run)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        T result = await run();
        return (result, Environment.CpuUsage.TotalTime - before);
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

    private sealed record Cycle(TimeSpan Restore, TimeSpan List, TimeSpan Clear);
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
