using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Director.Actors.Services;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Services;

/// <summary>The operator's way through the actors: decide, journal, publish, answer.</summary>
public sealed class TransactionTests : IAsyncLifetime
{
    private const string Web = "tcp 10.1.0.100:80";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();
    private RunningDirector _director = null!;

    public async ValueTask InitializeAsync() => _director = await RunningDirector.StartAsync(_folder.Journal, _engine);

    public async ValueTask DisposeAsync()
    {
        await _director.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_batch_is_one_revision_and_one_update_that_is_live_when_it_is_answered()
    {
        CommandBatchResult answer = await _director.ExecuteAsync(
            new AddService(Service(Web)), new AddServer(Key(Web), Server("10.2.0.11:80")), new AddServer(Key(Web), Server("10.2.0.12:80")), new AddService(Service("udp 10.1.0.100:53")));

        Assert.All(answer.Results, result => Assert.Equal(CommandResult.Done, result));
        TableUpdate update = Assert.Single(_engine.Updates, update => !update.Full);
        Assert.Equal((answer.Revision, 2, 0), (update.Revision, update.Changed.Length, update.Removed.Length));
        Assert.Equal(["10.2.0.11", "10.2.0.12"], update.Changed[0].Servers.Select(server => server.Address.ToString()));
        Assert.Equal(answer.Revision, _engine.Revision);
    }

    [Fact]
    public async Task Refused_commands_are_answered_in_their_place_and_the_rest_happens()
    {
        CommandBatchResult answer = await _director.ExecuteAsync(
            new AddServer(Key(Web), Server("10.2.0.11:80")),
            new AddService(Service(Web)),
            new AddService(Service(Web, "twos")),
            new AddServer(Key(Web), Server("10.2.0.11:80")),
            new DeleteService(Key("tcp 10.9.9.9:9")));

        Assert.Equal(
            [CommandError.ServiceNotDefined, CommandError.None, CommandError.ServiceExists, CommandError.None, CommandError.NoSuchService],
            answer.Results.Select(result => result.Error));
        Assert.Single(_engine.Table);
    }

    [Fact]
    public async Task Nothing_but_refusals_changes_nothing()
    {
        ulong before = (await _director.ExecuteAsync(new AddService(Service(Web)))).Revision;
        int updates = _engine.Updates.Count;
        CommandBatchResult answer = await _director.ExecuteAsync(new AddService(Service(Web)));
        Assert.Equal((before, updates), (answer.Revision, _engine.Updates.Count));
    }

    [Fact]
    public async Task Clear_takes_what_the_same_batch_added_before_it_and_not_after()
    {
        await _director.ExecuteAsync(new AddService(Service("tcp 10.1.0.1:1")));
        await _director.ExecuteAsync(new AddService(Service("tcp 10.1.0.1:2")), new Clear(), new AddService(Service("tcp 10.1.0.1:3")));
        Assert.Equal("tcp 10.1.0.1:3", Assert.Single(_engine.Table).Key.ToString());
    }

    [Fact]
    public async Task A_service_deleted_and_added_again_in_one_batch_is_a_new_one_for_the_engine()
    {
        await _director.ExecuteAsync(new AddService(Service(Web)));
        await _director.ExecuteAsync(new DeleteService(Key(Web)), new AddService(Service(Web, "rr")));
        TableUpdate update = _engine.Updates.Last();
        Assert.Equal(Key(Web), Assert.Single(update.Removed));
        Assert.Equal("rr", Assert.Single(update.Changed).Scheduler);
    }

    [Fact]
    public async Task Concurrent_commands_share_revisions_and_none_is_lost()
    {
        Task<CommandBatchResult>[] asked = [.. Enumerable.Range(1, 200).Select(port => _director.ExecuteAsync(new AddService(Service($"tcp 10.1.0.100:{port}"))))];
        CommandBatchResult[] answers = await Task.WhenAll(asked);

        Assert.All(answers, answer => Assert.True(answer.Results[0].Succeeded));
        Assert.Equal(200, _engine.Table.Length);
        Assert.InRange(_engine.Updates.Count, 2, 100);
    }

    [Fact]
    public async Task Zero_goes_to_the_engine_and_leaves_the_revision()
    {
        ulong before = (await _director.ExecuteAsync(new AddService(Service(Web)))).Revision;
        Assert.Equal(before, (await _director.ExecuteAsync(new Zero(Key(Web)), new Zero())).Revision);
        Assert.Equal([$"zero {Web}", "zero "], _engine.Calls.Where(call => call.StartsWith("zero", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_new_VIP_that_another_host_answers_for_is_refused_with_what_to_do()
    {
        _engine.Conflicts = [new AddressConflict(IPAddress.Parse("10.1.0.100"), "eth0", "02:00:00:00:00:99"), new AddressConflict(IPAddress.Parse("10.1.0.101"), "eth1", null)];
        CommandBatchResult answer = await _director.ExecuteAsync(
            new AddService(Service(Web)), new AddService(Service("tcp 10.1.0.101:80")), new AddService(Service("tcp 10.1.0.102:80")), new AddServer(Key(Web), Server("10.2.0.11:80")));

        Assert.Equal([CommandError.AddressInUse, CommandError.AddressInUse, CommandError.None, CommandError.ServiceNotDefined], answer.Results.Select(result => result.Error));
        Assert.Equal("10.1.0.100 is answered by 02:00:00:00:00:99 on eth0: stop that host, or choose another address", answer.Results[0].Detail);
        Assert.Contains("ip address del 10.1.0.101 dev eth1", answer.Results[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_new_VIPs_are_probed()
    {
        await _director.ExecuteAsync(new AddService(Service(Web)));
        await _director.ExecuteAsync(new AddService(Service("tcp 10.1.0.100:81")));
        Assert.Single(_engine.Calls, call => call == "probe 10.1.0.100");
    }

    [Fact]
    public async Task Without_an_engine_commands_are_unavailable_and_nothing_is_written()
    {
        _engine.Serves = false;
        CommandResult answer = (await _director.ExecuteAsync(new AddService(Service(Web)))).Results[0];
        Assert.Equal((CommandError.Unavailable, "the engine is restarting: try again in a moment"), (answer.Error, answer.Detail));

        _engine.Serves = true;
        Assert.True((await _director.ExecuteAsync(new AddService(Service(Web)))).Results[0].Succeeded);
    }

    [Fact]
    public async Task Declared_services_are_applied_once_and_again_when_they_change()
    {
        VirtualService declared = Service(Web, "rr") with { Servers = [Server("10.2.0.11:80"), Server("10.2.0.12:80")] };
        await Declare("1", declared, Service("tcp 10.1.0.100:81"));
        await _director.ExecuteAsync(new EditServer(Key(Web), Server("10.2.0.11:80", weight: 9)), new AddService(Service("tcp 10.1.0.100:99")));

        await Declare("1", declared, Service("tcp 10.1.0.100:81"));
        Assert.Equal(9, _director.Live.Current.Table.Find(Key(Web))!.Servers[0].Weight);

        await Declare("2", declared with { Servers = [Server("10.2.0.11:80"), Server("10.2.0.13:80")] });
        Assert.Equal(["10.2.0.11 1", "10.2.0.13 1"], _director.Live.Current.Table.Find(Key(Web))!.Servers.Select(server => $"{server.Address} {server.Weight}"));
        Assert.Equal([Web, "tcp 10.1.0.100:99"], _director.Live.Current.Table.Services.Select(service => service.Key.ToString()));
    }

    [Fact]
    public async Task A_declaration_that_was_refused_in_part_is_tried_again()
    {
        _engine.Conflicts = [new AddressConflict(IPAddress.Parse("10.1.0.100"), "eth0", null)];
        Assert.False((await Declare("1", Service(Web))).Results[0].Succeeded);
        _engine.Conflicts = [];
        Assert.True((await Declare("1", Service(Web))).Results[0].Succeeded);
        Assert.Single(_engine.Table);
    }

    private Task<CommandBatchResult> Declare(string digest, params ImmutableArray<VirtualService> services) =>
        _director.Actors.Services.Ask<CommandBatchResult>(new Declare(digest, services), TestContext.Current.CancellationToken);
}
