using System.Globalization;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L --thresholds</c>.</summary>
internal sealed class ThresholdsFormat : TableFormat
{
    public override string Header =>
        "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n" + ServerHeader;

    public override string Server(RealServer server, ServerStatus status) => string.Create(CultureInfo.InvariantCulture,
        $" {server.UpperThreshold,-10} {server.LowerThreshold,-10} {status.ActiveConnections,-10} {status.InactiveConnections,-10}");
}
