using System.Net;
using System.Net.Sockets;
using Director.Model;

namespace Director.Cli.Ipvsadm.Names;

/// <summary>
/// <c>/etc/hosts</c>, then DNS; <c>/etc/services</c>. The files are read when first asked for; what DNS said of an address is
/// remembered, since a listing asks for the same ones again and again.
/// </summary>
internal sealed class SystemNameResolver : INameResolver
{
    private readonly Lazy<HostsFile> _hosts = new(() => HostsFile.Parse(ReadLines("/etc/hosts")));
    private readonly Lazy<ServicesFile> _services = new(() => ServicesFile.Parse(ReadLines("/etc/services")));
    private readonly Dictionary<IPAddress, string?> _asked = [];

    public IPAddress? FindAddress(string host)
    {
        if (_hosts.Value.FindAddress(host) is { } known)
            return known;
        try
        {
            return Array.Find(Dns.GetHostAddresses(host, AddressFamily.InterNetwork), _ => true);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }

    public string? FindHost(IPAddress address)
    {
        if (_asked.TryGetValue(address, out string? name))
            return name;
        return _asked[address] = _hosts.Value.FindHost(address) ?? AskDns(address);
    }

    public ushort? FindPort(string service, TransportProtocol protocol) => _services.Value.FindPort(service, protocol);

    public string? FindService(ushort port, TransportProtocol protocol) => _services.Value.FindService(port, protocol);

    private static string? AskDns(IPAddress address)
    {
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            return null;
        try
        {
            string name = Dns.GetHostEntry(address).HostName;
            return IPAddress.TryParse(name, out _) ? null : name;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
