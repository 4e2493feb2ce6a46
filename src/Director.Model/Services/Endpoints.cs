using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Director.Model;

/// <summary>Strict notation of an address with a port: <c>10.2.0.11:80</c>, <c>[fd00::1]:80</c>. (ipvsadm's lenient forms live in the CLI.)</summary>
public static class Endpoints
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address, out ushort port)
    {
        address = null;
        port = 0;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
            return false;
        string host = text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out address))
            return false;
        // IPv4 only as it is written back: 10.2.0.010 and 10.2 mean different things to different readers.
        return bracketed
            ? address.AddressFamily == AddressFamily.InterNetworkV6 && host.AsSpan(1, host.Length - 2).IndexOfAny("%[]") < 0
            : address.AddressFamily == AddressFamily.InterNetwork && host == address.ToString();
    }

    public static string Format(IPAddress address, ushort port) => string.Create(CultureInfo.InvariantCulture, $"{FormatHost(address)}:{port}");

    /// <summary>The address as it stands before a port: IPv6 in brackets.</summary>
    public static string FormatHost(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
