namespace Director.Dataplane.Connections;

/// <summary>
/// Numbers 1 .. count-1 that are free, handed out oldest first: a number that was just returned is used again as late as
/// possible, so that a fast-path program, a listing or a held packet that still has it sees nothing new under it.
/// </summary>
internal sealed class RecordPool(uint count)
{
    private readonly uint[] _ring = new uint[count];
    private uint _head;
    private uint _tail;
    private long _taken;
    private long _settled;

    /// <summary>
    /// A program may be looking at what is returned: it is taken again only after <see cref="Settle"/>.
    /// </summary>
    public bool Defers { get; set; }

    /// <summary>Numbers returned since the beginning.</summary>
    public long Returned { get; private set; }

    public uint Available => (uint)(Returned - _taken);

    /// <summary>0: none is free.</summary>
    public uint Take()
    {
        if (_taken == _settled)
            return 0;
        uint number = _ring[_head];
        _head = Next(_head);
        _taken++;
        return number;
    }

    public void Return(uint number)
    {
        _ring[_tail] = number;
        _tail = Next(_tail);
        Returned++;
        if (!Defers)
            _settled = Returned;
    }

    /// <summary>No program that could see them runs any more: the first so many of <see cref="Returned"/>.</summary>
    public void Settle(long returned) => _settled = Math.Max(_settled, returned);

    public void Clear() => (_head, _tail, _taken, _settled, Returned) = (0, 0, 0, 0, 0);

    private uint Next(uint position) => position + 1 == (uint)_ring.Length ? 0 : position + 1;
}
