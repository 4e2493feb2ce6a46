using System.Collections.Immutable;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// Tells multicast routers and snooping switches which groups to bring here (RFC 3810): those in which the owned IPv6 addresses
/// are asked for. Without it such a switch keeps neighbour solicitations from us.
/// </summary>
public sealed class ListenerReporter(AddressClaims claims, IFrameOutput output)
{
    /// <summary>A query for everything may cost many reports: more of them than a router has reason for are not answered.</summary>
    private const int QueriesPerSecond = 10;

    private readonly TokenBucket _queries = new(QueriesPerSecond, burst: 20);

    /// <summary>We listen to these from now on; each once.</summary>
    public void Join(EngineInterface on, ReadOnlySpan<IpAddress> groups) => Report(on, ListenerState.Joins, groups);

    /// <summary>We do no longer.</summary>
    public void Leave(EngineInterface on, ReadOnlySpan<IpAddress> groups) => Report(on, ListenerState.Leaves, groups);

    /// <summary>At once, not after the random delay that spares routers a burst: we are one listener, or few.</summary>
    public DropReason Queried(in Packet packet, long nowMilliseconds)
    {
        if (!MulticastListenerQuery.TryParse(packet.Ip.V6, out MulticastListenerQuery query, out DropReason reason))
            return reason;
        EngineInterface arrived = packet.Frame.Arrived;
        ImmutableArray<IpAddress> groups = claims.IsOwner ? claims.Owned.GroupsOn(arrived) : [];
        int asked = query.Group.IsUnspecified ? 0 : groups.IndexOf(query.Group);
        if (groups.IsEmpty || asked < 0)
            return DropReason.None;
        if (!_queries.TryTake(nowMilliseconds))
            return DropReason.AnswerRateLimited;
        ReadOnlySpan<IpAddress> about = query.Group.IsUnspecified ? groups.AsSpan() : groups.AsSpan().Slice(asked, 1);
        if (query.Version == 1)
            ReportVersion1(arrived, about);
        else
            Report(arrived, ListenerState.Listens, about);
        return DropReason.None;
    }

    private void Report(EngineInterface on, ListenerState state, ReadOnlySpan<IpAddress> groups)
    {
        while (!groups.IsEmpty)
        {
            int count = Math.Min(groups.Length, MulticastListenerReport.MostGroups);
            Span<byte> wire = Begin(on, Ipv6Multicast.AllMldv2Routers, MulticastListenerReport.Length(count), out Span<byte> packet);
            MulticastListenerReport.Write(packet, LinkLocal(on), state, groups[..count]);
            output.Send(on, wire);
            groups = groups[count..];
        }
    }

    private void ReportVersion1(EngineInterface on, ReadOnlySpan<IpAddress> groups)
    {
        foreach (IpAddress group in groups)
        {
            Span<byte> wire = Begin(on, group, MulticastListenerReport.Version1Length, out Span<byte> packet);
            MulticastListenerReport.WriteVersion1(packet, LinkLocal(on), ListenerState.Listens, group);
            output.Send(on, wire);
        }
    }

    private Span<byte> Begin(EngineInterface on, IpAddress to, int length, out Span<byte> packet)
    {
        Span<byte> wire = output.Reserve(EthernetHeader.Length + length);
        Span<byte> ethernet = wire[VirtioNetHeader.Length..];
        EthernetHeader.Write(ethernet, Ipv6Multicast.Mac(to), on.AnswerMac, EtherType.Ipv6);
        packet = ethernet[EthernetHeader.Length..];
        return wire;
    }

    // The address that our MAC has by RFC 4291 appendix A: reports must come from a link-local one.
    private static IpAddress LinkLocal(EngineInterface on)
    {
        ulong mac = on.AnswerMac.Value;
        ulong upper = (mac >> 24) ^ 0x02_0000;
        return new IpAddress(0xFE80ul << 48, (upper << 40) | 0xFF_FE00_0000 | (mac & 0xFF_FFFF));
    }
}
