using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// An SCTP packet (RFC 9260 section 3).
/// <code>
///    0                             15 16                            31
///   +-------------------------------+-------------------------------+
///   |          source port          |        destination port       |
///   +-------------------------------+-------------------------------+
///   |                        verification tag                       |
///   +---------------------------------------------------------------+
///   |          CRC32c of all of it, least significant byte first    |
///   +---------------------------------------------------------------+
///   |                           chunks ...                          |
/// </code>
/// The CRC covers no address, so only ports concern it. It is not checked: a forwarder passes a wrong one on as it is.
/// </summary>
public readonly ref struct SctpHeader
{
    public const int HeaderLength = 12;

    /// <summary>Where the CRC is.</summary>
    public const int ChecksumOffset = 8;

    private const int SourcePortAt = 0;
    private const int DestinationPortAt = 2;

    private readonly Span<byte> _packet;
    private readonly int _chunksEnd;

    private SctpHeader(Span<byte> packet, int chunksEnd)
    {
        _packet = packet;
        _chunksEnd = chunksEnd;
    }

    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_packet);

    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_packet[DestinationPortAt..]);

    public uint VerificationTag => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    public uint Checksum
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(_packet[ChecksumOffset..]);
        set => BinaryPrimitives.WriteUInt32LittleEndian(_packet[ChecksumOffset..], value);
    }

    /// <summary>At least one of a whole packet; none of a first fragment, since they may go on in the next.</summary>
    public SctpChunks Chunks => new(_packet[HeaderLength.._chunksEnd]);

    public static bool TryParse(Span<byte> packet, out SctpHeader header, out DropReason reason) =>
        TryParse(packet, isFirstFragment: false, out header, out reason);

    /// <param name="packet">The IP payload.</param>
    /// <param name="isFirstFragment">The rest is not there: chunks are not looked at.</param>
    /// <param name="header">The view.</param>
    /// <param name="reason">Why there is none.</param>
    public static bool TryParse(Span<byte> packet, bool isFirstFragment, out SctpHeader header, out DropReason reason)
    {
        header = default;
        // A packet without a chunk says nothing that anybody could act on.
        if (packet.Length < (isFirstFragment ? HeaderLength : HeaderLength + SctpChunk.HeaderLength))
        {
            reason = DropReason.SctpTruncated;
            return false;
        }
        SctpChunks chunks = new(isFirstFragment ? default : packet[HeaderLength..]);
        while (chunks.TryMoveNext(out reason))
        {
        }
        if (reason != DropReason.None)
            return false;
        header = new SctpHeader(packet, isFirstFragment ? HeaderLength : packet.Length);
        return true;
    }

    /// <summary>Writes a common header with CRC 0: owes <see cref="RecomputeChecksum"/> once the chunks are there.</summary>
    public static void Write(Span<byte> buffer, ushort sourcePort, ushort destinationPort, uint verificationTag)
    {
        BinaryPrimitives.WriteUInt16BigEndian(buffer, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[DestinationPortAt..], destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], verificationTag);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[ChecksumOffset..], 0);
    }

    /// <summary>Keeps the CRC as right, or as wrong, as it was.</summary>
    public void ReplaceSourcePort(ushort port) => ReplacePort(SourcePortAt, port);

    /// <inheritdoc cref="ReplaceSourcePort"/>
    public void ReplaceDestinationPort(ushort port) => ReplacePort(DestinationPortAt, port);

    /// <summary>Reads the whole packet. Of a fragment, nothing can be said.</summary>
    public bool ChecksumIsValid() => Checksum == ComputeChecksum();

    public void RecomputeChecksum() => Checksum = ComputeChecksum();

    private uint ComputeChecksum()
    {
        uint register = Crc32c.Append(Crc32c.Start, _packet[..ChecksumOffset]);
        register = Crc32c.Append(register, [0, 0, 0, 0]);
        return Crc32c.Finish(Crc32c.Append(register, _packet[HeaderLength..]));
    }

    private void ReplacePort(int at, ushort port)
    {
        Span<byte> field = _packet[at..];
        ushort before = BinaryPrimitives.ReadUInt16BigEndian(field);
        if (before == port)
            return;
        BinaryPrimitives.WriteUInt16BigEndian(field, port);
        Checksum = Crc32c.Replace(Checksum, before, port, field.Length - sizeof(ushort));
    }
}
