using System.Net;
using System.Net.Sockets;

namespace Director.Cli.Ipvsadm.Names;

/// <summary>hosts(5): <c>address canonical-name alias...</c>; the first line that fits counts.</summary>
internal sealed class HostsFile
{
    private readonly Dictionary<IPAddress, string> _names = [];
    private readonly Dictionary<string, IPAddress> _addresses = new(StringComparer.OrdinalIgnoreCase);

    public static HostsFile Parse(IEnumerable<string> lines)
    {
        HostsFile file = new();
        foreach (string line in lines)
        {
            string[] words = ServicesFile.Words(line);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out IPAddress? address))
                continue;
            file._names.TryAdd(address, words[1]);
            if (address.AddressFamily != AddressFamily.InterNetwork)
                continue;
            foreach (string name in words.AsSpan(1))
                file._addresses.TryAdd(name, address);
        }
        return file;
    }

    public IPAddress? FindAddress(string host) => _addresses.GetValueOrDefault(host);

    public string? FindHost(IPAddress address) => _names.GetValueOrDefault(address);
}
