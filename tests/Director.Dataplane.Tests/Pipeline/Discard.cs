using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Counts frames and forgets them, for what must not allocate.</summary>
internal sealed class Discard : IFrameOutput
{
    private readonly byte[] _buffer = new byte[1 << 20];
    private int _used;

    public int Frames { get; private set; }

    public void Send(EngineInterface leaving, Span<byte> wire) => Frames++;

    public Span<byte> Reserve(int length)
    {
        if (_used + VirtioNetHeader.Length + length > _buffer.Length)
            _used = 0;
        Span<byte> wire = _buffer.AsSpan(_used, VirtioNetHeader.Length + length);
        _used += wire.Length;
        wire[..VirtioNetHeader.Length].Clear();
        return wire;
    }
}
