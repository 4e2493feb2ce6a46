using System.Collections.Frozen;
using System.Net;
using Director.Dataplane.Scheduling;

namespace Director.Actors.Services;

/// <summary>
/// What this version can carry out. A command beyond it is answered <c>NotSupported</c> with a text: better than a service
/// that is listed and does not forward.
/// </summary>
public sealed record Capabilities
{
    /// <summary>Schedulers that Linux 6.1's IPVS has; any other name is unknown, as it is to ipvsadm there.</summary>
    public static readonly FrozenSet<string> IpvsSchedulers =
        new[] { "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>All that IPVS can: for tests against its recordings.</summary>
    public static readonly Capabilities Everything = new()
    {
        HasScheduler = IpvsSchedulers.Contains,
        Ipv6 = true,
        Sctp = true,
        FirewallMarks = true,
        Persistence = true,
        OnePacket = true,
        Tunnel = true,
        FullNat = true,
        LocalAddresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")],
    };

    /// <summary>What the forwarding engine of this build does.</summary>
    public static readonly Capabilities ThisVersion = new()
    {
        HasScheduler = SchedulerRegistry.Knows,
        Ipv6 = true,
        Sctp = true,
        FirewallMarks = true,
        Persistence = true,
        OnePacket = true,
        Tunnel = true,
        FullNat = true,
    };

    public required Func<string, bool> HasScheduler { get; init; }

    public bool Ipv6 { get; init; }

    public bool Sctp { get; init; }

    public bool FirewallMarks { get; init; }

    public bool Persistence { get; init; }

    public bool OnePacket { get; init; }

    public bool Tunnel { get; init; }

    public bool FullNat { get; init; }

    /// <summary>Whether an address is configured on this host, so that a real server there is the host itself.</summary>
    public Func<IPAddress, bool> IsHostAddress { get; init; } = _ => false;

    /// <summary><c>director.local-addresses</c>: what full NAT speaks to servers from.</summary>
    public IReadOnlyList<IPAddress> LocalAddresses { get; init; } = [];

    /// <summary>The MTU of an interface of this host, in bytes; null: there is none of this name.</summary>
    public Func<string, int?> InterfaceMtu { get; init; } = _ => null;
}
