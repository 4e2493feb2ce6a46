using System.Net;

namespace Director.Cli.Tool.RealServers;

/// <summary>Direct routing: the server has the VIPs on its loopback device, and answers clients itself.</summary>
internal sealed record DirectRoutedServer(IPAddress[] Vips, bool ArpTables) : RealServer
{
    public override SetupScript Script()
    {
        VipOwner owner = new(Vips, ArpTables);
        return new SetupScript(
            $"Real server of direct-routed services (DR) at {owner.Names}",
            [.. owner.Silence(), .. owner.Addresses("lo", "lo")],
            "The server must be in a segment of the director's, and its default route must not lead through the director.",
            "Programs listen on the VIP (or on every address) at the service's own port: ports are not translated.");
    }
}
