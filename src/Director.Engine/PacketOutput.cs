using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Engine;

/// <summary>
/// Frames on their way out: queued at their interface, sent together at the end of a batch. Frames of our own lie in a pinned
/// buffer that is used up from front to back; when it is, what is queued is sent and the buffer starts again.
/// </summary>
internal sealed class PacketOutput : IFrameOutput
{
    private const int BufferSize = 4 << 20;

    private readonly byte[] _buffer = GC.AllocateArray<byte>(BufferSize, pinned: true);
    private PacketInterface[] _interfaces = [];
    private int _used;

    /// <summary>Frames handed to the kernel, by interface position; counts on when the interfaces change.</summary>
    public ulong[] Sent { get; private set; } = [];

    public void Use(PacketInterface[] interfaces)
    {
        _interfaces = interfaces;
        ulong[] sent = Sent;
        Array.Resize(ref sent, interfaces.Length);
        Sent = sent;
    }

    public void Send(EngineInterface leaving, Span<byte> wire) => _interfaces[leaving.Position].Queue(wire);

    public Span<byte> Reserve(int length)
    {
        int size = VirtioNetHeader.Length + length;
        if (_used + size > BufferSize)
            Flush();
        Span<byte> wire = _buffer.AsSpan(_used, size);
        _used += (size + 63) & ~63;
        wire[..VirtioNetHeader.Length].Clear();
        return wire;
    }

    /// <summary>Instead of <see cref="Flush"/>: what is queued never leaves.</summary>
    public void Discard()
    {
        foreach (PacketInterface each in _interfaces)
            each.Discard();
        _used = 0;
    }

    public void Flush()
    {
        for (int i = 0; i < _interfaces.Length; i++)
            Sent[i] += (uint)_interfaces[i].Flush();
        _used = 0;
    }
}
