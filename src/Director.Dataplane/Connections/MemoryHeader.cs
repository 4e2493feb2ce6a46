using System.Runtime.InteropServices;

namespace Director.Dataplane.Connections;

/// <summary>The start of the header page: what the rest of the memory is.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct MemoryHeader
{
    public const int Size = 1024;

    /// <summary>The letters HADIRCON as they stand in memory.</summary>
    public static readonly ulong MagicWord = BitConverter.ToUInt64("HADIRCON"u8);

    [FieldOffset(0)] public ulong Magic;
    [FieldOffset(8)] public uint Version;

    /// <summary>What a reader of this version must know beyond it: nothing yet. Unknown bits: do not read.</summary>
    [FieldOffset(12)] public uint Features;
    [FieldOffset(16)] public uint RecordSize;
    [FieldOffset(20)] public uint RecordCount;
    [FieldOffset(24)] public uint SlotSize;
    [FieldOffset(28)] public uint SlotCount;

    /// <summary>Of each index.</summary>
    [FieldOffset(32)] public uint BucketCount;

    /// <summary>How often an engine has taken the memory up; 1 for the one that made it.</summary>
    [FieldOffset(36)] public uint Generation;
    [FieldOffset(40)] public long SlotsOffset;
    [FieldOffset(48)] public long RecordsOffset;
    [FieldOffset(56)] public long InOffset;
    [FieldOffset(64)] public long OutOffset;
    [FieldOffset(72)] public long TotalSize;
    [FieldOffset(80)] public FlowHash Hash;

    /// <summary>Nanoseconds of the boot-time clock at tick 0: 0 in this version.</summary>
    [FieldOffset(160)] public long ClockBase;
    [FieldOffset(168)] public uint ClockShift;

    /// <summary>Entries in the list of timeout changes behind this header, at least 1.</summary>
    [FieldOffset(172)] public uint TimeoutChanges;

    /// <summary>The second lines of the records.</summary>
    [FieldOffset(176)] public long ExtensionsOffset;

    /// <summary>What persistence engines said of templates.</summary>
    [FieldOffset(184)] public long PersistenceOffset;
}
