using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// What comes to us as a gateway and belongs to no connection, e.g. real servers' own DNS and updates: routed with the host's
/// routes (RFC 1812).
/// </summary>
public sealed class Router(NextHops hops, Transmitter transmitter, PipelineCounters counters)
{
    /// <summary>An address that the host has configured: its traffic is its own.</summary>
    public bool IsHosts(IpAddress address) => hops.Network.IsHostAddress(address);

    /// <summary>What we call ourselves towards the hosts of a segment.</summary>
    public IpAddress AddressOn(EngineInterface on, bool ipv4) => hops.AddressOn(on, ipv4);

    public DropReason Route(ref Packet packet, long now)
    {
        IpAddress destination = packet.Ip.Destination;
        if (destination.IsMulticast || destination.IsLinkLocal || packet.Ip.Source.IsLinkLocal || destination == IpAddress.Broadcast || IsHosts(destination))
            return DropReason.NoRoute;
        ref readonly NextHop hop = ref hops.To(destination);
        DropReason reason = transmitter.TryPrepare(ref packet, hop, hops.AddressOn(packet.Frame.Arrived, packet.Ip.IsIpv4), now);
        if (reason != DropReason.None)
            return reason;
        reason = transmitter.Send(ref packet, hop, now);
        if (reason == DropReason.None)
            counters.Routed++;
        return reason;
    }
}
