using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Director.Dataplane.Wire;

namespace Director.Host.Configuration;

/// <summary>An address that a host can have, as one writes it: IPv4 with all four parts; IPv6 without zone and brackets.</summary>
internal static class HostAddress
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!IPAddress.TryParse(text, out address) || text.AsSpan().IndexOfAny("%[") >= 0)
            return false;
        // IPv4 in IPv6's notation would be taken for the IPv4 address.
        if (address.AddressFamily == AddressFamily.InterNetwork ? text.Count(c => c == '.') != 3 : address.IsIPv4MappedToIPv6)
            return false;
        IpAddress parsed = IpAddress.Of(address);
        return !parsed.IsUnspecified && !parsed.IsMulticast && !parsed.IsLoopback && parsed != IpAddress.Broadcast;
    }
}
