using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
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

    /// <summary>The outer packet has no DF, whatever the inner one says.</summary>
    public bool Fragmentable { get; init; }

    /// <summary>Leaves the inner checksum to the tunnel's end (GUE only); null: it is complete.</summary>
    public RemoteChecksum? RemoteChecksum { get; init; }

    /// <summary>
    /// What the server's configuration asks for; the sender's side is not filled in. As in IPVS, <c>--tun-remcsum</c> matters for
    /// packets whose checksum is not complete yet.
    /// </summary>
    public static Wrapping For(in Packet packet, Server server) => new(default, server.Address)
    {
        Flags = server.Configuration.TunnelFlags,
        Port = server.Configuration.TunnelPort,
        RemoteChecksum = LeavesChecksum(packet, server.Configuration) ? OffsetsIn(packet) : null,
    };

    // Segments of a super-frame are cut, and so completed, by us.
    private static bool LeavesChecksum(in Packet packet, RealServer server) =>
        packet.ChecksumIsPartial && packet.SegmentSize == 0
        && server.TunnelType == TunnelType.Gue && (server.TunnelFlags & TunnelFlags.RemoteChecksum) != 0;

    private static RemoteChecksum OffsetsIn(in Packet packet)
    {
        VirtioNetHeader offload = new(packet.Frame.Offload);
        int start = offload.ChecksumStart - EthernetHeader.Length;
        return new RemoteChecksum((ushort)start, (ushort)(start + offload.ChecksumOffset));
    }
}
