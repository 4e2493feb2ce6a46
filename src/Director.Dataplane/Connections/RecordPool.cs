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

    public uint Available { get; private set; }

    /// <summary>0: none is free.</summary>
    public uint Take()
    {
        if (Available == 0)
            return 0;
        uint number = _ring[_head];
        _head = Next(_head);
        Available--;
        return number;
    }

    public void Return(uint number)
    {
        _ring[_tail] = number;
        _tail = Next(_tail);
        Available++;
    }

    public void Clear()
    {
        _head = 0;
        _tail = 0;
        Available = 0;
    }

    private uint Next(uint position) => position + 1 == (uint)_ring.Length ? 0 : position + 1;
}
