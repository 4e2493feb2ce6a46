using Akka.Actor;
using Akka.Configuration;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Tests;

/// <summary>The actors of a director over a journal in a folder of its own, with a fake engine.</summary>
internal sealed class RunningDirector : IAsyncDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private RunningDirector(ActorSystem system, DirectorActors actors, LiveDirector live)
    {
        System = system;
        Actors = actors;
        Live = live;
    }

    public ActorSystem System { get; }

    public DirectorActors Actors { get; }

    public LiveDirector Live { get; }

    /// <summary>Starts and waits until it serves.</summary>
    public static async Task<RunningDirector> StartAsync(
        string journal, FakeEngine? engine, int snapshotEvery = DirectorActors.SnapshotEvery, EngineConfiguration? configuration = null, Capabilities? capabilities = null, params MarkRule[] marks)
    {
        JournalFile.Prepare(journal);
        Config config = ConfigurationFactory.ParseString("akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off }");
        ActorSystem system = ActorSystem.Create("director", config.WithFallback(JournalHocon.For(journal)));
        LiveDirector live = new();
        DirectorActors actors = DirectorActors.Start(
            system, configuration ?? new EngineConfiguration { Interfaces = ["eth0"] }, election: null, live, capabilities ?? Capabilities.Recorded, [], [.. marks], snapshotEvery);
        RunningDirector running = new(system, actors, live);
        JournalRead read = await actors.Services.Ask<JournalRead>(new AwaitJournal(), Long);
        if (read.Failure is not null)
        {
            await running.DisposeAsync();
            throw new InvalidOperationException("the journal was not read", read.Failure);
        }
        if (engine is not null)
        {
            actors.Forwarding.Tell(new EngineUp(engine, () => engine.Serves));
            await actors.Forwarding.Ask<EngineAttached>(new AwaitEngine(), Long);
        }
        return running;
    }

    public Task<CommandBatchResult> ExecuteAsync(params DirectorCommand[] commands) =>
        Actors.Services.Ask<CommandBatchResult>(new Execute(new CommandBatch(commands)), Long);

    public async ValueTask DisposeAsync()
    {
        await System.Terminate();
        System.Dispose();
    }
}
