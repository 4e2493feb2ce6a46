using System.Security.Cryptography;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Hosting.Logging;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Link;
using Director.Dataplane.Control;
using Director.Host.Configuration;

namespace Director.Host.Life;

/// <summary>The actor system of the link to other directors, as the configuration has it.</summary>
internal static class ClusterSetup
{
    private static readonly Config Logging = ConfigurationFactory.ParseString("""
        akka {
          loglevel = INFO
          stdout-loglevel = OFF
          loggers = ["Akka.Hosting.Logging.LoggerFactoryLogger, Akka.Hosting"]
        }
        """);

    /// <exception cref="StartException">A certificate cannot be used.</exception>
    public static ClusterSettings Settings(DirectorOptions options, ClusterOptions cluster, ILoggerFactory loggers)
    {
        ActorSystemSetup setup = LinkHocon.Setup(Logging.WithFallback(options.Akka)).And(new LoggerFactorySetup(loggers));
        return new ClusterSettings
        {
            Name = options.Name,
            Version = EngineIdentity.ProductVersion,
            Contacts = [.. cluster.Contacts],
            CreateLink = () => ActorSystem.Create("director", setup),
            Draw = () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
            ConfigurationDigest = options.Services.Length == 0 ? "" : options.ServicesDigest,
            KeyFingerprint = ElectionKey.Fingerprint(options.Election.Key ?? ""),
            Interfaces = [.. options.Engine.Interfaces],
            BeatInterval = Beat(options.Election.AnnounceInterval),
        };
    }

    // Announcements are the quick sign of life; this one is the second.
    private static TimeSpan Beat(TimeSpan announceInterval) =>
        TimeSpan.FromMilliseconds(Math.Clamp(5 * announceInterval.TotalMilliseconds, 200, PeerBeatLimit));

    /// <summary>Several within the silence that makes a peer down.</summary>
    private const double PeerBeatLimit = 500;
}
