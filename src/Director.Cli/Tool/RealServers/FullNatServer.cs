namespace Director.Cli.Tool.RealServers;

/// <summary>FULLNAT: the server sees a client in the director; nothing is to be set up.</summary>
internal sealed record FullNatServer : RealServer
{
    public override SetupScript Script() => new(
        "Real server of FULLNAT services",
        [],
        "Packets come from the director's local-addresses, so replies find back by themselves, over routers too.",
        "The client's address is in them only by request, service by service (ipvsadm -a ... --fullnat):",
        "  --proxy-protocol: the server must expect it, as nginx does with: listen 80 proxy_protocol;",
        "  --toa: a TCP option, which a kernel module on the server (toa) hands to getpeername.");
}
