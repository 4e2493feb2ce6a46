using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// The IPv6 fragment header (RFC 8200 section 4.5).
/// <code>
///    0               8               16                        29  31
///   +---------------+---------------+-------------------------+---+-+
///   |  next header  |       0       |     fragment offset     | 0 |M|
///   +---------------+---------------+-------------------------+---+-+
///   |                         identification                        |
///   +---------------------------------------------------------------+
/// </code>
/// </summary>
public readonly ref struct FragmentHeader
{
    public const int Length = 8;

    private const int OffsetMask = 0xFFF8;
    private const int MoreFragmentsBit = 1;

    private readonly Span<byte> _header;

    /// <param name="header">At least 8 bytes.</param>
    public FragmentHeader(Span<byte> header) => _header = header[..Length];

    /// <summary>Of the first header that is cut into pieces: the same in every fragment.</summary>
    public byte NextHeader => _header[0];

    /// <summary>In bytes, a multiple of 8.</summary>
    public int Offset => BinaryPrimitives.ReadUInt16BigEndian(_header[2..]) & OffsetMask;

    public bool MoreFragments => (_header[3] & MoreFragmentsBit) != 0;

    public uint Identification => BinaryPrimitives.ReadUInt32BigEndian(_header[4..]);

    /// <summary>Writes all 8 bytes.</summary>
    public static void Write(Span<byte> buffer, byte nextHeader, int offset, bool moreFragments, uint identification)
    {
        buffer[0] = nextHeader;
        buffer[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)((offset & OffsetMask) | (moreFragments ? MoreFragmentsBit : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], identification);
    }
}
