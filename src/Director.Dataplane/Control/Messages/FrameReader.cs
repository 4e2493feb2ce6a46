using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Unicode;

namespace Director.Dataplane.Control.Messages;

/// <summary>
/// Reads one frame's body. The first thing that is wrong is kept as <see cref="Fault"/> and everything read after it is
/// zero: a broken frame costs neither an exception nor more memory than its own length justifies. Callers look once, at the
/// end (<see cref="Finished"/>), before they use what they read.
/// </summary>
public ref struct FrameReader
{
    private ReadOnlySpan<byte> _rest;

    public FrameReader(ReadOnlySpan<byte> body, ushort version)
    {
        _rest = body;
        Version = version;
    }

    public delegate T Element<T>(ref FrameReader reader);

    /// <summary>The negotiated version, for formats in which a field came later.</summary>
    public ushort Version { get; }

    public string? Fault { get; private set; }

    /// <summary>Whether the whole body was read and made sense.</summary>
    public bool Finished()
    {
        if (_rest.Length != 0)
            Break($"{_rest.Length} bytes too many");
        return Fault is null;
    }

    public void Break(string reason)
    {
        Fault ??= reason;
        _rest = default;
    }

    public byte Byte()
    {
        ReadOnlySpan<byte> bytes = Take(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    public bool Bool()
    {
        byte value = Byte();
        if (value > 1)
            Break($"{value} is neither true nor false");
        return value == 1;
    }

    public ushort UInt16()
    {
        ReadOnlySpan<byte> bytes = Take(2);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public uint UInt32()
    {
        ReadOnlySpan<byte> bytes = Take(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public ulong UInt64()
    {
        ReadOnlySpan<byte> bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>A 32-bit number that the model keeps signed and never negative.</summary>
    public int Int31()
    {
        uint value = UInt32();
        if (value > int.MaxValue)
            Break($"{value} is too large");
        return Fault is null ? (int)value : 0;
    }

    public string Text()
    {
        ushort length = UInt16();
        if (length == 0)
            return "";
        ReadOnlySpan<byte> bytes = Take(length);
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        Break("a text is not UTF-8");
        return "";
    }

    public string? OptionalText() => Bool() ? Text() : null;

    public IPAddress Address()
    {
        IPAddress? address = OptionalAddress();
        if (address is null)
            Break("an address is missing");
        return address ?? IPAddress.Any;
    }

    public IPAddress? OptionalAddress()
    {
        byte family = Byte();
        switch (family)
        {
            case 0:
                return null;
            case 4:
                ReadOnlySpan<byte> four = Take(4);
                return four.IsEmpty ? null : new IPAddress(four);
            case 6:
                ReadOnlySpan<byte> six = Take(16);
                uint scope = UInt32();
                return six.IsEmpty ? null : new IPAddress(six, scope);
            default:
                Break($"{family} is no address family");
                return null;
        }
    }

    /// <summary>Bytes behind their 32-bit count.</summary>
    public byte[] Bytes() => Take(Count(1)).ToArray();

    /// <summary>A count of elements that take at least <paramref name="smallest"/> bytes each, checked against what is left.</summary>
    public int Count(int smallest)
    {
        uint count = UInt32();
        if (count <= (uint)(_rest.Length / smallest))
            return (int)count;
        Break($"{count} elements announced, {_rest.Length} bytes left");
        return 0;
    }

    public T[] Array<T>(int smallest, Element<T> element)
    {
        T[] values = new T[Count(smallest)];
        for (int i = 0; i < values.Length && Fault is null; i++)
            values[i] = element(ref this);
        return Fault is null ? values : [];
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            Break($"{count} bytes wanted, {_rest.Length} left");
            return default;
        }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
