using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Director.Actors.Cluster.Wire;

namespace Director.Actors.Cluster.Link;

/// <summary>The configuration of the actor system that speaks with other directors, around what the user's file says of Akka.</summary>
public static class LinkHocon
{
    /// <summary>Port of a file that names none.</summary>
    public const int DefaultPort = 4053;

    // Not to be overridden: directord joins by itself, decides nothing by membership, and ends when it ends.
    private static readonly Config Fixed = ConfigurationFactory.ParseString("""
        akka {
          actor.provider = cluster
          remote.dot-netty.tcp.tcp-reuse-addr = off
          cluster {
            seed-nodes = []
            downing-provider-class = "Akka.Cluster.NoDowning, Akka.Cluster"
            run-coordinated-shutdown-when-down = on
          }
          coordinated-shutdown {
            run-by-clr-shutdown-hook = off
            exit-clr = off
            terminate-actor-system = on
            phases {
              cluster-sharding-shutdown-region.timeout = 1 s
              cluster-leave.timeout = 1 s
              cluster-exiting.timeout = 1500 ms
              cluster-exiting-done.timeout = 500 ms
              cluster-shutdown.timeout = 500 ms
            }
          }
        }
        """);

    // Measured: a crashed member is unreachable after 1.5 s, no false alarm in 210 s on a busy machine. A cut that
    // drops packets in silence would hold a connection for minutes (RFC 9293's retransmissions) if it were not closed for silence.
    private static readonly Config Tuned = ConfigurationFactory.ParseString($$"""
        akka {
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          remote {
            log-remote-lifecycle-events = off
            retry-gate-closed-for = 500 ms
            flush-wait-on-shutdown = 500 ms
            transport-failure-detector { heartbeat-interval = 1 s, acceptable-heartbeat-pause = 5 s }
            dot-netty.tcp {
              port = {{DefaultPort}}
              connection-timeout = 1 s
              maximum-frame-size = 1 MiB
              send-buffer-size = 1 MiB
              receive-buffer-size = 1 MiB
            }
          }
          cluster {
            log-info = off
            retry-unsuccessful-join-after = 500 ms
            periodic-tasks-initial-delay = 200 ms
            gossip-interval = 200 ms
            leader-actions-interval = 200 ms
            unreachable-nodes-reaper-interval = 100 ms
            failure-detector {
              heartbeat-interval = 250 ms
              acceptable-heartbeat-pause = 1 s
              expected-response-after = 250 ms
              min-std-deviation = 50 ms
              threshold = 8.0
            }
          }
        }
        """);

    // A contact that is not there would be told twice a second; who is up and down is told by the ClusterActor.
    private static readonly LogFilterBuilder Quiet = new LogFilterBuilder().ExcludeSourceContaining("endpointManager").ExcludeSourceStartingWith("remoting").ExcludeSourceStartingWith("TcpTransport");

    /// <summary>For <see cref="ActorSystem.Create(string, ActorSystemSetup)"/>.</summary>
    /// <param name="user">The whole configuration file.</param>
    public static ActorSystemSetup Setup(Config user) => BootstrapSetup.Create().WithConfig(For(user)).And(Quiet.Build());

    /// <param name="user">The whole configuration file.</param>
    internal static Config For(Config user) => Fixed.WithFallback(WireSerializer.Hocon).WithFallback(user).WithFallback(Tuned);
}
