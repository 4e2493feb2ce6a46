using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// A TCP segment (RFC 9293 section 3.1).
/// <code>
///    0                   1                   2                   3
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///   +-------------------------------+-------------------------------+
///   |          source port          |        destination port       |
///   +-------------------------------+-------------------------------+
///   |                        sequence number                        |
///   +---------------------------------------------------------------+
///   |                     acknowledgment number                     |
///   +-------+-------+---------------+-------------------------------+
///   | offset|   0   |C E U A P R S F|             window            |
///   +-------+-------+---------------+-------------------------------+
///   |            checksum           |         urgent pointer        |
///   +-------------------------------+-------------------------------+
///   |                   options (offset - 5 words)                  |
/// </code>
/// The checksum is not checked: a forwarder passes a wrong one on as it is, the receiver judges it.
/// </summary>
public readonly ref struct TcpHeader
{
    public const int MinimumLength = 20;

    private readonly Span<byte> _segment;
    private readonly int _dataOffset;

    private TcpHeader(Span<byte> segment, int dataOffset)
    {
        _segment = segment;
        _dataOffset = dataOffset;
    }

    /// <summary>
    /// Setting it owes the checksum (<see cref="Wire.Checksum.Replace(ushort, ushort, ushort)"/>), unless that is partial.
    /// </summary>
    public ushort SourcePort
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_segment);
        set => BinaryPrimitives.WriteUInt16BigEndian(_segment, value);
    }

    /// <summary>
    /// Setting it owes the checksum (<see cref="Wire.Checksum.Replace(ushort, ushort, ushort)"/>), unless that is partial.
    /// </summary>
    public ushort DestinationPort
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_segment[2..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_segment[2..], value);
    }

    public uint SequenceNumber => BinaryPrimitives.ReadUInt32BigEndian(_segment[4..]);

    public uint AcknowledgmentNumber => BinaryPrimitives.ReadUInt32BigEndian(_segment[8..]);

    /// <summary>Header length in bytes: 20..60.</summary>
    public int DataOffset => _dataOffset;

    public TcpFlags Flags => (TcpFlags)_segment[13];

    public ushort Window => BinaryPrimitives.ReadUInt16BigEndian(_segment[14..]);

    public ushort Checksum
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_segment[16..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_segment[16..], value);
    }

    public Span<byte> Options => _segment[MinimumLength.._dataOffset];

    public Span<byte> Payload => _segment[_dataOffset..];

    public static bool TryParse(Span<byte> segment, out TcpHeader header, out DropReason reason)
    {
        header = default;
        if (segment.Length < MinimumLength)
        {
            reason = DropReason.TcpTruncated;
            return false;
        }
        int dataOffset = (segment[12] >> 4) * 4;
        if (dataOffset < MinimumLength || dataOffset > segment.Length)
        {
            reason = DropReason.TcpDataOffsetInvalid;
            return false;
        }
        header = new TcpHeader(segment, dataOffset);
        reason = DropReason.None;
        return true;
    }

    /// <summary>
    /// Writes a header without options, for the segments the engine makes itself (RST). Leaves the checksum field 0: owes
    /// <see cref="Wire.Checksum.Transport(IpAddress, IpAddress, byte, ReadOnlySpan{byte})"/>.
    /// </summary>
    public static void Write(
        Span<byte> buffer, ushort sourcePort, ushort destinationPort, uint sequenceNumber, uint acknowledgmentNumber,
        TcpFlags flags, ushort window = 0)
    {
        Span<byte> header = buffer[..MinimumLength];
        header.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], acknowledgmentNumber);
        header[12] = MinimumLength / 4 << 4;
        header[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], window);
    }
}
