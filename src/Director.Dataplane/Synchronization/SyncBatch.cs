using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Synchronization;

/// <summary>What is in a batch, and what it means for the stream. Numbers travel: append only.</summary>
[Flags]
public enum SyncBatchFlags : ushort
{
    None = 0,

    /// <summary>The first of a stream: what the receiver has is to be confirmed anew, or it goes when the copy is complete.</summary>
    Begin = 0x0001,

    /// <summary>From the copy of everything.</summary>
    Bulk = 0x0002,

    /// <summary>Changes.</summary>
    Delta = 0x0004,

    /// <summary>The copy ends here.</summary>
    Complete = 0x0008,
}

/// <summary>
/// The start of a batch, version 1, little-endian; entries follow (<see cref="SyncEntryFormat"/>):
/// <code>
///  0       4         6      8       16       24       32         40      44      48
/// +-------+---------+------+-------+--------+--------+----------+-------+-------+---- - -
/// |"HDSB" |version 1|flags |epoch  |sender  |stream  |sequence  |count  |CRC32C |entries
/// +-------+---------+------+-------+--------+--------+----------+-------+-------+---- - -
/// </code>
/// The CRC is of the whole batch with 0 in its place.
/// </summary>
/// <param name="Flags">What is in it.</param>
/// <param name="Epoch">Of the owner's ownership: a receiver that knows of a later one refuses.</param>
/// <param name="Sender">The director.</param>
/// <param name="Stream">Later streams of one epoch have higher numbers.</param>
/// <param name="Sequence">In the stream: 1, 2, ... without a gap.</param>
/// <param name="Count">Entries.</param>
public readonly record struct SyncBatch(SyncBatchFlags Flags, ulong Epoch, ulong Sender, ulong Stream, ulong Sequence, uint Count)
{
    public const int HeaderSize = 48;

    /// <summary>Header and entries: what lies well within a frame of the cluster link, and costs its heartbeats little.</summary>
    public const int MostBytes = 32 << 10;

    public const ushort Version = 1;

    private const uint Magic = 0x4253_4448;
    private const int CrcOffset = 44;
    private const SyncBatchFlags Known = SyncBatchFlags.Begin | SyncBatchFlags.Bulk | SyncBatchFlags.Delta | SyncBatchFlags.Complete;

    /// <summary>Makes what stands behind the header's place a batch.</summary>
    /// <param name="batch">The whole batch, entries in place.</param>
    public void Seal(Span<byte> batch)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(batch, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(batch[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(batch[6..], (ushort)Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(batch[8..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(batch[16..], Sender);
        BinaryPrimitives.WriteUInt64LittleEndian(batch[24..], Stream);
        BinaryPrimitives.WriteUInt64LittleEndian(batch[32..], Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(batch[40..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(batch[CrcOffset..], CrcOf(batch));
    }

    /// <summary>Reads a whole batch's header. The entries are only known to be as they were sent.</summary>
    public static BatchFault TryOpen(ReadOnlySpan<byte> batch, out SyncBatch header, out ReadOnlySpan<byte> entries)
    {
        header = default;
        entries = default;
        if (batch.Length is < HeaderSize or > MostBytes || BinaryPrimitives.ReadUInt32LittleEndian(batch) != Magic)
            return BatchFault.Broken;
        if (BinaryPrimitives.ReadUInt16LittleEndian(batch[4..]) != Version)
            return BatchFault.VersionUnknown;
        if (BinaryPrimitives.ReadUInt32LittleEndian(batch[CrcOffset..]) != CrcOf(batch))
            return BatchFault.Broken;
        header = new SyncBatch(
            (SyncBatchFlags)BinaryPrimitives.ReadUInt16LittleEndian(batch[6..]),
            BinaryPrimitives.ReadUInt64LittleEndian(batch[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(batch[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(batch[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(batch[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(batch[40..]));
        entries = batch[HeaderSize..];
        bool begins = (header.Flags & SyncBatchFlags.Begin) != 0;
        return (header.Flags & ~Known) == 0 && header.Sequence != 0 && begins == (header.Sequence == 1)
            && header.Count <= (uint)(entries.Length / SyncEntryFormat.FewestBytes)
                ? BatchFault.None
                : BatchFault.Broken;
    }

    private static uint CrcOf(ReadOnlySpan<byte> batch)
    {
        uint register = Crc32c.Append(Crc32c.Start, batch[..CrcOffset]);
        register = Crc32c.Append(register, [0, 0, 0, 0]);
        return Crc32c.Finish(Crc32c.Append(register, batch[HeaderSize..]));
    }
}

/// <summary>Why a batch is not even looked into.</summary>
public enum BatchFault
{
    None,

    /// <summary>Cut, altered, or no batch.</summary>
    Broken,

    /// <summary>Of a later version than this.</summary>
    VersionUnknown,
}
