using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Director.Cli.Ipvsadm.Names;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>Addresses with ports as ipvsadm prints them: in numbers (<c>-n</c>) or by name where there is one.</summary>
internal sealed class AddressNotation(INameResolver names, bool numeric)
{
    /// <summary>ipvsadm's buffer: what is longer loses its end, the port first.</summary>
    private const int Longest = 59;

    /// <summary>Room in a table's column. IPv6 runs over it.</summary>
    private const int ColumnWidth = 28;

    /// <summary>In full, for <c>-S</c> and <c>-Lc</c>.</summary>
    public string Full(IPAddress address, ushort port, TransportProtocol protocol)
    {
        if (numeric)
            return Endpoints.Format(address, port);
        string? name = names.FindHost(address);
        // Names of IPv6 addresses are bracketed too.
        string host = name is null ? Endpoints.FormatHost(address) : IsIpv6(address) ? $"[{name}]" : name;
        string service = (protocol == TransportProtocol.None ? null : names.FindService(port, protocol))
            ?? port.ToString(CultureInfo.InvariantCulture);
        return Cut($"{host}:{service}", Longest);
    }

    /// <summary>For the column of a table.</summary>
    public string Column(IPAddress address, ushort port, TransportProtocol protocol) =>
        Cut(Full(address, port, protocol), IsIpv6(address) ? Longest : ColumnWidth);

    /// <summary>A service in a table: <c>TCP  10.0.0.1:80</c>, <c>FWM  7 IPv6</c>.</summary>
    public string Column(ServiceKey key) => key.IsFirewallMark
        ? $"FWM  {IpvsadmNotation.MarkOf(key)}{(key.Family == AddressFamily.InterNetworkV6 ? " IPv6" : "")}"
        : $"{key.Protocol.ToString().ToUpperInvariant(),-4} {Column(key.Address, key.Port, key.Protocol)}";

    /// <summary>A service as options: <c>-t 10.0.0.1:80</c>, <c>-f 7 -6</c>.</summary>
    public string Options(ServiceKey key) => IpvsadmNotation.Options(key, key.IsFirewallMark ? "" : Full(key.Address, key.Port, key.Protocol));

    /// <summary>Under a firewall mark ipvsadm takes ports for TCP's.</summary>
    public static TransportProtocol ProtocolOf(ServiceKey key) => key.IsFirewallMark ? TransportProtocol.Tcp : key.Protocol;

    private static bool IsIpv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    private static string Cut(string text, int longest) => text.Length > longest ? text[..longest] : text;
}
