using System.Numerics;

namespace Director.Dataplane.Connections;

/// <summary>Where things lie, for a number of records. Every part starts on a page, so that it could be a map of its own.</summary>
internal readonly record struct MemoryLayout(
    uint Records, uint Slots, uint Buckets, long SlotsOffset, long RecordsOffset, long InOffset, long OutOffset, long ExtensionsOffset,
    long PersistenceOffset, long Size)
{
    public const uint MostRecords = 1 << 24;
    private const uint FewestRecords = 64;
    private const uint FewestSlots = 1 << 14;
    private const uint MostSlots = 1 << 17;
    private const int Page = 4096;

    /// <summary>Bytes from the start that the fast-path program looks at.</summary>
    public long ProgramSize => ExtensionsOffset;

    /// <summary>The smallest layout for so many connections. A power of two, so that a program can bound its accesses by a mask.</summary>
    public static MemoryLayout ForLimit(uint limit)
    {
        ArgumentOutOfRangeException.ThrowIfZero(limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostRecords);
        return ForRecords(BitOperations.RoundUpToPowerOf2(Math.Max(limit, FewestRecords)));
    }

    public static MemoryLayout ForRecords(uint records)
    {
        // Two index entries a record: a load of at most one half, at which hardly a bucket of eight is ever full.
        uint slots = Math.Clamp(records, FewestSlots, MostSlots);
        uint buckets = records * 2 / IndexBucket.Length;
        long slotsOffset = Page;
        long recordsOffset = AfterPages(slotsOffset, slots, ServerSlot.Size);
        long inOffset = AfterPages(recordsOffset, records, ConnectionRecord.Size);
        long outOffset = AfterPages(inOffset, buckets, IndexBucket.Length * sizeof(ulong));
        long extensionsOffset = AfterPages(outOffset, buckets, IndexBucket.Length * sizeof(ulong));
        long persistenceOffset = AfterPages(extensionsOffset, records, RecordExtension.Size);
        long size = AfterPages(persistenceOffset, records, PersistenceData.Size);
        return new MemoryLayout(
            records, slots, buckets, slotsOffset, recordsOffset, inOffset, outOffset, extensionsOffset, persistenceOffset, size);
    }

    private static long AfterPages(long offset, uint count, int size) => (offset + ((long)count * size) + Page - 1) / Page * Page;
}
