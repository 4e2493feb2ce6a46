using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Director.Dataplane.Wire;

/// <summary>A 48-bit Ethernet address; the first octet on the wire is the highest of the 48 bits of <see cref="Value"/>.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public const int Length = 6;

    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>The group bit (IEEE 802.3: lowest of the first octet): multicast and broadcast.</summary>
    public bool IsMulticast => (Value & 0x0100_0000_0000) != 0;

    /// <summary>
    /// The MAC that a group of directors answers with on one of its interfaces: 02:4c:56:53 ("LVS"), the interface's position in
    /// the configuration, the group. The 02 makes it locally administered and unicast, so it never is a manufacturer's address.
    /// </summary>
    public static MacAddress Virtual(byte interfacePosition, byte group) =>
        new(0x024C_5653_0000 | ((ulong)interfacePosition << 8) | group);

    /// <summary>From the first six bytes.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> bytes) =>
        new(((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>To the first six bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)Value);
    }

    /// <summary>Six pairs of hexadecimal digits with colons, as Linux writes them.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MacAddress address)
    {
        address = default;
        if (text is not { Length: 17 })
            return false;
        ulong value = 0;
        for (int at = 0; at < text.Length; at += 3)
        {
            if (at > 0 && text[at - 1] != ':')
                return false;
            if (!byte.TryParse(text.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
                return false;
            value = (value << 8) | octet;
        }
        address = new MacAddress(value);
        return true;
    }

    public override string ToString()
    {
        Span<byte> octets = stackalloc byte[Length];
        Write(octets);
        return string.Create(CultureInfo.InvariantCulture,
            $"{octets[0]:x2}:{octets[1]:x2}:{octets[2]:x2}:{octets[3]:x2}:{octets[4]:x2}:{octets[5]:x2}");
    }
}
