using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Director.Dataplane.Linux;

/// <summary>
/// A typed view over mapped memory. Checked by index like an array, but not by lifetime: whoever holds one sees to it that the
/// <see cref="SharedMemory"/> is disposed of last (the engine never does; the end of the process unmaps).
/// </summary>
public readonly unsafe struct Region<T>
    where T : unmanaged
{
    private readonly T* _start;

    /// <summary><paramref name="start"/> is aligned for T, and <paramref name="length"/> elements from there on stay mapped.</summary>
    internal Region(void* start, uint length)
    {
        _start = (T*)start;
        Length = length;
    }

    public uint Length { get; }

    public ref T this[uint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (index >= Length)
                ThrowOutOfRange(index);
            // In bounds by the check above; mapped by the constructor's promise.
            return ref _start[index];
        }
    }

    /// <summary>Starts loading an element that will be needed soon; no effect otherwise, nor for an index out of range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint index)
    {
        // A prefetch faults at no address.
        if (Sse.IsSupported)
            Sse.Prefetch0(_start + index);
    }

    /// <summary>Zeroes all of it.</summary>
    public void Clear()
    {
        for (ulong done = 0; done < (ulong)Length * (uint)sizeof(T);)
        {
            uint bytes = (uint)Math.Min((ulong)Length * (uint)sizeof(T) - done, 1u << 30);
            new Span<byte>((byte*)_start + done, (int)bytes).Clear();
            done += bytes;
        }
    }

    [DoesNotReturn]
    private void ThrowOutOfRange(uint index) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"The region has {Length} elements of {typeof(T).Name}.");
}
