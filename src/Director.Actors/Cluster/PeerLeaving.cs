using Director.Actors.Cluster.Wire;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Cluster;

/// <summary>A director's last word: it stops, or its side of the link starts anew.</summary>
/// <param name="Incarnation">As in <see cref="ContactHello"/>.</param>
/// <param name="Detail">Why, for the log.</param>
public sealed record PeerLeaving(ulong Incarnation, string Detail) : IWireMessage;

internal sealed class PeerLeavingFormat() : WireFormat<PeerLeaving>("leaving-1")
{
    protected override void Write(FrameWriter writer, PeerLeaving message)
    {
        writer.UInt64(message.Incarnation);
        writer.Text(message.Detail);
    }

    protected override PeerLeaving Read(ref FrameReader reader) => new(reader.UInt64(), reader.Text());
}
