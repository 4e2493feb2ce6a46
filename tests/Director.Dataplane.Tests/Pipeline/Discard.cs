using Director.Dataplane.Pipeline;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Counts frames and forgets them, for what must not allocate.</summary>
internal sealed class Discard : IFrameOutput
{
    public int Frames { get; private set; }

    public void Send(EngineInterface leaving, Span<byte> wire) => Frames++;

    public Span<byte> Reserve(int length) => throw new InvalidOperationException("no frame of our own is due");
}
