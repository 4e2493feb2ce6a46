using System.Collections.Frozen;
using System.Net;
using Director.Dataplane.Scheduling;

namespace Director.Actors.Services;

/// <summary>What a command may ask for on this host: beyond IPVS's own rules, which are the same everywhere.</summary>
public sealed record Capabilities
{
    /// <summary>
    /// A director of every name that Linux 6.1's IPVS gives to a scheduler, and no other: for tests against its recordings.
    /// </summary>
    public static readonly Capabilities Recorded = new()
    {
        HasScheduler = new[] { "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf" }
            .ToFrozenSet(StringComparer.Ordinal).Contains,
        LocalAddresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")],
    };

    /// <summary>A scheduler that is not there is unknown, as it is to ipvsadm without the kernel's module.</summary>
    public Func<string, bool> HasScheduler { get; init; } = SchedulerRegistry.Knows;

    /// <summary>Whether an address is configured on this host, so that a real server there is the host itself.</summary>
    public Func<IPAddress, bool> IsHostAddress { get; init; } = _ => false;

    /// <summary><c>director.local-addresses</c>: what full NAT speaks to servers from.</summary>
    public IReadOnlyList<IPAddress> LocalAddresses { get; init; } = [];

    /// <summary>The MTU of an interface of this host, in bytes; null: there is none of this name.</summary>
    public Func<string, int?> InterfaceMtu { get; init; } = _ => null;
}
