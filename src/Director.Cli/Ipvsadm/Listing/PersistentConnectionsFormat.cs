using System.Globalization;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L --persistent-conn</c>.</summary>
internal sealed class PersistentConnectionsFormat : TableFormat
{
    public override string Header =>
        "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \n" + ServerHeader;

    public override string Server(RealServer server, ServerStatus status) => string.Create(CultureInfo.InvariantCulture,
        $" {server.Weight,-9} {status.PersistentConnections,-11} {status.ActiveConnections,-10} {status.InactiveConnections,-10}");
}
