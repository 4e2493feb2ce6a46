using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Director.Host.Configuration;

/// <summary>An address that a host can have, as one writes it: IPv4 with all four parts; IPv6 without zone and brackets.</summary>
internal static class HostAddress
{
    private const byte FirstMulticast = 224; // RFC 5771; behind it RFC 1112's class E and the broadcast address

    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!IPAddress.TryParse(text, out address) || text.AsSpan().IndexOfAny("%[") >= 0)
            return false;
        // IPv4 in IPv6's notation would be taken for the IPv4 address.
        if (address.AddressFamily == AddressFamily.InterNetwork ? text.Count(c => c == '.') != 3 : address.IsIPv4MappedToIPv6)
            return false;
        return !IPAddress.IsLoopback(address) && (address.AddressFamily == AddressFamily.InterNetwork
            ? address.GetAddressBytes()[0] is > 0 and < FirstMulticast
            : !address.IsIPv6Multicast && !address.Equals(IPAddress.IPv6Any));
    }
}
