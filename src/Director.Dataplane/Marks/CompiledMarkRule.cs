using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Marks;

/// <summary>A mark rule in the words of packets: addresses as numbers, interfaces by their position.</summary>
internal readonly struct CompiledMarkRule
{
    private readonly bool _ipv4;
    private readonly bool _ipv6;
    private readonly byte _protocol;
    private readonly bool _otherProtocols;
    private readonly PortMatch[] _ports;
    private readonly bool[]? _interfaces;

    public CompiledMarkRule(MarkRule rule, IReadOnlyList<string> interfaces)
    {
        _ipv4 = rule.Family is not System.Net.Sockets.AddressFamily.InterNetworkV6;
        _ipv6 = rule.Family is not System.Net.Sockets.AddressFamily.InterNetwork;
        Source = MaskedAddress.Of(rule.Source);
        Destination = MaskedAddress.Of(rule.Destination);
        _protocol = rule.Protocol?.Number ?? 0;
        _otherProtocols = rule.Protocol?.Negated ?? true;
        _ports = [.. rule.Ports];
        _interfaces = rule.Interface is { } match ? [.. interfaces.Select(match.Matches)] : null;
        Action = rule.Action;
    }

    public MaskedAddress Source { get; }

    public MaskedAddress Destination { get; }

    public MarkAction Action { get; }

    /// <summary>The only protocol; 0 if there are several.</summary>
    public byte Protocol => _otherProtocols ? (byte)0 : _protocol;

    /// <summary>The destination ports that the rule names one by one; empty if it names none, or ranges.</summary>
    public IEnumerable<ushort> DestinationPorts => Array.Find(
        _ports, ports => ports is { Side: PortSide.Destination, Negated: false } && ports.Ranges.All(range => range.First == range.Last))
        ?.Ranges.Select(range => range.First) ?? [];

    public bool Matches(in FlowKey flow, bool hasPorts, int interfacePosition)
    {
        // 0 with _otherProtocols is every protocol: none has that number.
        if ((flow.Protocol == _protocol) == _otherProtocols || !(flow.IsIpv4 ? _ipv4 : _ipv6)
            || !Destination.Matches(flow.Destination) || !Source.Matches(flow.Source))
        {
            return false;
        }
        if (_interfaces is { } interfaces && ((uint)interfacePosition >= (uint)interfaces.Length || !interfaces[interfacePosition]))
            return false;
        if (_ports.Length > 0 && !hasPorts)
            return false;
        foreach (PortMatch ports in _ports)
        {
            if (!ports.Matches(flow.SourcePort, flow.DestinationPort))
                return false;
        }
        return true;
    }
}

/// <summary>Addresses that have <paramref name="Network"/>'s bits where <paramref name="Mask"/> has ones; or all others.</summary>
internal readonly record struct MaskedAddress(IpAddress Network, IpAddress Mask, bool Negated)
{
    /// <summary>Null is every address.</summary>
    public static MaskedAddress Of(AddressMatch? match) => match is null
        ? default
        : new MaskedAddress(IpAddress.Of(match.Network), MaskOf(match), match.Negated);

    public bool Matches(IpAddress address) => (And(address, Mask) == Network) != Negated;

    public static IpAddress And(IpAddress address, IpAddress mask) => new(address.High & mask.High, address.Low & mask.Low);

    // The bits that say "IPv4" belong to the mask of an IPv4 address.
    private static IpAddress MaskOf(AddressMatch match)
    {
        IpAddress mask = IpAddress.Of(match.Mask);
        return mask.IsIpv4 ? new IpAddress(ulong.MaxValue, 0xFFFF_FFFF_0000_0000 | mask.Ipv4) : mask;
    }
}
