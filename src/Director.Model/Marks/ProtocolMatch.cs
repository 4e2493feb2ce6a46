using System.Globalization;
using System.Net.Sockets;

namespace Director.Model;

/// <summary>The protocol of a rule's packets by IANA number (1..255), or every other one.</summary>
public sealed record ProtocolMatch(byte Number, bool Negated)
{
    private const byte Icmp = 1;
    private const byte IcmpV6 = 58;

    // As iptables 1.8 and Debian's /etc/protocols call them; others are written as numbers.
    private static readonly (string Name, byte Number)[] Names =
    [
        ("tcp", 6), ("udp", 17), ("sctp", 132), ("icmp", Icmp), ("ipv6-icmp", IcmpV6), ("icmpv6", IcmpV6),
        ("gre", 47), ("esp", 50), ("ah", 51), ("ipencap", 4), ("ipv6", 41), ("dccp", 33), ("udplite", 136),
    ];

    public string Name => Array.Find(Names, known => known.Number == Number).Name ?? Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a service can have it (and whether it has ports): TCP, UDP, SCTP.</summary>
    public bool IsBalanced => (TransportProtocol)Number is TransportProtocol.Tcp or TransportProtocol.Udp or TransportProtocol.Sctp;

    /// <summary>The family that alone has the protocol.</summary>
    internal AddressFamily? OnlyFamily => (Negated, Number) switch
    {
        (false, Icmp) => AddressFamily.InterNetwork,
        (false, IcmpV6) => AddressFamily.InterNetworkV6,
        _ => null,
    };

    /// <summary>Null is <c>all</c>.</summary>
    /// <exception cref="MarkSyntaxException">The message lacks the option's name.</exception>
    internal static ProtocolMatch? Parse(string text, bool negated)
    {
        string name = text.ToLowerInvariant();
        (string? known, byte number) = Array.Find(Names, each => each.Name == name);
        if (name == "all" || (known is null && Model.Number.TryParse(name, byte.MaxValue, out uint parsed) && (number = (byte)parsed) == 0))
            return negated ? throw new MarkSyntaxException("every protocol negated matches nothing") : null;
        return number != 0
            ? new ProtocolMatch(number, negated)
            : throw new MarkSyntaxException($"'{text}' is not a protocol (tcp, udp, sctp, icmp, icmpv6, all, or a number up to 255)");
    }
}
