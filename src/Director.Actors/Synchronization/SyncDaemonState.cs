using System.Net;
using System.Net.Sockets;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Synchronization;

/// <summary>
/// The sync daemons that <c>ipvsadm --start-daemon</c> started, as IPVS 6.1 would have them (start_sync_thread). Directors
/// synchronize without them: what they stand for is always on, so starting and stopping is only remembered.
/// </summary>
public sealed record SyncDaemonState(SyncDaemon? Master = null, SyncDaemon? Backup = null)
{
    public static readonly SyncDaemonState None = new();

    private const ushort DefaultPort = 8848;
    private const int UdpHeaderLength = 8;
    private const int LargestDatagram = 65535;

    /// <summary>A backup's buffer is as large as its interface lets messages be, and never below these.</summary>
    private const int EthernetMtu = 1500;
    private const int LeastBackupLength = 1024;

    private static readonly IPAddress DefaultGroup = new([224, 0, 0, 81]);

    /// <summary>In the order in which ipvsadm lists them.</summary>
    public IEnumerable<SyncDaemon> All => ((SyncDaemon?[])[Master, Backup]).OfType<SyncDaemon>();

    /// <param name="command">Of the sync daemons.</param>
    /// <param name="mtuOf">Bytes; null: the host has no interface of this name.</param>
    public Decision Decide(DirectorCommand command, Func<string, int?> mtuOf) => command switch
    {
        StartDaemon start when mtuOf(start.Daemon.Interface) is not { } mtu => Decision.Refuse(CommandError.NoSuchDevice, NoDevice(start.Daemon.Interface)),
        StartDaemon start when Of(start.Daemon.Role) is not null => Decision.Refuse(CommandError.DaemonRuns),
        StartDaemon start => Decision.Accept(new SyncDaemonStarted(Complete(start.Daemon, mtuOf(start.Daemon.Interface)!.Value))),
        StopDaemon stop => Of(stop.Role) is null ? Decision.Refuse(CommandError.NoDaemon) : Decision.Accept(new SyncDaemonStopped(stop.Role)),
        _ => throw new ArgumentException($"{command.GetType().Name} is not a command of the sync daemons", nameof(command)),
    };

    public SyncDaemonState Apply(SyncDaemonEvent happened) => happened switch
    {
        SyncDaemonStarted started => With(started.Daemon.Role, started.Daemon),
        SyncDaemonStopped stopped => With(stopped.Role, null),
        SyncDaemonsPut put => put.Daemons.Aggregate(None, (state, daemon) => state.With(daemon.Role, daemon)),
        _ => throw new ArgumentException($"{happened.GetType().Name} is not an event of the sync daemons", nameof(happened)),
    };

    private SyncDaemon? Of(SyncRole role) => role == SyncRole.Master ? Master : Backup;

    private SyncDaemonState With(SyncRole role, SyncDaemon? daemon) =>
        role == SyncRole.Master ? this with { Master = daemon } : this with { Backup = daemon };

    private static string NoDevice(string name) => name.Length == 0 ? "--mcast-interface names the interface" : $"this host has no interface '{name}'";

    private static SyncDaemon Complete(SyncDaemon asked, int mtu)
    {
        IPAddress group = asked.Group ?? DefaultGroup;
        int headers = (group.AddressFamily == AddressFamily.InterNetworkV6 ? 40 : 20) + UdpHeaderLength;
        bool backup = asked.Role == SyncRole.Backup;
        int length = asked.MaxLength != 0
            ? Math.Clamp(asked.MaxLength, backup ? LeastBackupLength : 1, LargestDatagram - headers)
            // (A master never sends more than fits Ethernet unless it is told to.)
            : (backup ? Math.Clamp(mtu, EthernetMtu, LargestDatagram) : EthernetMtu) - headers;
        return asked with
        {
            Group = group,
            MaxLength = (ushort)length,
            Port = asked.Port != 0 ? asked.Port : DefaultPort,
            Ttl = asked.Ttl != 0 ? asked.Ttl : (byte)1,
        };
    }
}
