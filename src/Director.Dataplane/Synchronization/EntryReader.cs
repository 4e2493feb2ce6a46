using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Synchronization;

/// <summary>Takes an entry apart. What is missing reads as zeros, and <see cref="IsFinished"/> says so in the end: no exception.</summary>
internal ref struct EntryReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _broken;

    /// <summary>All of it was there, and nothing more.</summary>
    public readonly bool IsFinished => !_broken && _rest.IsEmpty;

    public void Break() => _broken = true;

    public byte Byte() => Take(sizeof(byte)) is { IsEmpty: false } taken ? taken[0] : (byte)0;

    public ushort UInt16() => Take(sizeof(ushort)) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt16LittleEndian(taken) : (ushort)0;

    public uint UInt32() => Take(sizeof(uint)) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt32LittleEndian(taken) : 0;

    /// <summary>An IPv6 one that only is an IPv4 one in disguise would be of the other family everywhere else: broken.</summary>
    public IpAddress Address(bool ipv6)
    {
        ReadOnlySpan<byte> taken = Take(ipv6 ? IpAddress.Ipv6Length : IpAddress.Ipv4Length);
        if (taken.IsEmpty)
            return default;
        IpAddress address = IpAddress.Read(taken);
        _broken |= address.IsIpv4 == ipv6;
        return address;
    }

    public AddressWords Words(byte family)
    {
        ReadOnlySpan<byte> taken = Take(family == 6 ? IpAddress.Ipv6Length : IpAddress.Ipv4Length);
        if (taken.IsEmpty)
            return default;
        return family == 6
            ? new AddressWords(6, BitConverter.ToUInt64(taken), BitConverter.ToUInt64(taken[sizeof(ulong)..]))
            : AddressWords.OfIpv4(BinaryPrimitives.ReadUInt32BigEndian(taken));
    }

    /// <summary>A length byte and so many.</summary>
    public ReadOnlySpan<byte> Data(int fewest)
    {
        int length = Byte();
        _broken |= length < fewest;
        return Take(length);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            _broken = true;
            _rest = default;
            return default;
        }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
