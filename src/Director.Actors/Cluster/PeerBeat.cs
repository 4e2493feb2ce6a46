using Director.Actors.Cluster.Wire;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Cluster;

/// <summary>A sign of life from one director to another, several times a second.</summary>
/// <param name="Incarnation">As in <see cref="ContactHello"/>.</param>
/// <param name="Sequence">Goes up by one.</param>
public sealed record PeerBeat(string Name, ulong Incarnation, ulong Sequence) : IWireMessage;

internal sealed class PeerBeatFormat() : WireFormat<PeerBeat>("beat-1")
{
    protected override void Write(FrameWriter writer, PeerBeat message)
    {
        writer.Text(message.Name);
        writer.UInt64(message.Incarnation);
        writer.UInt64(message.Sequence);
    }

    protected override PeerBeat Read(ref FrameReader reader) => new(reader.Text(), reader.UInt64(), reader.UInt64());
}
