using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Serialization;

namespace Director.Model;

/// <summary>A virtual service with its real servers: the unit of configuration, replication and publication.</summary>
public sealed record VirtualService
{
    public VirtualService()
    {
    }

    /// <summary>For JSON. Source-generated readers set every init property, which loses its initializer: the defaults stand here again.</summary>
    [JsonConstructor]
    [SetsRequiredMembers]
    internal VirtualService(
        ServiceKey key, string? scheduler = null, ServiceFlags flags = ServiceFlags.None, uint persistenceTimeout = 0,
        IPAddress? persistenceNetmask = null, byte prefixLength = 128, string? persistenceEngine = null)
    {
        Key = key;
        Scheduler = scheduler ?? Scheduler;
        Flags = flags;
        PersistenceTimeout = persistenceTimeout;
        PersistenceNetmask = persistenceNetmask;
        PrefixLength = prefixLength;
        PersistenceEngine = persistenceEngine;
    }

    [JsonRequired]
    public required ServiceKey Key { get; init; }

    /// <summary>Name as in <c>ipvsadm -s</c>.</summary>
    public string Scheduler { get; init; } = "wlc";

    public ServiceFlags Flags { get; init; }

    /// <summary>Seconds; meaningful with <see cref="ServiceFlags.Persistent"/>.</summary>
    public uint PersistenceTimeout { get; init; }

    /// <summary>IPv4 persistence mask (<c>-M</c>); null is 255.255.255.255.</summary>
    public IPAddress? PersistenceNetmask { get; init; }

    /// <summary>IPv6 persistence prefix length, 1..128; 128 by default.</summary>
    public byte PrefixLength { get; init; } = 128;

    /// <summary><c>--pe</c>, e.g. <c>sip</c>; null for none.</summary>
    public string? PersistenceEngine { get; init; }

    /// <summary>
    /// In the order in which they were added, oldest first. (IPVS walks its list newest first: the data path reverses it.)
    /// </summary>
    public ImmutableArray<RealServer> Servers { get; init => field = value.IsDefault ? [] : value; } = [];
}
