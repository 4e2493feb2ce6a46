using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L --timeout</c>.</summary>
internal static class TimeoutsPrinter
{
    public static void Print(Timeouts timeouts, TextWriter output) =>
        output.Write($"Timeout (tcp tcpfin udp): {timeouts.Tcp} {timeouts.TcpFin} {timeouts.Udp}\n");
}
