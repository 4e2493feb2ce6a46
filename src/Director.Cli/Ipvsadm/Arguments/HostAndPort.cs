using System.Net;
using System.Net.Sockets;
using Director.Cli.Ipvsadm.Names;
using Director.Model;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>
/// <c>address[:port]</c> of a virtual service or real server, in the forms that ipvsadm takes: an IPv6 address without brackets has
/// no port, one in brackets must have one; an IPv4 address or name in brackets loses its port.
/// </summary>
internal readonly record struct HostAndPort(IPAddress Address, ushort Port)
{
    /// <summary>Null is illegal, whatever the reason. A port by name needs a protocol.</summary>
    public static HostAndPort? Parse(string text, TransportProtocol protocol, INameResolver names)
    {
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || end + 1 >= text.Length || text[end + 1] != ':')
                return null;
            string host = text[1..end];
            if (TryParseIpv6(host, out IPAddress? six))
                return ParsePort(text[(end + 2)..], protocol, names) is { } port ? new(six!, port) : null;
            return FindHost(host, names) is { } four ? new(four, 0) : null;
        }
        if (TryParseIpv6(text, out IPAddress? bare))
            return new(bare!, 0);

        // A number alone could be meant as a port: refused, though inet_aton would take it for an address.
        if (Numbers.TryParse(text, long.MinValue, long.MaxValue, out _))
            return null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (FindHost(colon < 0 ? text : text[..colon], names) is not { } address)
            return null;
        if (colon < 0)
            return new(address, 0);
        return ParsePort(text[(colon + 1)..], protocol, names) is { } number ? new(address, number) : null;
    }

    private static IPAddress? FindHost(string host, INameResolver names) =>
        host.Length == 0 ? null : InetAddress.TryParse(host, out IPAddress? address) ? address : names.FindAddress(host);

    private static ushort? ParsePort(string text, TransportProtocol protocol, INameResolver names) =>
        Numbers.TryParse(text, 0, ushort.MaxValue, out long port) ? (ushort)port
        : protocol != TransportProtocol.None ? names.FindPort(text, protocol)
        : null;

    /// <summary>As inet_pton(3): no zone, no brackets, no port.</summary>
    private static bool TryParseIpv6(string text, out IPAddress? address)
    {
        address = null;
        return text.Contains(':') && text.AsSpan().IndexOfAny("%[]/ ") < 0
            && IPAddress.TryParse(text, out address) && address.AddressFamily == AddressFamily.InterNetworkV6;
    }
}
