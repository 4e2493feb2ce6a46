using Akka.Configuration;
using Director.Actors.Cluster.Wire;

namespace Director.Actors.Cluster.Link;

/// <summary>The configuration of the actor system that speaks with other directors, around what the user's file says of Akka.</summary>
public static class LinkHocon
{
    /// <summary>Port of a file that names none.</summary>
    public const int DefaultPort = 4053;

    // Not to be overridden: directord joins by itself, decides nothing by membership, and ends links by itself. Akka would run its
    // coordinated shutdown whenever a certificate is refused (akka.net#7839): one contact with a wrong one would end the link to all. Then
    // its first phase never ends (ClusterLink).
    private static readonly Config Fixed = ConfigurationFactory.ParseString("""
        akka {
          loglevel = INFO
          stdout-loglevel = OFF
          loggers = []
          actor.provider = cluster
          remote.dot-netty.tcp.tcp-reuse-addr = off
          cluster {
            seed-nodes = []
            downing-provider-class = "Akka.Cluster.NoDowning, Akka.Cluster"
            run-coordinated-shutdown-when-down = off
          }
          coordinated-shutdown {
            run-by-clr-shutdown-hook = off
            run-by-actor-system-terminate = off
            terminate-actor-system = off
            exit-clr = off
            phases.before-service-unbind { timeout = 20 d, recover = off }
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

    /// <param name="user">The whole configuration file.</param>
    public static Config For(Config user) => Fixed.WithFallback(WireSerializer.Hocon).WithFallback(user).WithFallback(Tuned);
}
