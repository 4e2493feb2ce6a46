using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Bpf;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// The memory that holds all connections and that several look at: this engine, the next one after it, the fast-path program.
/// docs/connection-memory.md describes it byte by byte. One engine at a time works on it.
/// </summary>
public sealed class ConnectionMemory
{
    public const uint LayoutVersion = 1;

    // With more, the verifier does not let a program reach the end of the array (BPF_MAX_VAR_OFF, 512 MB).
    private const uint MostForProgram = 1 << 22;

    private readonly Region<MemoryHeader> _header;
    private readonly MemoryLayout _layout;

    private ConnectionMemory(SharedMemory memory, MemoryLayout layout, bool isNew)
    {
        Memory = memory;
        IsNew = isNew;
        _layout = layout;
        _header = memory.Slice<MemoryHeader>(0, 1);
        Records = memory.Slice<ConnectionRecord>(layout.RecordsOffset, layout.Records);
        In = memory.Slice<IndexBucket>(layout.InOffset, layout.Buckets);
        Out = memory.Slice<IndexBucket>(layout.OutOffset, layout.Buckets);
        Extensions = memory.Slice<RecordExtension>(layout.ExtensionsOffset, layout.Records);
        PersistenceData = memory.Slice<PersistenceData>(layout.PersistenceOffset, layout.Records);
        Timeouts = new TimeoutHistory(_header, Changes(memory));
        Servers = new ServerSlots(memory.Slice<ServerSlot>(layout.SlotsOffset, layout.Slots));
    }

    public SharedMemory Memory { get; }

    public ServerSlots Servers { get; }

    /// <summary>A fast-path program can read it.</summary>
    public bool IsForProgram => Memory.Descriptors.Length == 2;

    /// <summary>Of the part that the fast-path program reads.</summary>
    internal int Descriptor => Memory.Descriptor;

    internal long RecordsOffset => _layout.RecordsOffset;

    internal long InOffset => _layout.InOffset;

    internal long OutOffset => _layout.OutOffset;

    /// <summary>Of each index.</summary>
    internal uint BucketCount => _layout.Buckets;

    /// <summary>Connections that fit: one less than a power of two, since record 0 is never used.</summary>
    public uint Capacity => Records.Length - 1;

    /// <summary>How often an engine has taken the memory up; 1 for the one that made it.</summary>
    public uint Generation => _header[0].Generation;

    /// <summary>Made here and now, so without connections.</summary>
    internal bool IsNew { get; }

    internal Region<ConnectionRecord> Records { get; }

    internal Region<RecordExtension> Extensions { get; }

    internal Region<PersistenceData> PersistenceData { get; }

    internal Region<IndexBucket> In { get; }

    internal Region<IndexBucket> Out { get; }

    internal TimeoutHistory Timeouts { get; }

    internal FlowHash Hash => _header[0].Hash;

    /// <summary>Bytes for so many connections: <paramref name="limit"/>, rounded up to a power of two, records (1 .. 2^24).</summary>
    public static long SizeFor(uint limit) => MemoryLayout.ForLimit(limit).Size;

    /// <summary>
    /// New memory for so many connections that a fast-path program can read as well: what it looks at is a BPF array, which is there
    /// in full from the start; the rest takes memory only where it is used.
    /// </summary>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    public static SharedMemory CreateForProgram(uint limit)
    {
        MemoryLayout layout = MemoryLayout.ForLimit(limit);
        if (layout.Records > MostForProgram)
            throw new EngineException($"it is for a connection-limit of at most {MostForProgram}, and this one is {limit}");
        int program = BpfSystem.CreateArray("director-flows", layout.ProgramSize);
        int rest;
        try
        {
            rest = SharedMemory.CreateDescriptor("director-connections", layout.Size - layout.ProgramSize);
        }
        catch
        {
            BpfSystem.Close(program);
            throw;
        }
        return SharedMemory.Join((program, layout.ProgramSize), (rest, layout.Size - layout.ProgramSize));
    }

    /// <summary>Maps the descriptors of a memory, which are owned from now on, even if this fails.</summary>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    /// <exception cref="InvalidDataException">It is no connection memory, or one of another layout.</exception>
    public static SharedMemory Map(int[] descriptors)
    {
        if (descriptors is not [int program, int rest])
            return SharedMemory.FromDescriptor(descriptors.Single());
        MemoryLayout layout;
        try
        {
            layout = BpfSystem.PeekAt(program, MemoryHeader.Size, static first => Validate(first.Slice<MemoryHeader>(0, 1)[0]));
        }
        catch
        {
            BpfSystem.Close(program);
            BpfSystem.Close(rest);
            throw;
        }
        return SharedMemory.Join((program, layout.ProgramSize), (rest, layout.Size - layout.ProgramSize));
    }

    /// <summary>New shared memory for so many connections.</summary>
    public static ConnectionMemory Create(uint limit) => Create(SharedMemory.Create("director-connections", SizeFor(limit)), limit);

    /// <summary>Makes the memory a new connection memory; whatever it held is gone.</summary>
    public static ConnectionMemory Create(SharedMemory memory, uint limit) => Create(memory, limit, FlowHash.Random());

    internal static ConnectionMemory Create(SharedMemory memory, uint limit, FlowHash hash)
    {
        MemoryLayout layout = MemoryLayout.ForLimit(limit);
        if (memory.Size < layout.Size)
            throw new ArgumentException($"A connection memory for {limit} connections takes {layout.Size} bytes; this memory has {memory.Size}.", nameof(memory));
        ref MemoryHeader header = ref memory.Slice<MemoryHeader>(0, 1)[0];
        if (header.Magic != 0)
            memory.Slice<ulong>(0, (uint)(layout.Size / sizeof(ulong))).Clear();
        header = new MemoryHeader
        {
            Version = LayoutVersion,
            RecordSize = ConnectionRecord.Size,
            RecordCount = layout.Records,
            SlotSize = ServerSlot.Size,
            SlotCount = layout.Slots,
            BucketCount = layout.Buckets,
            Generation = 1,
            SlotsOffset = layout.SlotsOffset,
            RecordsOffset = layout.RecordsOffset,
            InOffset = layout.InOffset,
            OutOffset = layout.OutOffset,
            ExtensionsOffset = layout.ExtensionsOffset,
            PersistenceOffset = layout.PersistenceOffset,
            TotalSize = layout.Size,
            Hash = hash,
            ClockShift = ConnectionClock.TickShift,
            TimeoutChanges = 1,
        };
        Timeouts defaults = new();
        Changes(memory)[0] = new TimeoutChange { Tcp = defaults.Tcp, TcpFin = defaults.TcpFin, Udp = defaults.Udp };
        // Last, so that a memory whose making was cut short is none.
        Volatile.Write(ref header.Magic, MemoryHeader.MagicWord);
        return new ConnectionMemory(memory, layout, isNew: true);
    }

    /// <summary>Takes up the memory of an engine before us, whose connections go on.</summary>
    /// <exception cref="InvalidDataException">It is no connection memory, or one of another layout; the message says what is wrong.</exception>
    public static ConnectionMemory Attach(SharedMemory memory)
    {
        if (memory.Size < MemoryHeader.Size)
            throw new InvalidDataException($"Not a connection memory: it has only {memory.Size} bytes.");
        ref MemoryHeader header = ref memory.Slice<MemoryHeader>(0, 1)[0];
        if (header.Magic != MemoryHeader.MagicWord)
            throw new InvalidDataException("Not a connection memory: it does not begin with HADIRCON.");
        if (header.Version != LayoutVersion || header.Features != 0)
        {
            throw new InvalidDataException(
                $"The connection memory has layout version {header.Version}, features {header.Features:X}; this engine knows only version {LayoutVersion}, features 0.");
        }
        if (memory.Size < header.TotalSize)
            throw new InvalidDataException($"The connection memory was made with {header.TotalSize} bytes, but only {memory.Size} are there.");
        MemoryLayout layout = Validate(header);
        header.Generation++;
        return new ConnectionMemory(memory, layout, isNew: false);
    }

    // The offsets follow from the number of records: a header that says otherwise is damaged.
    private static MemoryLayout Validate(in MemoryHeader header)
    {
        bool possible = header.RecordCount is > 0 and <= MemoryLayout.MostRecords
            && header.RecordSize == ConnectionRecord.Size && header.SlotSize == ServerSlot.Size
            && header.ClockShift == ConnectionClock.TickShift && header.TimeoutChanges is > 0 and <= TimeoutChange.Most;
        MemoryLayout layout = possible ? MemoryLayout.ForLimit(header.RecordCount) : default;
        MemoryLayout stated = new(
            header.RecordCount, header.SlotCount, header.BucketCount, header.SlotsOffset, header.RecordsOffset, header.InOffset,
            header.OutOffset, header.ExtensionsOffset, header.PersistenceOffset, header.TotalSize);
        return possible && stated == layout
            ? layout
            : throw new InvalidDataException($"The header of the connection memory contradicts itself ({header.RecordCount} records, {header.TotalSize} bytes).");
    }

    private static Region<TimeoutChange> Changes(SharedMemory memory) => memory.Slice<TimeoutChange>(MemoryHeader.Size, TimeoutChange.Most);
}
