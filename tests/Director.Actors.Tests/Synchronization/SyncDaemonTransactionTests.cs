using Director.Actors.Services;
using Director.Actors.Tests.Forwarding;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Synchronization;

/// <summary>Sync daemons through the actors: journaled, listed, and no business of the engine.</summary>
public sealed class SyncDaemonTransactionTests : IDisposable
{
    private static readonly Capabilities Can = Capabilities.Recorded with { InterfaceMtu = name => name == "eth0" ? 1500 : null };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(5000)]
    [InlineData(1)]
    public async Task What_was_started_is_there_after_a_restart(int snapshotEvery)
    {
        await using (RunningDirector first = await StartAsync(snapshotEvery))
        {
            CommandBatchResult answer = await first.ExecuteAsync(
                new StartDaemon(new SyncDaemon(SyncRole.Master, "eth0")),
                new StartDaemon(new SyncDaemon(SyncRole.Backup, "eth0", 5)),
                new StartDaemon(new SyncDaemon(SyncRole.Backup, "eth0", 6)),
                new AddService(Service()),
                new StopDaemon(SyncRole.Master),
                new StopDaemon(SyncRole.Master),
                new StartDaemon(new SyncDaemon(SyncRole.Master, "eth9")));
            Assert.Equal(
                [CommandError.None, CommandError.None, CommandError.DaemonRuns, CommandError.None, CommandError.None, CommandError.NoDaemon, CommandError.NoSuchDevice],
                answer.Results.Select(result => result.Error));
            // So that a snapshot, if there is any, has been taken.
            await first.ExecuteAsync(new DeleteService(Key("tcp 10.1.0.100:80")));
        }
        await using RunningDirector second = await StartAsync(snapshotEvery);
        SyncDaemon daemon = Assert.Single(second.Live.Current.Table.Daemons.All);
        Assert.Equal((SyncRole.Backup, "eth0", 5), (daemon.Role, daemon.Interface, (int)daemon.SyncId));
        Assert.Empty(second.Live.Current.Table.Services);
    }

    [Fact]
    public async Task The_engine_hears_of_nothing_but_a_revision()
    {
        FakeEngine engine = new();
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, engine, capabilities: Can);
        int calls = engine.Calls.Count;
        CommandBatchResult answer = await director.ExecuteAsync(new StartDaemon(new SyncDaemon(SyncRole.Master, "eth0")));
        Assert.Equal(["delta"], engine.Calls.Skip(calls));
        Assert.Equal(answer.Revision, engine.Revision);
    }

    private Task<RunningDirector> StartAsync(int snapshotEvery) =>
        RunningDirector.StartAsync(_folder.Journal, new FakeEngine(), snapshotEvery, capabilities: Can);
}
