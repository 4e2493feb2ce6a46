using Akka.Actor;
using Akka.Hosting;
using Director.Actors.Election;
using Director.Actors.Forwarding;
using Director.Actors.Services;
using Director.Dataplane.Control;
using Director.Host.Configuration;
using Director.Host.Engine;
using Director.Model;

namespace Director.Host.Life;

/// <summary>
/// From a read configuration to a director that serves, and back. Starts after the actors and before the management API, stops
/// in the opposite order: whoever gets an answer from the API gets it from a director that is whole.
/// </summary>
public sealed class DirectorLife(
    DirectorOptions options,
    DirectorFiles files,
    IRequiredActor<ServicesActor> services,
    IRequiredActor<ForwardingActor> forwarding,
    IRequiredActor<ElectionActor> election,
    IEngineSource engine,
    LeaveEngine leave,
    ILogger<DirectorLife> log) : IHostedService
{
    /// <summary>Reading a journal of 10,000 services takes 2 s; a slow disk may take longer.</summary>
    private static readonly TimeSpan JournalPatience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (string warning in options.Warnings)
            log.LogWarning("{Warning}", warning);
        try
        {
            // The journal is read while the engine starts.
            Task<JournalRead> reading = services.ActorRef.Ask<JournalRead>(new AwaitJournal(), JournalPatience, cancellationToken);
            Task attaching = AttachAsync(cancellationToken);
            if ((await reading).Failure is { } failure)
                throw new StartException($"journal {files.Journal} cannot be read: {failure.Message}. Nothing was changed", failure);
            await attaching;
            await DeclareAsync(cancellationToken);
        }
        catch
        {
            await StopEngineAsync(engine.UndoOpenAsync, cancellationToken);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (leave.Requested)
        {
            log.LogInformation("the engine goes on forwarding for the next directord");
            return;
        }
        await StopEngineAsync(engine.StopAsync, cancellationToken);
    }

    private async Task StopEngineAsync(Func<CancellationToken, Task> stop, CancellationToken cancellation)
    {
        try
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(StopPatience);
            await stop(patience.Token);
        }
        catch (Exception e) when (e is EngineException or OperationCanceledException)
        {
            log.LogWarning("the engine did not stop: {Reason}", e.Message);
        }
    }

    private async Task AttachAsync(CancellationToken cancellation)
    {
        EngineUp up = await engine.OpenAsync(() => forwarding.ActorRef.Tell(new Resync()), occurred => election.ActorRef.Tell(occurred), cancellation);
        forwarding.ActorRef.Tell(up);
        EngineAttached attached = await forwarding.ActorRef.Ask<EngineAttached>(new AwaitEngine(), JournalPatience, cancellation);
        if (attached.Failure is { } failure)
            throw new StartException(failure);
    }

    private async Task DeclareAsync(CancellationToken cancellation)
    {
        CommandBatchResult answer = await services.ActorRef.Ask<CommandBatchResult>(
            new Declare(options.ServicesDigest, [.. options.Services]) { Settings = options.Settings }, JournalPatience, cancellation);
        foreach (CommandResult refused in answer.Results.Where(result => !result.Succeeded))
            log.LogError("a declared service was not applied: {Error} {Detail}", refused.Error, refused.Detail);
    }
}

/// <summary>Set by SIGUSR2: end, but leave the engine forwarding.</summary>
public sealed class LeaveEngine
{
    public bool Requested { get; set; }
}

/// <summary>The files that this director holds.</summary>
public sealed record DirectorFiles(string Journal);
