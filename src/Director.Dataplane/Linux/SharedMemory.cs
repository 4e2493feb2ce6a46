using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// Memory that outlives the process that made it as long as somebody holds its descriptor: a memfd, or anything else that can
/// be mapped (a memory-mapped BPF array). Zero at first. Disposing unmaps and closes the descriptor.
/// </summary>
public sealed unsafe class SharedMemory : IDisposable
{
    private void* _start;

    private SharedMemory(void* start, long size, params int[] descriptors)
    {
        _start = start;
        Size = size;
        Descriptors = descriptors;
    }

    /// <summary>To be passed to another process (SCM_RIGHTS), in this order; none for private memory. Closed on exec.</summary>
    public int[] Descriptors { get; }

    /// <summary>The (first) one; -1: there is none.</summary>
    public int Descriptor => Descriptors is [int first, ..] ? first : -1;

    public long Size { get; }

    /// <param name="name">Shown in /proc/PID/maps; need not be unique.</param>
    /// <param name="size">Bytes, above 0.</param>
    /// <exception cref="EngineException">The kernel refused; the message has its error.</exception>
    public static SharedMemory Create(string name, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return FromDescriptor(CreateDescriptor(name, size), size);
    }

    /// <summary>Of new memory of so many bytes.</summary>
    /// <exception cref="EngineException">The kernel refused; the message has its error.</exception>
    internal static int CreateDescriptor(string name, long size)
    {
        int descriptor;
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            descriptor = memfd_create((byte*)text, MFD_CLOEXEC);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
        if (descriptor < 0)
            throw SystemError.Exception("cannot make shared memory");
        if (ftruncate(descriptor, size) != 0)
        {
            EngineException failure = SystemError.Exception($"cannot make shared memory of {size} bytes");
            _ = close(descriptor);
            throw failure;
        }
        return descriptor;
    }

    /// <summary>Maps an existing descriptor and owns it from now on, even if this fails.</summary>
    /// <param name="descriptor">Of a memfd, a file in memory, a memory-mapped BPF array.</param>
    /// <param name="size">Bytes to map; 0: as many as the file has (not for BPF arrays, which do not tell).</param>
    /// <exception cref="EngineException">The kernel refused, or the file is shorter than <paramref name="size"/>.</exception>
    public static SharedMemory FromDescriptor(int descriptor, long size = 0)
    {
        try
        {
            long actual = lseek(descriptor, 0, SEEK_END);
            if (size == 0)
                size = actual;
            // Touching a page beyond the end of a file is SIGBUS, so it is refused here. What has no length (ESPIPE) is taken at its word.
            if (size <= 0 || (actual >= 0 && actual < size))
                throw new EngineException($"The shared memory (descriptor {descriptor}) has {Math.Max(actual, 0)} bytes, {size} are needed.");
            SharedMemory memory = new(Map(size, MAP_SHARED, descriptor), size, descriptor);
            descriptor = -1;
            return memory;
        }
        finally
        {
            if (descriptor >= 0)
                _ = close(descriptor);
        }
    }

    /// <summary>Maps several descriptors one behind the other, and owns them from now on, even if this fails.</summary>
    /// <param name="parts">Each with the bytes to map, whole pages but for the last.</param>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static SharedMemory Join(params (int Descriptor, long Size)[] parts)
    {
        long size = parts.Sum(part => part.Size);
        void* start = MAP_FAILED;
        try
        {
            // Room first; then each part into its place there.
            start = Map(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
            long at = 0;
            foreach ((int descriptor, long bytes) in parts)
            {
                if (mmap((byte*)start + at, (size_t)(ulong)bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, descriptor, 0) == MAP_FAILED)
                    throw SystemError.Exception($"cannot map {bytes} bytes of memory");
                at += bytes;
            }
            return new SharedMemory(start, size, [.. parts.Select(part => part.Descriptor)]);
        }
        catch
        {
            if (start != MAP_FAILED)
                _ = munmap(start, (size_t)(ulong)size);
            foreach ((int descriptor, _) in parts)
                _ = close(descriptor);
            throw;
        }
    }

    /// <summary>Memory of this process alone, for tests and for an engine that nobody restarts.</summary>
    public static SharedMemory Private(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return new SharedMemory(Map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1), size);
    }

    /// <summary>A view of <paramref name="count"/> elements from byte <paramref name="offset"/> on, which must be aligned for T (at most 64).</summary>
    public Region<T> Slice<T>(long offset, uint count)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        if (offset < 0 || offset % Math.Min(sizeof(T), 8) != 0 || offset > Size || (ulong)count * (uint)sizeof(T) > (ulong)(Size - offset))
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{count} x {sizeof(T)} bytes do not fit into {Size} bytes from there.");
        // Inside the mapping by the check above, which stays until Dispose.
        return new Region<T>((byte*)_start + offset, count);
    }

    public void Dispose()
    {
        if (_start == null)
            return;
        _ = munmap(_start, (size_t)(ulong)Size);
        _start = null;
        foreach (int descriptor in Descriptors)
            _ = close(descriptor);
    }

    private static void* Map(long size, int flags, int descriptor)
    {
        void* start = mmap(null, (size_t)(ulong)size, PROT_READ | PROT_WRITE, flags, descriptor, 0);
        return start == MAP_FAILED ? throw SystemError.Exception($"cannot map {size} bytes of memory") : start;
    }
}
