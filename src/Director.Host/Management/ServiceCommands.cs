using Akka.Actor;
using Akka.Hosting;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;

namespace Director.Host.Management;

/// <summary>Every write of the API goes this way: as a batch of commands, to the services here or at the owner, answered when it is live.</summary>
internal sealed class ServiceCommands(IRequiredActor<ServicesActor> services, IRequiredActor<ReplicationActor> replication)
{
    /// <summary>A probe, a write to the disk, an engine that restarts meanwhile: seconds at worst.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Task<CommandBatchResult> ExecuteAsync(CommandBatch batch, CancellationToken cancellation) =>
        replication.ActorRef.Ask<CommandBatchResult>(new Execute(batch), Patience, cancellation);

    /// <summary>One command as a request of its own: <paramref name="success"/>, or the problem.</summary>
    public async Task<IResult> ExecuteAsync(DirectorCommand command, HttpContext context, Func<IResult> success)
    {
        CommandBatchResult answer = await ExecuteAsync(new CommandBatch([command]), context.RequestAborted);
        context.Response.Headers["Director-Revision"] = answer.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return answer.Results[0].Succeeded ? success() : Problems.Of(answer.Results[0]);
    }

    public void Observed(Observed seen) => services.ActorRef.Tell(seen);
}
