using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Netlink;

/// <summary>Builds one request in a buffer of the caller's; the kernel's byte order.</summary>
internal ref struct NetlinkWriter
{
    private readonly Span<byte> _buffer;
    private int _length = NetlinkReader.HeaderLength;

    public NetlinkWriter(Span<byte> buffer, ushort type, ushort flags, uint sequence)
    {
        _buffer = buffer;
        buffer[..NetlinkReader.HeaderLength].Clear();
        MemoryMarshal.Write(buffer[4..], type);
        MemoryMarshal.Write(buffer[6..], (ushort)(flags | Rtnetlink.Request));
        MemoryMarshal.Write(buffer[8..], sequence);
    }

    /// <summary>The message, with its length filled in.</summary>
    public readonly ReadOnlySpan<byte> Message
    {
        get
        {
            MemoryMarshal.Write(_buffer, _length);
            return _buffer[.._length];
        }
    }

    public void Add<T>(T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(_buffer[_length..], value);
        _length += Unsafe.SizeOf<T>();
    }

    public void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        int start = Nest(type);
        value.CopyTo(_buffer[_length..]);
        _length += value.Length;
        End(start);
    }

    public void Attribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(bytes, value);
        Attribute(type, bytes);
    }

    public void Attribute(ushort type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        MemoryMarshal.Write(bytes, value);
        Attribute(type, bytes);
    }

    public void AddressAttribute(ushort type, IpAddress address)
    {
        Span<byte> bytes = stackalloc byte[IpAddress.Ipv6Length];
        Attribute(type, bytes[..address.Write(bytes)]);
    }

    /// <summary>Opens an attribute that holds others; pass the result to <see cref="End"/>.</summary>
    public int Nest(ushort type)
    {
        int start = _length;
        MemoryMarshal.Write(_buffer[(start + 2)..], type);
        _length += 4;
        return start;
    }

    public void End(int start)
    {
        MemoryMarshal.Write(_buffer[start..], (ushort)(_length - start));
        while ((_length & 3) != 0)
            _buffer[_length++] = 0;
    }
}
