using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Director.Dataplane.Wire;

/// <summary>
/// An IP address of either family, as two words in host order. IPv4 is mapped (<c>::ffff:a.b.c.d</c>, RFC 4291 section 2.5.5.2), so
/// that one type, one comparison and one hash table serve both families. Prefix lengths are always those of the address's own
/// family: 0..32 or 0..128.
/// </summary>
public readonly record struct IpAddress(ulong High, ulong Low) : IComparable<IpAddress>
{
    public const int Ipv4Length = 4;
    public const int Ipv6Length = 16;

    private const ulong Mapped = 0x0000_FFFF_0000_0000;

    /// <summary>0.0.0.0.</summary>
    public static readonly IpAddress AnyIpv4 = FromIpv4(0);

    /// <summary>255.255.255.255. (IPv6 has none.)</summary>
    public static readonly IpAddress Broadcast = FromIpv4(uint.MaxValue);

    /// <summary>Of an IPv4 address in host order (10.1.0.100 is 0x0A010064).</summary>
    public static IpAddress FromIpv4(uint address) => new(0, Mapped | address);

    /// <summary>Reads 4 or 16 bytes in network order.</summary>
    public static IpAddress Read(ReadOnlySpan<byte> bytes) => bytes.Length == Ipv4Length
        ? FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
        : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public static IpAddress Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Length];
        address.TryWriteBytes(bytes, out int length);
        return Read(bytes[..length]);
    }

    public bool IsIpv4 => High == 0 && Low >> 32 == 0xFFFF;

    /// <summary>Host order; meaningful only if <see cref="IsIpv4"/>.</summary>
    public uint Ipv4 => (uint)Low;

    public AddressFamily Family => IsIpv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <summary>Bits of an address of this family: 32 or 128.</summary>
    public int Bits => IsIpv4 ? 32 : 128;

    /// <summary>0.0.0.0 or ::.</summary>
    public bool IsUnspecified => High == 0 && Low is 0 or Mapped;

    /// <summary>224/4 or ff00::/8.</summary>
    public bool IsMulticast => IsIpv4 ? Ipv4 >> 28 == 0xE : High >> 56 == 0xFF;

    /// <summary>127/8 or ::1.</summary>
    public bool IsLoopback => IsIpv4 ? Ipv4 >> 24 == 127 : High == 0 && Low == 1;

    /// <summary>fe80::/10 (RFC 4291 section 2.5.6): good on its own link only. (IPv4's 169.254/16 is routed like any other here.)</summary>
    public bool IsLinkLocal => High >> 54 == 0x3FA;

    /// <summary>The first bits of the address, the others 0.</summary>
    public IpAddress Masked(int prefixLength)
    {
        if (IsIpv4)
            return FromIpv4(prefixLength == 0 ? 0 : Ipv4 & (uint.MaxValue << (32 - prefixLength)));
        return new(
            prefixLength >= 64 ? High : prefixLength == 0 ? 0 : High & (ulong.MaxValue << (64 - prefixLength)),
            prefixLength <= 64 ? 0 : Low & (ulong.MaxValue << (128 - prefixLength)));
    }

    /// <summary>An address of the other family is never in the subnet.</summary>
    public bool IsIn(IpAddress network, int prefixLength) => IsIpv4 == network.IsIpv4 && Masked(prefixLength) == network.Masked(prefixLength);

    /// <summary>Writes 4 or 16 bytes in network order and returns how many.</summary>
    public int Write(Span<byte> destination)
    {
        if (IsIpv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, Ipv4);
            return Ipv4Length;
        }
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
        return Ipv6Length;
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Ipv6Length];
        return new IPAddress(bytes[..Write(bytes)]);
    }

    /// <summary>IPv4 before IPv6, then by number.</summary>
    public int CompareTo(IpAddress other)
    {
        int byFamily = other.IsIpv4.CompareTo(IsIpv4);
        int byHigh = byFamily != 0 ? byFamily : High.CompareTo(other.High);
        return byHigh != 0 ? byHigh : Low.CompareTo(other.Low);
    }

    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;

    /// <summary>Spreads well enough for a table that nobody aims at; connections use the keyed <c>FlowHash</c>.</summary>
    public override int GetHashCode() => (int)(((High ^ (Low * 0x9E37_79B9_7F4A_7C15)) * 0x9E37_79B9_7F4A_7C15) >> 32);

    public override string ToString() => ToIPAddress().ToString();
}
