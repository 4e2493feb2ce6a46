using Akka.Actor;
using Akka.Hosting;
using Director.Actors.Cluster;
using Director.Host.Configuration;

namespace Director.Host.Life;

/// <summary>
/// Begins to listen for other directors before anything is forwarded, so that a port that is taken stops the start; and takes leave
/// of them as the last thing.
/// </summary>
internal sealed class ClusterLife(ClusterOptions options, IRequiredActor<ClusterActor> cluster, ILogger<ClusterLife> log) : IHostedService
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ClusterStarted started = await cluster.ActorRef.Ask<ClusterStarted>(new AwaitCluster(), StartPatience, cancellationToken);
        if (started.Failure is { } failure)
            throw new StartException($"cannot listen for other directors on {options.Hostname}, port {options.Port}: {failure}");
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await cluster.ActorRef.Ask<ClusterStopped>(new StopCluster("it stops"), StopPatience, cancellationToken);
        }
        catch (Exception e) when (e is AskTimeoutException or OperationCanceledException)
        {
            log.LogInformation("the cluster was left without its consent: {Reason}", e.Message);
        }
    }
}
