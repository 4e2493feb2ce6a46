using System.Net;

namespace Director.Dataplane.Control;

/// <summary>An address that follows the VIP owner, e.g. the gateway of NAT real servers: <c>10.2.0.254/24@eth1</c>.</summary>
public sealed record FloatingAddress(IPAddress Address, byte PrefixLength, string Interface);

/// <summary>Where established flows are forwarded. Sent as a byte: append only.</summary>
public enum FastPathChoice : byte
{
    /// <summary>In the kernel where it can, on each interface in the way that gains most there.</summary>
    Auto,

    /// <summary>In the kernel behind the interface's own receive path (tcx).</summary>
    Tcx,

    /// <summary>In the interface's driver.</summary>
    Xdp,

    /// <summary>In the engine, as all others.</summary>
    Off,
}

/// <summary>
/// What the engine needs to know besides the forwarding table. Sent after the hello; the same configuration again changes
/// nothing, another one is applied live where it can be (<see cref="ConnectionLimit"/> cannot: it sizes the memory).
/// </summary>
public sealed record EngineConfiguration
{
    /// <summary>Names, in the order of <c>director.interfaces</c>; the position is part of the virtual MAC.</summary>
    public required string[] Interfaces { get; init; }

    public FloatingAddress[] FloatingAddresses { get; init; } = [];

    /// <summary>Sources of FULLNAT.</summary>
    public IPAddress[] LocalAddresses { get; init; } = [];

    /// <summary><c>election.group</c>, 1..255.</summary>
    public byte Group { get; init; } = 1;

    public bool VirtualMac { get; init; } = true;

    /// <summary>Most connections at once; rounded up to a power of two by the memory.</summary>
    public uint ConnectionLimit { get; init; } = 1_000_000;

    /// <summary><c>engine.fast-path</c>.</summary>
    public FastPathChoice FastPath { get; init; } = FastPathChoice.Auto;

    /// <summary>By value, arrays and all.</summary>
    public bool IsSameAs(EngineConfiguration other) =>
        Interfaces.SequenceEqual(other.Interfaces) && FloatingAddresses.SequenceEqual(other.FloatingAddresses)
        && LocalAddresses.SequenceEqual(other.LocalAddresses) && Group == other.Group && VirtualMac == other.VirtualMac
        && ConnectionLimit == other.ConnectionLimit && FastPath == other.FastPath;
}
