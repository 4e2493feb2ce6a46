using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Director.Actors;
using Director.Actors.Election;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Dataplane.Control;
using Director.Host.Configuration;

namespace Director.Host.Life;

/// <summary>The actor system <c>director</c> with the journal and the director's actors.</summary>
internal static class ActorSetup
{
    // Alone for now: whatever the file says of remoting and clustering, nothing of it starts.
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
        builder.Services.AddSingleton(live);
        LiveElection election = new();
        builder.Services.AddSingleton(election);
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
            .WithActors((system, registry) =>
            {
                DirectorActors actors = DirectorActors.Start(system, options.Engine, Candidacy(options), live, capabilities, [.. options.Warnings], [.. options.Marks]);
                registry.Register<ServicesActor>(actors.Services);
                registry.Register<ForwardingActor>(actors.Forwarding);
                registry.Register<ElectionActor>(system.ActorOf(
                    Props.Create(() => new ElectionActor(options.Name, actors.Peers, live, election)), "election"));
            }));
        return builder;
    }

    private static ElectionConfiguration? Candidacy(DirectorOptions options) => options.Election is not { } election ? null : new ElectionConfiguration
    {
        Id = DirectorId.Of(options.Name),
        Priority = (byte)election.Priority,
        Preempt = election.Preempt,
        AnnounceInterval = (uint)election.AnnounceInterval.TotalMicroseconds,
        MissedAnnouncements = (byte)election.MissedAnnouncements,
        Address = election.Address,
        Key = Encoding.UTF8.GetBytes(election.Key),
        EpochFile = Path.GetFullPath(Path.Combine(options.DataDirectory, "epoch")),
        Peers = (byte)election.Peers,
        TrackAddresses = election.TrackAddresses ?? [],
        TrackAutomatically = election.TrackAddresses is null,
    };
}
