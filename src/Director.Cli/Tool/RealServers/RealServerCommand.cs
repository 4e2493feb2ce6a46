using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Director.Cli.Tool.RealServers;

/// <summary><c>director real-server-setup</c>: prints the shell script that a real server needs. Asks nobody and changes nothing.</summary>
internal static class RealServerCommand
{
    public static Command Build()
    {
        Option<string> method = new("--method") { Description = "How the director forwards to it", HelpName = "nat|dr|tun|fullnat", Required = true };
        method.AcceptOnlyFromAmong("nat", "dr", "tun", "fullnat");
        Option<string[]> vips = new("--vip") { Description = "The services' addresses (dr, tun)", HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true };
        Option<string?> gateway = new("--gateway") { Description = "A floating address of the director in the server's subnet (nat)", HelpName = "ADDRESS" };
        Option<string?> arp = new("--arp") { Description = "What keeps the server from answering ARP for the VIP (dr, tun); default sysctl", HelpName = "sysctl|arptables" };
        arp.AcceptOnlyFromAmong("sysctl", "arptables");
        Option<bool> undo = new("--undo") { Description = "Print what takes it back" };
        Command command = new("real-server-setup", "Print the commands that a real server needs, as a shell script to be run there")
        {
            method, vips, gateway, arp, undo,
        };
        command.SetAction(parsed =>
        {
            string text = parsed.GetValue(method)!;
            string? wrong = TryRead(text, parsed.GetValue(vips) ?? [], parsed.GetValue(gateway), parsed.GetValue(arp), out RealServer? server);
            if (server is null)
                return DirectorCall.Wrong(parsed, wrong!);
            server.Script().Write(parsed.GetValue(undo), parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    /// <returns>What is wrong, if there is no <paramref name="server"/>.</returns>
    private static string? TryRead(string method, string[] vips, string? gateway, string? arp, out RealServer? server)
    {
        server = null;
        List<IPAddress> addresses = [];
        foreach (string text in vips)
        {
            if (!TryAddress(text, out IPAddress? vip))
                return $"--vip: '{text}' is not an address";
            if (!addresses.Contains(vip))
                addresses.Add(vip);
        }
        IPAddress? router = null;
        if (gateway is not null && !TryAddress(gateway, out router))
            return $"--gateway: '{gateway}' is not an address";
        bool hasVips = method is "dr" or "tun";
        if (hasVips && addresses.Count == 0)
            return $"--method {method} wants --vip: the addresses of the services";
        if (method == "nat" && router is null)
            return "--method nat wants --gateway: a floating address of the director in the server's subnet";
        if (method != "nat" && router is not null)
            return "--gateway is for --method nat: with the others the default route stays as it is";
        if (!hasVips && arp is not null)
            return "--arp is for --method dr and tun: with the others the server does not have the VIP";
        bool arptables = arp == "arptables";
        server = method switch
        {
            "nat" => new MasqueradedServer(router!),
            "dr" => new DirectRoutedServer([.. addresses], arptables),
            "tun" => new TunnelledServer([.. addresses], arptables),
            _ => new FullNatServer(),
        };
        return null;
    }

    // As it is written back: ip and sysctl take other forms for other things.
    private static bool TryAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 ? text.AsSpan().IndexOfAny("%[]") < 0 : address.ToString() == text);
}
