using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Port 0 is any port (a service of all ports); protocol <see cref="AnyProtocol"/> is TCP, UDP and SCTP (of a firewall mark).
/// </summary>
public readonly record struct MasqueradeServer(IpAddress Address, ushort Port, byte Protocol)
{
    public const byte AnyProtocol = 0;
}

/// <summary>What the engine takes on one interface. Addresses are of both families; the arrays' order does not matter.</summary>
public sealed record IngressPlan
{
    /// <summary>The engine answers with a MAC address of its own, <see cref="EngineMac"/>, not with the interface's.</summary>
    public required bool VirtualMac { get; init; }

    /// <summary>Looked at only with <see cref="VirtualMac"/>.</summary>
    public MacAddress EngineMac { get; init; }

    /// <summary>The interface's own address, which it shares with the host.</summary>
    public required MacAddress InterfaceMac { get; init; }

    /// <summary>VIPs, floating and local addresses.</summary>
    public IpAddress[] Owned { get; init; } = [];

    /// <summary>What stays the host's, of all its interfaces, and its subnets' broadcast and anycast addresses.</summary>
    public IpAddress[] HostAddresses { get; init; } = [];

    /// <summary>Their answers are taken on the way out, also where the host is their gateway.</summary>
    public MasqueradeServer[] MasqueradeServers { get; init; } = [];

    /// <summary>
    /// A floating address on this interface serves as gateway: without a virtual MAC, what goes through it and what goes through
    /// the host cannot be told apart, and the engine takes both.
    /// </summary>
    public bool GatewayHere { get; init; }

    /// <summary>
    /// There are real servers by tunnel, and the tunnels may begin at the host's addresses: ICMP errors about them come to the host,
    /// and the engine hears them too.
    /// </summary>
    public bool HasTunnels { get; init; }
}
