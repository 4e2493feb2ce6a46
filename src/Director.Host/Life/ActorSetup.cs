using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Director.Actors;
using Director.Actors.Cluster;
using Director.Actors.ConnectionSync;
using Director.Actors.Election;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Dataplane.Control;
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
        LiveReplication replicas = new();
        LiveElection election = new();
        LiveCluster liveCluster = new();
        builder.Services.AddSingleton(live).AddSingleton(replicas).AddSingleton(election).AddSingleton(liveCluster);
        ClusterSettings? settings = options.Cluster is { } cluster ? ClusterSetup.Settings(options, cluster) : null;
        builder.Services.AddAkka("director", akka => akka
            .ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = Akka.Event.LogLevel.InfoLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddHocon(ConfigurationFactory.ParseString(Ours), HoconAddMode.Prepend)
            .AddHocon(JournalHocon.For(files.Store), HoconAddMode.Append)
            .AddHocon(options.Akka, HoconAddMode.Append)
            .WithActors((system, registry, resolver) =>
            {
                DirectorActors actors = DirectorActors.Start(
                    options.Name, files.Store, system, options.Engine, Candidacy(options), live, replicas, capabilities, [.. options.Warnings], [.. options.Marks]);
                registry.Register<ServicesActor>(actors.Services);
                registry.Register<ForwardingActor>(actors.Forwarding);
                registry.Register<ReplicationActor>(actors.Replication);
                registry.Register<PeersActor>(actors.Peers);
                IActorRef electing = system.ActorOf(Props.Create(() => new ElectionActor(options.Name, actors.Peers, live, election)), "election");
                registry.Register<ElectionActor>(electing);
                electing.Tell(new SubscribeOwner(actors.Replication));
                SyncOptions sync = new(options.Name, options.ConnectionSync.Strict, options.ConnectionSync.StrictTimeout);
                registry.Register<SyncLinkActor>(system.ActorOf(Props.Create(() => new SyncLinkActor(sync, actors.Peers, electing)), SyncLinkActor.Name));
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

    private static ElectionConfiguration? Candidacy(DirectorOptions options) => options.Cluster is not { } cluster ? null : new ElectionConfiguration
    {
        Id = DirectorId.Of(options.Name),
        Priority = options.Election.Priority,
        Preempt = options.Election.Preempt,
        AnnounceInterval = (uint)options.Election.AnnounceInterval.TotalMicroseconds,
        MissedAnnouncements = (byte)options.Election.MissedAnnouncements,
        Address = options.Election.Address,
        Key = Encoding.UTF8.GetBytes(options.Election.Key!),
        EpochFile = DataDirectory.EpochFileIn(options.DataDirectory),
        Peers = (byte)Math.Min(7, cluster.Contacts.Count(contact => !contact.EndsWith($"@{cluster.Hostname}:{cluster.Port}", StringComparison.Ordinal))),
        TrackAddresses = options.Election.TrackAddresses ?? [],
        TrackAutomatically = options.Election.TrackAddresses is null,
    };
}
