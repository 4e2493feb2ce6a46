using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L --daemon</c>: a line for each that was started.</summary>
internal static class DaemonsPrinter
{
    public static void Print(IEnumerable<SyncDaemon> daemons, TextWriter output)
    {
        foreach (SyncDaemon daemon in daemons)
        {
            string role = daemon.Role == SyncRole.Master ? "master" : "backup";
            output.Write($"{role} sync daemon (mcast={daemon.Interface}, syncid={daemon.SyncId}, maxlen={daemon.MaxLength}, group={daemon.Group}, port={daemon.Port}, ttl={daemon.Ttl})\n");
        }
    }
}
