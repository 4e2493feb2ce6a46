using System.Globalization;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L --tun-info</c>.</summary>
internal sealed class TunnelsFormat : TableFormat
{
    public override string Header => $"""
        Prot LocalAddress:Port Scheduler Flags
        {ServerHeader}           Forward TunnelInfo    Weight ActiveConn InActConn
        """;

    public override string Server(RealServer server, ServerStatus status) => string.Create(CultureInfo.InvariantCulture,
        $" {ForwardingOf(server),-7} {TunnelOf(server),-13} {server.Weight,-6} {status.ActiveConnections,-10} {status.InactiveConnections,-10}");

    private static string TunnelOf(RealServer server)
    {
        if (server.Forwarding != ForwardingMethod.Tunnel)
            return "n/a";
        string checksum = server.TunnelFlags.HasFlag(TunnelFlags.RemoteChecksum) ? "r+c"
            : server.TunnelFlags.HasFlag(TunnelFlags.Checksum) ? "+c"
            : "-c";
        string type = IpvsadmNotation.NameOf(server.TunnelType);
        return server.TunnelType switch
        {
            TunnelType.Gue => string.Create(CultureInfo.InvariantCulture, $"{type}:{server.TunnelPort}:{checksum}"),
            TunnelType.Gre => $"{type}:{checksum}",
            _ => type,
        };
    }
}
