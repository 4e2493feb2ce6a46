using System.Buffers;

namespace Director.Dataplane.Control.Messages;

/// <summary>
/// Cuts the byte stream of a peer into frames. Its buffer grows with bytes that came, not with lengths that were announced.
/// </summary>
public sealed class FrameAssembler : IDisposable
{
    private const int Initial = 16 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Initial);
    private int _start;
    private int _end;

    /// <summary>The longest body that is taken now.</summary>
    public int Limit { get; set; } = FrameHeader.MaximumHelloLength;

    /// <summary>Why the stream cannot be cut any further; null while it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where to put the next bytes; never empty. Tell <see cref="Received"/> how many it were.</summary>
    public Span<byte> Free()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > Initial * 8)
                Exchange(Initial);
        }
        else if (_end == _buffer.Length && _start > 0)
        {
            // At most once per buffer length of input: what is left is less than one frame.
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Exchange(_buffer.Length * 2);
        return _buffer.AsSpan(_end);
    }

    public void Received(int count) => _end += count;

    /// <summary>The next whole frame; its body is valid until <see cref="Free"/>.</summary>
    public bool TryTake(out FrameHeader header, out ReadOnlySpan<byte> body)
    {
        header = default;
        body = default;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        if (Fault is not null || bytes.Length < FrameHeader.Size)
            return false;
        header = FrameHeader.Read(bytes);
        if (header.Length > Limit)
            Fault = $"a frame of {header.Length} bytes where at most {Limit} are allowed";
        else if (header.Flags != 0)
            Fault = $"a frame with unknown flags 0x{header.Flags:x4}";
        if (Fault is not null || bytes.Length - FrameHeader.Size < header.Length)
            return false;
        body = bytes.Slice(FrameHeader.Size, (int)header.Length);
        _start += FrameHeader.Size + (int)header.Length;
        return true;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Exchange(int size)
    {
        byte[] other = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, _end - _start).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = other;
        _end -= _start;
        _start = 0;
    }
}
