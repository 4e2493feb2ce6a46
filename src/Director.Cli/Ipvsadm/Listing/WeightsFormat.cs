using System.Globalization;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L</c>.</summary>
internal sealed class WeightsFormat : TableFormat
{
    public override string Header => $"""
        Prot LocalAddress:Port Scheduler Flags
        {ServerHeader}           Forward Weight ActiveConn InActConn
        """;

    public override string Server(RealServer server, ServerStatus status) => string.Create(CultureInfo.InvariantCulture,
        $" {ForwardingOf(server),-7} {server.Weight,-6} {status.ActiveConnections,-10} {status.InactiveConnections,-10}");
}
