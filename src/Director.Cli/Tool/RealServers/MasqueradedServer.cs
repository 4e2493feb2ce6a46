using System.Net;
using System.Net.Sockets;

namespace Director.Cli.Tool.RealServers;

/// <summary>NAT: replies must come back through the director, which is the server's gateway.</summary>
internal sealed record MasqueradedServer(IPAddress Gateway) : RealServer
{
    public override SetupScript Script()
    {
        string ip = Gateway.AddressFamily == AddressFamily.InterNetworkV6 ? "ip -6" : "ip";
        return new SetupScript(
            $"Real server of masqueraded services (NAT), with the director's {Gateway} as its gateway",
            [
                new SetupStep(
                    "Replies go back through the director, which gives them the VIP as source. The gateway is one of the director's\n"
                    + "floating-addresses: it moves with the VIP when another director takes over.",
                    [$"{ip} route replace default via {Gateway}"],
                    ["# Then set the former default route again.", $"{ip} route del default via {Gateway}"]),
            ],
            "Clients in the server's own subnet get its replies directly, and reset the connection: use FULLNAT for them.");
    }
}
