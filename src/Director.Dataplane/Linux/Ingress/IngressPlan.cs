using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Port 0 is any port (a service of all ports); protocol <see cref="AnyProtocol"/> is TCP, UDP and SCTP (of a firewall mark).
/// </summary>
public readonly record struct MasqueradeServer(IpAddress Address, ushort Port, byte Protocol)
{
    public const byte AnyProtocol = 0;
}

/// <summary>A plan's two programs: of the receiving socket, and of the interface.</summary>
public sealed record IngressPrograms(BpfInstruction[] SocketFilter, BpfInstruction[] HostDrop);

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
    /// Where there are too many addresses for a program, in the place of <see cref="Owned"/>: it is taken what goes to any of these.
    /// What is no owned address among them, and not the host's, then passes through the engine and not through the host.
    /// </summary>
    public AddressRange[]? OwnedRanges { get; init; }

    /// <summary>Likewise in the place of <see cref="MasqueradeServers"/>: it is taken what comes from any of these, from whatever port.</summary>
    public AddressRange[]? ServerRanges { get; init; }

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

    /// <summary>Each address is for itself.</summary>
    public bool IsExact => OwnedRanges is null;

    /// <summary>With at most so many ranges of addresses, more where there is no joining them.</summary>
    public IngressPlan InRanges(int most) => this with
    {
        OwnedRanges = AddressRange.Covering(Owned, HostAddresses, most),
        ServerRanges = AddressRange.Covering(MasqueradeServers.Select(server => server.Address), [], most),
    };
}
