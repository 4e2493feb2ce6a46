using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>How one packet is wrapped: the tunnel's ends, and what the outer headers need that the packet itself does not say.</summary>
/// <param name="Source">The director's address on the way to the real server.</param>
/// <param name="Destination">The real server; of either family, whatever the packet's is.</param>
public readonly record struct Wrapping(IpAddress Source, IpAddress Destination)
{
    public TunnelFlags Flags { get; init; }

    /// <summary>UDP port of a GUE tunnel at the real server.</summary>
    public ushort Port { get; init; }

    /// <summary>UDP port of a GUE tunnel here; see <see cref="GueEncapsulation.SourcePort"/>.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>Of an outer IPv4 header that may be fragmented; one with DF has 0.</summary>
    public ushort Identification { get; init; }

    /// <summary>Leaves the inner checksum to the tunnel's end (GUE only); null: it is complete.</summary>
    public RemoteChecksum? RemoteChecksum { get; init; }
}
