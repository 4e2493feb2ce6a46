using System.Runtime.InteropServices;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Netlink;

/// <summary>The messages of one datagram; a length that contradicts the datagram ends it.</summary>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    public const int HeaderLength = 16;

    private ReadOnlySpan<byte> _rest = datagram;

    public ushort Type { get; private set; }

    public ushort Flags { get; private set; }

    public uint Sequence { get; private set; }

    public ReadOnlySpan<byte> Body { get; private set; }

    public bool Next()
    {
        if (_rest.Length < HeaderLength)
            return false;
        uint length = MemoryMarshal.Read<uint>(_rest);
        if (length < HeaderLength || length > _rest.Length)
            return false;
        Type = MemoryMarshal.Read<ushort>(_rest[4..]);
        Flags = MemoryMarshal.Read<ushort>(_rest[6..]);
        Sequence = MemoryMarshal.Read<uint>(_rest[8..]);
        Body = _rest[HeaderLength..(int)length];
        _rest = _rest[Math.Min(((int)length + 3) & ~3, _rest.Length)..];
        return true;
    }
}

/// <summary>The attributes of a message, or those nested in one.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private const int HeaderLength = 4;
    private const ushort TypeMask = 0x3FFF; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private ReadOnlySpan<byte> _rest = attributes;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly uint Number => Value.Length >= sizeof(uint) ? MemoryMarshal.Read<uint>(Value) : 0;

    /// <summary>Of either family; unspecified if the value is no address.</summary>
    public readonly IpAddress Address => Value.Length is IpAddress.Ipv4Length or IpAddress.Ipv6Length ? IpAddress.Read(Value) : default;

    public bool Next()
    {
        if (_rest.Length < HeaderLength)
            return false;
        ushort length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderLength || length > _rest.Length)
            return false;
        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        Value = _rest[HeaderLength..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
