using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Director.Model;

/// <summary>
/// What identifies a virtual service: protocol, address and port, or a firewall mark and its address family.
/// Written as <c>tcp 10.1.0.100:80</c>, <c>udp [fd00::1]:53</c>, <c>fwmark 7</c>, <c>fwmark6 7</c>.
/// </summary>
public sealed record ServiceKey
{
    private ServiceKey(TransportProtocol protocol, IPAddress? address, ushort port, uint mark, AddressFamily family)
    {
        Protocol = protocol;
        Address = address;
        Port = port;
        Mark = mark;
        Family = family;
    }

    /// <summary><see cref="TransportProtocol.None"/> for a firewall-mark service.</summary>
    public TransportProtocol Protocol { get; }

    /// <summary>The virtual IP; null for a firewall-mark service.</summary>
    public IPAddress? Address { get; }

    /// <summary>The virtual port in host order; 0 means every port (persistent services only).</summary>
    public ushort Port { get; }

    /// <summary>The firewall mark; 0 for an address service.</summary>
    public uint Mark { get; }

    public AddressFamily Family { get; }

    [MemberNotNullWhen(false, nameof(Address))]
    public bool IsFirewallMark => Address is null;

    public static ServiceKey ForAddress(TransportProtocol protocol, IPAddress address, ushort port) =>
        new(protocol, address, port, 0, address.AddressFamily);

    public static ServiceKey ForMark(uint mark, AddressFamily family = AddressFamily.InterNetwork) =>
        new(TransportProtocol.None, null, 0, mark, family);

    public static bool TryParse(string? text, [NotNullWhen(true)] out ServiceKey? key)
    {
        key = null;
        string[] words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2)
            return false;
        switch (words[0].ToLowerInvariant())
        {
            case "fwmark" or "fwmark6" when uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint mark) && mark != 0:
                key = ForMark(mark, words[0].EndsWith('6') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
                return true;
            case "tcp" or "udp" or "sctp" when Endpoints.TryParse(words[1], out IPAddress? address, out ushort port):
                key = ForAddress(Enum.Parse<TransportProtocol>(words[0], ignoreCase: true), address, port);
                return true;
            default:
                return false;
        }
    }

    public override string ToString() => IsFirewallMark
        ? string.Create(CultureInfo.InvariantCulture, $"{(Family == AddressFamily.InterNetworkV6 ? "fwmark6" : "fwmark")} {Mark}")
        : $"{Protocol.ToString().ToLowerInvariant()} {Endpoints.Format(Address, Port)}";
}
