using System.Net;
using System.Text.Json.Serialization;
using Director.Actors.Replication;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// What happened, as the journal keeps it. Each has a manifest with a version (<c>service-added/1</c>) and a frozen sample of
/// its bytes in the tests: a changed shape is a new version beside the old one, which stays readable for ever.
/// </summary>
public abstract record DirectorEvent
{
    /// <summary>Version and history of the object that this makes; null in journals from before there were versions.</summary>
    public Stamp? Stamp { get; init; }
}

/// <summary>An event of one service.</summary>
public abstract record ServiceEvent : DirectorEvent
{
    public abstract ServiceKey Key { get; }
}

/// <summary>The service as it was added, with the servers it came with (declared services bring theirs).</summary>
public sealed record ServiceAdded(VirtualService Service) : ServiceEvent
{
    [JsonIgnore]
    public override ServiceKey Key => Service.Key;
}

/// <summary>Everything but key and servers was replaced; <see cref="VirtualService.Servers"/> is empty here.</summary>
public sealed record ServiceEdited(VirtualService Service) : ServiceEvent
{
    [JsonIgnore]
    public override ServiceKey Key => Service.Key;
}

public sealed record ServiceDeleted(ServiceKey Service) : ServiceEvent
{
    [JsonIgnore]
    public override ServiceKey Key => Service;
}

public sealed record ServerAdded(ServiceKey Service, RealServer Server) : ServiceEvent
{
    [JsonIgnore]
    public override ServiceKey Key => Service;
}

public sealed record ServerEdited(ServiceKey Service, RealServer Server) : ServiceEvent
{
    [JsonIgnore]
    public override ServiceKey Key => Service;
}

public sealed record ServerDeleted(ServiceKey Service, IPAddress Address, ushort Port) : ServiceEvent
{
    [JsonIgnore]
    public override ServiceKey Key => Service;
}

/// <summary>The timeouts in force from then on (never zeros).</summary>
public sealed record TimeoutsSet(Timeouts Timeouts) : DirectorEvent;

/// <summary>The services declared in the configuration, with this digest and these names, were applied.</summary>
public sealed record DeclarationApplied(string Digest, ServiceKey[] Services) : DirectorEvent;
