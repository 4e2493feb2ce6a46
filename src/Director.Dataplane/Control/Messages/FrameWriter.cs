using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Director.Dataplane.Control.Messages;

/// <summary>
/// Writes frames one behind the other into a pooled buffer that grows. Not thread-safe; a class, unlike
/// <see cref="FrameReader"/>, because it owns that buffer.
/// </summary>
public sealed class FrameWriter : IDisposable
{
    private const int Initial = 1024;

    // What a buffer may keep between uses; the rest of a big table goes back to the pool.
    private const int Kept = 256 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Initial);
    private int _length;
    private int _frame;

    /// <summary>The negotiated version, for formats in which a field came later.</summary>
    public ushort Version { get; set; } = ProtocolRange.Supported.Maximum;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public int Length => _length;

    public void Begin(MessageType type, ulong correlation)
    {
        _frame = _length;
        new FrameHeader(0, type, 0, correlation).Write(Take(FrameHeader.Size));
    }

    /// <summary>Ends the frame begun last: its length is known now.</summary>
    /// <exception cref="EngineException">The frame is longer than any peer would take; it is withdrawn.</exception>
    public void End()
    {
        int length = _length - _frame - FrameHeader.Size;
        if (length > FrameHeader.MaximumLength)
        {
            _length = _frame;
            throw new EngineException($"a message of {length} bytes is too long for the engine's socket ({FrameHeader.MaximumLength})");
        }
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_frame), (uint)length);
    }

    /// <summary>Withdraws the frame begun last.</summary>
    public void Abandon() => _length = _frame;

    /// <summary>Copies finished frames.</summary>
    public void Append(ReadOnlySpan<byte> frames) => frames.CopyTo(Take(frames.Length));

    public void Clear()
    {
        _length = 0;
        if (_buffer.Length <= Kept)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(Initial);
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>How many elements follow.</summary>
    public void Count(int value) => UInt32((uint)value);

    /// <summary>A 32-bit count, then the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count(value.Length);
        Append(value);
    }

    /// <summary>UTF-8 behind a 16-bit length.</summary>
    public void Text(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes > ushort.MaxValue)
            throw new EngineException($"a text of {bytes} bytes is too long for the engine's socket: {value[..60]}...");
        UInt16((ushort)bytes);
        Encoding.UTF8.GetBytes(value, Take(bytes));
    }

    public void OptionalText(string? value)
    {
        Bool(value is not null);
        if (value is not null)
            Text(value);
    }

    /// <summary>4, the bytes in network order; or 6, the bytes, the scope (link-local addresses).</summary>
    public void Address(IPAddress value)
    {
        bool six = value.AddressFamily == AddressFamily.InterNetworkV6;
        Byte(six ? (byte)6 : (byte)4);
        value.TryWriteBytes(Take(six ? 16 : 4), out _);
        if (six)
            UInt32((uint)value.ScopeId);
    }

    public void OptionalAddress(IPAddress? value)
    {
        if (value is null)
            Byte(0);
        else
            Address(value);
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _length < count)
            Grow(count);
        Span<byte> taken = _buffer.AsSpan(_length, count);
        _length += count;
        return taken;
    }

    private void Grow(int count)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_length + count), Math.Min(Array.MaxLength, _buffer.Length * 2)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
