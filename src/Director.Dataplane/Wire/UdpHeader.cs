using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// A UDP datagram (RFC 768).
/// <code>
///    0                             15 16                            31
///   +-------------------------------+-------------------------------+
///   |          source port          |        destination port       |
///   +-------------------------------+-------------------------------+
///   |             length            |   checksum (0: there is none) |
///   +-------------------------------+-------------------------------+
/// </code>
/// </summary>
public readonly ref struct UdpHeader
{
    public const int HeaderLength = 8;

    private readonly Span<byte> _datagram;

    private UdpHeader(Span<byte> datagram) => _datagram = datagram;

    /// <summary>
    /// Setting it owes the checksum (<see cref="Wire.Checksum.Replace(ushort, ushort, ushort)"/>), unless that is partial or 0.
    /// </summary>
    public ushort SourcePort
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_datagram);
        set => BinaryPrimitives.WriteUInt16BigEndian(_datagram, value);
    }

    /// <summary>
    /// Setting it owes the checksum (<see cref="Wire.Checksum.Replace(ushort, ushort, ushort)"/>), unless that is partial or 0.
    /// </summary>
    public ushort DestinationPort
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_datagram[2..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_datagram[2..], value);
    }

    /// <summary>Header and payload, as the field says.</summary>
    public ushort Length => BinaryPrimitives.ReadUInt16BigEndian(_datagram[4..]);

    /// <summary>0 says that there is none: a computed one goes through <see cref="Wire.Checksum.UdpWire"/>.</summary>
    public ushort Checksum
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_datagram[6..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_datagram[6..], value);
    }

    /// <summary>Header and payload: what the checksum covers, if the length may not differ.</summary>
    public Span<byte> Datagram => _datagram;

    public Span<byte> Payload => _datagram[HeaderLength..];

    public static bool TryParse(Span<byte> segment, out UdpHeader header, out DropReason reason) =>
        TryParse(segment, lengthMayDiffer: false, out header, out reason);

    /// <param name="segment">The IP payload.</param>
    /// <param name="lengthMayDiffer">
    /// For the first fragment of a datagram (the length is the whole one's) and for super-frames (UDP segmentation offload):
    /// the payload then is all that is there.
    /// </param>
    /// <param name="header">The view.</param>
    /// <param name="reason">Why there is none.</param>
    public static bool TryParse(Span<byte> segment, bool lengthMayDiffer, out UdpHeader header, out DropReason reason)
    {
        header = default;
        if (segment.Length < HeaderLength)
        {
            reason = DropReason.UdpTruncated;
            return false;
        }
        int length = BinaryPrimitives.ReadUInt16BigEndian(segment[4..]);
        if (length < HeaderLength || (length > segment.Length && !lengthMayDiffer))
        {
            reason = DropReason.UdpLengthInvalid;
            return false;
        }
        header = new UdpHeader(lengthMayDiffer ? segment : segment[..length]);
        reason = DropReason.None;
        return true;
    }

    /// <summary>Writes a header for a payload that follows it. Leaves the checksum 0: none, which IPv4 allows.</summary>
    public static void Write(Span<byte> buffer, ushort sourcePort, ushort destinationPort, ushort length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(buffer, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[4..], length);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[6..], 0);
    }
}
