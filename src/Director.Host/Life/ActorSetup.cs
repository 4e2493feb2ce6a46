using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Director.Actors;
using Director.Actors.Cluster;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Host.Configuration;

namespace Director.Host.Life;

/// <summary>The actor system <c>director</c> with the journal and the director's actors.</summary>
internal static class ActorSetup
{
    // What the file says of remoting and clustering is for the link to other directors (ClusterSetup).
    private const string Ours = """
        akka {
          actor.provider = local
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          coordinated-shutdown.exit-clr = off
        }
        """;

    public static WebApplicationBuilder AddActors(this WebApplicationBuilder builder, DirectorOptions options, DirectorFiles files, Capabilities capabilities)
    {
        LiveDirector live = new();
        LiveCluster liveCluster = new();
        builder.Services.AddSingleton(live).AddSingleton(liveCluster);
        ClusterSettings? settings = options.Cluster is { } cluster ? ClusterSetup.Settings(options, cluster) : null;
        builder.Services.AddAkka("director", akka => akka
            .ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = Akka.Event.LogLevel.InfoLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddHocon(ConfigurationFactory.ParseString(Ours), HoconAddMode.Prepend)
            .AddHocon(JournalHocon.For(files.Journal), HoconAddMode.Append)
            .AddHocon(options.Akka, HoconAddMode.Append)
            .WithActors((system, registry, resolver) =>
            {
                DirectorActors actors = DirectorActors.Start(system, options.Engine, live, capabilities, [.. options.Warnings], [.. options.Marks]);
                registry.Register<ServicesActor>(actors.Services);
                registry.Register<ForwardingActor>(actors.Forwarding);
                registry.Register<PeersActor>(actors.Peers);
                if (settings is not null)
                {
                    TimeProvider time = resolver.GetService<TimeProvider>();
                    registry.Register<ClusterActor>(system.ActorOf(Props.Create(() => new ClusterActor(settings, liveCluster, actors.Peers, time)), "cluster"));
                }
            }));
        if (options.Cluster is { } link)
            builder.Services.AddSingleton(link).AddHostedService<ClusterLife>();
        return builder;
    }
}
