using System.Runtime.CompilerServices;
using Director.Dataplane.Connections;
using Director.Dataplane.Linux;

namespace Director.Dataplane.FullNat;

/// <summary>
/// The ports of one local address towards one server. First those that were never used, upwards from a random one (RFC 6056
/// section 3.3.3 has the idea: nobody who sees ports towards one server knows those towards another); then freed ones, oldest first
/// and none before <see cref="QuarantineSeconds"/> have passed, so that the server has forgotten the connection before
/// (TIME-WAIT lasts 60 s on Linux). Its memory is touched as ports are used.
/// </summary>
/// <remarks>
/// A standby's ring follows the owner's: ports that the owner took are marked, those that it gave back rest here in the same order. So
/// a director that takes over would go on with the very ports that the owner before took in its last moments, of which connection
/// sync did not tell any more, and the server would see a new connection where it has one. Therefore the first port that is taken
/// after another director's is not the next one: those that come next rest first, as if their connections had just ended.
/// NOTE Shares of the ports for each director would do too, at half of the ports for each, and with numbers to agree upon.
///
/// What rests is a chain of places in order of time, without a time for each: it is enough to know where the chain ended some 4 s,
/// 8 s, ... ago. Doubly linked, since another director may take from its middle, and what it gives back is to rest anew. That is 4
/// bytes and two bits for a port.
/// </remarks>
internal sealed class PortRing
{
    public const int QuarantineSeconds = 60;

    /// <summary>256 ticks, 4.3 s: as coarse as the quarantine is.</summary>
    private const int PeriodShift = 8;

    private const uint PeriodMask = uint.MaxValue >> PeriodShift;
    private const int Marks = 16;
    private const int None = -1;

    /// <summary>The part of what is free that is passed over when another director took before: 504 ports of an idle ring.</summary>
    private const int PassedOver = 128;

    // A port may have been freed in the last tick of its period.
    private static readonly uint Quarantine = (ConnectionClock.Ticks(QuarantineSeconds) + (2 << PeriodShift) - 2) >> PeriodShift;

    private readonly PortShare _share;
    private readonly Region<ushort> _next;
    private readonly Region<ushort> _previous;
    private readonly Region<ulong> _used;
    private readonly Region<ulong> _resting;
    private int _start;
    private bool _othersTook;
    private uint _period;
    private int _fresh;

    // Of the chain: its ends, the last place that has rested long enough, and the last one of each period.
    private int _head = None;
    private int _tail = None;
    private int _ready = None;
    private PeriodMarks _ends;

    /// <param name="share">The ports.</param>
    /// <param name="memory">Zeroed, <see cref="SizeFor"/> bytes from <paramref name="offset"/> on.</param>
    /// <param name="start">Any number: which port is the first.</param>
    public PortRing(PortShare share, SharedMemory memory, long offset, ulong start)
    {
        _share = share;
        long links = LinksSize(share);
        _next = memory.Slice<ushort>(offset, share.RingSize);
        _previous = memory.Slice<ushort>(offset + links, share.RingSize);
        _used = memory.Slice<ulong>(offset + (2 * links), (uint)Words(share));
        _resting = memory.Slice<ulong>(offset + (2 * links) + ((long)Words(share) * sizeof(ulong)), (uint)Words(share));
        _start = (int)(start % (uint)share.Count);
        for (int i = 0; i < Marks; i++)
            _ends[i] = None;
    }

    /// <summary>Ports that connections have.</summary>
    public int InUse { get; private set; }

    /// <summary>Bytes of memory for one ring: whole cache lines.</summary>
    public static long SizeFor(PortShare share) => (2 * LinksSize(share)) + (((2 * Words(share) * sizeof(ulong)) + 63) & ~63L);

    /// <summary>False: all are in use, or were until just now.</summary>
    public bool TryTake(uint now, out ushort port)
    {
        port = 0;
        if (_othersTook)
            PassOver(now);
        int place = Next(now);
        if (place < 0)
            return false;
        SetUsed(place);
        port = _share.PortAt(place);
        return true;
    }

    /// <summary>A port whose connection has ended. What is not in use here stays as it is.</summary>
    public void Free(ushort port, uint now)
    {
        int place = _share.PlaceOf(port);
        if (place < 0 || !IsUsed(place))
            return;
        ClosePeriods(now);
        _used[(uint)place >> 6] &= ~(1UL << (place & 63));
        InUse--;
        Rest(place);
    }

    /// <summary>
    /// A port that a connection has which was not made here: before this ring was, or by another director. A port of another
    /// director's share is nothing that we would ever take.
    /// </summary>
    public void MarkUsed(ushort port)
    {
        int place = _share.PlaceOf(port);
        if (place < 0 || IsUsed(place))
            return;
        _othersTook = true;
        if (Is(_resting, place))
            EndRest(place);
        else
            (_start, _fresh) = ((place + 1) % _share.Count, 0); // never used here: this is how far the other one's ring is
        SetUsed(place);
    }

    private void PassOver(uint now)
    {
        _othersTook = false;
        ClosePeriods(now);
        for (int left = (_share.Count - InUse) / PassedOver; left > 0 && Next(now) is >= 0 and var place; left--)
            Rest(place);
    }

    private int Next(uint now)
    {
        int place = NextFresh();
        if (place >= 0)
            return place;
        ClosePeriods(now);
        return NextRested();
    }

    // -1: each has been used once. Those that are in use or rest are passed over, 64 at a time.
    private int NextFresh()
    {
        while (_fresh < _share.Count)
        {
            int place = (_start + _fresh) % _share.Count;
            if ((_used[(uint)place >> 6] | _resting[(uint)place >> 6]) == ulong.MaxValue && (place & 63) == 0 && place + 64 <= _share.Count && _fresh + 64 <= _share.Count)
            {
                _fresh += 64;
                continue;
            }
            _fresh++;
            if (!IsUsed(place) && !Is(_resting, place))
                return place;
        }
        return -1;
    }

    private int NextRested()
    {
        if (_ready == None)
            return None;
        int place = _head;
        EndRest(place);
        return place;
    }

    // Notes where the chain ended in the periods that have passed; what was freed early enough is ready.
    private void ClosePeriods(uint now)
    {
        uint period = now >> PeriodShift;
        uint passed = Math.Min((period - _period) & PeriodMask, Marks);
        if (passed == 0)
            return;
        for (uint ago = passed; ago > 0; ago--)
            _ends[(int)((period - ago) % Marks)] = _tail;
        _period = period;
        _ready = _ends[(int)((period - Quarantine) % Marks)];
    }

    private void Rest(int place)
    {
        _resting[(uint)place >> 6] |= 1UL << (place & 63);
        if (_tail == None)
            _head = place;
        else
            _next[(uint)_tail] = (ushort)place;
        _previous[(uint)place] = (ushort)Math.Max(_tail, 0); // of the head it means nothing
        _tail = place;
    }

    private void EndRest(int place)
    {
        _resting[(uint)place >> 6] &= ~(1UL << (place & 63));
        int before = place == _head ? None : _previous[(uint)place];
        int after = place == _tail ? None : _next[(uint)place];
        if (before == None)
            _head = after;
        else
            _next[(uint)before] = (ushort)Math.Max(after, 0);
        if (after == None)
            _tail = before;
        else
            _previous[(uint)after] = (ushort)Math.Max(before, 0);
        // What was known to be the last one of a period has that one before it now.
        if (_ready == place)
            _ready = before;
        for (int i = 0; i < Marks; i++)
        {
            if (_ends[i] == place)
                _ends[i] = before;
        }
    }

    private bool IsUsed(int place) => Is(_used, place);

    private static bool Is(Region<ulong> bits, int place) => (bits[(uint)place >> 6] & (1UL << (place & 63))) != 0;

    private void SetUsed(int place)
    {
        _used[(uint)place >> 6] |= 1UL << (place & 63);
        InUse++;
    }

    private static long LinksSize(PortShare share) => ((share.RingSize * sizeof(ushort)) + 63) & ~63L;

    private static int Words(PortShare share) => (share.Count + 63) / 64;

    [InlineArray(Marks)]
    private struct PeriodMarks
    {
        private int _first;
    }
}
