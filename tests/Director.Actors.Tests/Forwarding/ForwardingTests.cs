using System.Net;
using Akka.Actor;
using Director.Actors.Forwarding;
using Director.Dataplane.Control;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Forwarding;

public sealed class ForwardingTests : IDisposable
{
    private static readonly EngineConfiguration Configuration = new()
    {
        Interfaces = ["eth0"],
        FloatingAddresses = [new FloatingAddress(IPAddress.Parse("10.2.0.254"), 24, "eth1")],
        LocalAddresses = [IPAddress.Parse("10.2.0.200")],
    };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_engine_is_told_everything_before_it_owns_the_addresses()
    {
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, _engine, configuration: Configuration);
        Assert.Equal(["configure", "probe 10.2.0.254,10.2.0.200", "timeouts", "marks", "settings", "full", "own"], _engine.Calls);
        Assert.True(director.Live.Current.Ready);
    }

    [Fact]
    public async Task An_engine_that_comes_later_gets_the_whole_table_at_the_same_revision()
    {
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, _engine);
        ulong revision = (await director.ExecuteAsync(new AddService(Service()))).Revision;
        _engine.Restart();
        _engine.Updates.Clear();
        director.Actors.Forwarding.Tell(new Resync());
        await director.Actors.Forwarding.Ask<EngineAttached>(new AwaitEngine(), TestContext.Current.CancellationToken);

        TableUpdate update = Assert.Single(_engine.Updates);
        Assert.Equal((true, revision, 1), (update.Full, update.Revision, update.Changed.Length));
    }

    [Fact]
    public async Task An_engine_that_refuses_a_delta_gets_the_whole_table()
    {
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, _engine);
        await director.ExecuteAsync(new AddService(Service("tcp 10.1.0.1:1")));
        _engine.RefuseNextDelta = true;
        CommandBatchResult answer = await director.ExecuteAsync(new AddService(Service("tcp 10.1.0.1:2")));

        Assert.True(answer.Results[0].Succeeded);
        Assert.True(_engine.Updates.Last().Full);
        Assert.Equal((2, answer.Revision), (_engine.Table.Length, _engine.Revision));
    }

    [Fact]
    public async Task A_change_that_is_journaled_when_the_engine_fails_is_live_once_another_is_there()
    {
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, _engine);
        await director.ExecuteAsync(new AddService(Service("tcp 10.1.0.1:1")));
        // The address is known, so the first that the round asks of the engine is to apply.
        _engine.Broken = new EngineException("connection reset");
        Task<CommandBatchResult> asked = director.ExecuteAsync(new AddService(Service("tcp 10.1.0.1:2")));
        while (director.Live.Current.Table.Count < 2)
            await Task.Yield();
        _engine.Restart();

        Assert.True((await asked).Results[0].Succeeded);
        Assert.Equal(2, _engine.Table.Length);
    }

    [Fact]
    public async Task A_floating_address_that_this_host_has_configured_stops_the_start()
    {
        _engine.Conflicts = [new AddressConflict(IPAddress.Parse("10.2.0.254"), "eth1", null)];
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, _engine, configuration: Configuration);
        EngineAttached attached = await director.Actors.Forwarding.Ask<EngineAttached>(new AwaitEngine(), TestContext.Current.CancellationToken);
        Assert.StartsWith("floating address 10.2.0.254 is configured on eth1 of this host", attached.Failure, StringComparison.Ordinal);
        Assert.False(_engine.Owner);
        Assert.False(director.Live.Current.Ready);
    }

    [Fact]
    public async Task A_restored_VIP_that_another_host_answers_for_is_warned_of_and_served()
    {
        await using (RunningDirector first = await RunningDirector.StartAsync(_folder.Journal, new FakeEngine()))
            await first.ExecuteAsync(new AddService(Service()));
        _engine.Conflicts = [new AddressConflict(IPAddress.Parse("10.1.0.100"), "eth0", "02:00:00:00:00:99")];
        await using RunningDirector second = await RunningDirector.StartAsync(_folder.Journal, _engine);

        Assert.Contains("10.1.0.100 is answered by 02:00:00:00:00:99", Assert.Single(second.Live.Current.Warnings), StringComparison.Ordinal);
        Assert.True(_engine.Owner);
    }

    [Fact]
    public async Task An_engine_that_refuses_its_configuration_says_why()
    {
        _engine.Broken = new EngineException("interface eth0 does not exist");
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, _engine);
        EngineAttached attached = await director.Actors.Forwarding.Ask<EngineAttached>(new AwaitEngine(), TestContext.Current.CancellationToken);
        Assert.Equal("interface eth0 does not exist", attached.Failure);
        Assert.Equal("interface eth0 does not exist", director.Live.Current.Trouble);
    }
}
