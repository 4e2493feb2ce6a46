namespace Director.Dataplane.Synchronization;

/// <summary>
/// Batches from the packet thread to the control thread: a ring of buffers, one writer and one reader, neither of whom waits. Its
/// memory is taken when there is a first peer.
/// </summary>
/// <param name="wake">Called by the packet thread when there is something to be taken.</param>
public sealed class SyncOutbox(Action wake) : ISyncOutput
{
    /// <summary>Two standbys' windows, and a power of two, so that places go round with the numbers.</summary>
    public const int Capacity = 128;

    private readonly int[] _lengths = new int[Capacity];
    private readonly ulong[] _peers = new ulong[Capacity];
    private byte[] _bytes = [];
    private int _written;
    private int _read;
    private int _told;

    /// <inheritdoc/>
    public int Free => _bytes.Length == 0 ? 0 : Capacity - (_written - Volatile.Read(ref _read));

    /// <summary>Takes the memory.</summary>
    public void Open()
    {
        if (_bytes.Length == 0)
            _bytes = GC.AllocateArray<byte>(Capacity * SyncBatch.MostBytes, pinned: true);
    }

    /// <inheritdoc/>
    public Span<byte> Reserve() => Slot(_written);

    /// <inheritdoc/>
    public void Send(ulong peer, int length)
    {
        _lengths[(uint)_written % Capacity] = length;
        _peers[(uint)_written % Capacity] = peer;
        Volatile.Write(ref _written, _written + 1);
    }

    /// <summary>Tells the reader of what was sent since the last call.</summary>
    public void Flush()
    {
        if (_told == _written)
            return;
        _told = _written;
        wake();
    }

    /// <summary>Control thread: the oldest batch; it stays in its place until <see cref="Release"/>.</summary>
    public bool TryPeek(out ulong peer, out ReadOnlySpan<byte> batch)
    {
        peer = 0;
        batch = default;
        if (_read == Volatile.Read(ref _written))
            return false;
        peer = _peers[(uint)_read % Capacity];
        batch = Slot(_read)[.._lengths[(uint)_read % Capacity]];
        return true;
    }

    public void Release() => Volatile.Write(ref _read, _read + 1);

    private Span<byte> Slot(int place) => _bytes.AsSpan((int)((uint)place % Capacity) * SyncBatch.MostBytes, SyncBatch.MostBytes);
}
