using Director.Dataplane.Wire;

namespace Director.Dataplane.FullNat;

/// <summary>One of <c>director.local-addresses</c>. Connections refer to it by its number, which stays the same over restarts; 0 is none.</summary>
public readonly record struct LocalAddress(ushort Number, IpAddress Address);

/// <summary>Where the director speaks to a server from: for one connection, and for no other to the same server.</summary>
public readonly record struct LocalEndpoint(ushort Number, IpAddress Address, ushort Port);

/// <summary>
/// Whom local ports are used towards. Port 0 is every port of the server, protocol 0 every protocol: a server whose packets keep
/// their port, or that belongs to a firewall mark.
/// </summary>
public readonly record struct PortTarget(byte Protocol, IpAddress Address, ushort Port);

/// <summary>How far local ports are used up.</summary>
/// <param name="InUse">By connections, towards all servers.</param>
/// <param name="Capacity">Ports times local addresses times servers.</param>
/// <param name="Refused">Connections that got none, since the start.</param>
/// <param name="FullestPercent">Of the server that has used most of its own, rounded down.</param>
public readonly record struct LocalPortsUsage(ulong InUse, ulong Capacity, ulong Refused, uint FullestPercent);
