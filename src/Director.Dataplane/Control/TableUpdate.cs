using System.Net;
using Director.Model;

namespace Director.Dataplane.Control;

/// <summary>
/// A change of the forwarding table: one transaction of the control plane, one revision. A <see cref="Full"/> one replaces
/// the table; a delta applies only on top of <see cref="BaseRevision"/> and is refused on any other, so that sides that lost
/// each other start again from a full one.
/// </summary>
public sealed record TableUpdate(ulong BaseRevision, ulong Revision, bool Full, VirtualService[] Changed, ServiceKey[] Removed);

/// <summary>An address that we want and cannot have: <paramref name="Mac"/> answered for it, or (null) the host itself has it configured.</summary>
public sealed record AddressConflict(IPAddress Address, string Interface, string? Mac);

/// <summary>Observed numbers of every service, in the order of the table.</summary>
public sealed record TableStatistics(ServiceStatistics[] Services);

/// <summary>Of one service; servers in the order of <see cref="VirtualService.Servers"/>.</summary>
public sealed record ServiceStatistics(ServiceKey Key, Statistics Statistics, ServerStatus[] Servers);
