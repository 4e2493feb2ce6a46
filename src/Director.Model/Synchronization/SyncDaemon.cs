using System.Net;

namespace Director.Model;

/// <summary>Which of IPVS's two sync daemons: the one that tells of connections, or the one that listens.</summary>
public enum SyncRole
{
    Master,
    Backup,
}

/// <summary>
/// A sync daemon as <c>ipvsadm --start-daemon</c> describes it. It is kept and listed; connections between the directors of a pair
/// are synchronized without it (docs/ipvsadm.md).
/// </summary>
/// <param name="Role">There is at most one of each.</param>
/// <param name="Interface"><c>--mcast-interface</c>; empty if none was given.</param>
/// <param name="SyncId"><c>--syncid</c>.</param>
/// <param name="MaxLength"><c>--sync-maxlen</c>, bytes of a message; 0 in a command: as long as the interface lets it be.</param>
/// <param name="Group"><c>--mcast-group</c>; null in a command: 224.0.0.81.</param>
/// <param name="Port"><c>--mcast-port</c>; 0 in a command: 8848.</param>
/// <param name="Ttl"><c>--mcast-ttl</c>; 0 in a command: 1.</param>
public sealed record SyncDaemon(
    SyncRole Role, string Interface, byte SyncId = 0, ushort MaxLength = 0, IPAddress? Group = null, ushort Port = 0, byte Ttl = 0);
