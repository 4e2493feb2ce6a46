using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Bpf;

namespace Director.Dataplane.FastPath;

/// <summary>
/// What the fast-path program reads besides the connection memory: the lease, the servers by slot, the next hops. It belongs to one
/// life of the engine; the program ends with that, too.
/// </summary>
public sealed class FastTables
{
    /// <summary>Numbers of next hops fit the bits that a record has beside its slot.</summary>
    internal const uint HopCount = 1u << (32 - ConnectionRecord.SlotBits);

    internal const int LeaseAt = 0;
    internal const int HopsAt = 4096;
    internal const int ServersAt = HopsAt + (int)HopCount * FastHop.Size;

    /// <param name="memory">Zero, of <see cref="SizeFor"/> bytes; a BPF array or, for tests, any other.</param>
    /// <param name="connections">Whose servers they are.</param>
    public FastTables(SharedMemory memory, ConnectionMemory connections)
    {
        Memory = memory;
        Lease = memory.Slice<long>(LeaseAt, 1);
        Hops = memory.Slice<FastHop>(HopsAt, HopCount);
        Servers = memory.Slice<FastServer>(ServersAt, connections.Servers.Capacity);
    }

    /// <exception cref="EngineException">The kernel refuses.</exception>
    public static FastTables ForProgram(ConnectionMemory connections)
    {
        long size = SizeFor(connections);
        return new FastTables(SharedMemory.FromDescriptor(BpfSystem.CreateArray("director-fast", size), size), connections);
    }

    public SharedMemory Memory { get; }

    /// <summary>Until when the program may forward, in nanoseconds of the boot-time clock.</summary>
    public Region<long> Lease { get; }

    internal Region<FastHop> Hops { get; }

    internal Region<FastServer> Servers { get; }

    public static long SizeFor(ConnectionMemory connections) => ServersAt + ((long)connections.Servers.Capacity * FastServer.Size);
}
