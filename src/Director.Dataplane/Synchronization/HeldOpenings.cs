using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;

namespace Director.Dataplane.Synchronization;

/// <summary>
/// strict: packets of new connections, in the order in which they came, that wait until a standby knows of their connection. At most
/// <see cref="Capacity"/>, and each no longer than the timeout; then they go on all the same. Its memory is taken when strict is
/// asked for. Packet thread only.
/// </summary>
public sealed class HeldOpenings(ConnectionTable table, SyncSender sender, SyncCounters counters)
{
    public const int Capacity = 1024;

    // A connection's first packet is no super-frame.
    private const int LongestFrame = 2048;

    private struct Held
    {
        public int Length;
        public uint Number;
        public ushort Generation;
        public ulong Position;
        public long Since;
        public EngineInterface Arrived;
        public int LargestFragment;
        public uint Identification;
    }

    private byte[] _bytes = [];
    private Held[] _held = [];
    private uint _from;
    private uint _to;
    private long _timeout;
    private bool _strict;

    public int Count => (int)(_to - _from);

    /// <summary>Connections are made of which no standby knows: the last one that waited did so in vain, or there is none to wait for.</summary>
    public bool IsDegraded { get; private set; }

    /// <param name="strict">False: nothing is held from now on.</param>
    /// <param name="milliseconds">How long a packet waits at most.</param>
    public void Use(bool strict, uint milliseconds)
    {
        if (strict && _held.Length == 0)
        {
            _bytes = GC.AllocateArray<byte>(Capacity * LongestFrame, pinned: true);
            _held = new Held[Capacity];
        }
        (_strict, _timeout) = (strict, milliseconds);
        if (!strict)
            IsDegraded = false;
    }

    /// <summary>Holds the first packet of a connection that was just made. False: it goes on at once.</summary>
    public bool TryHoldFirst(in Packet packet, uint number, long now)
    {
        if (!_strict)
            return false;
        if (!sender.HasStandby)
        {
            counters.StrictWithoutStandby++;
            IsDegraded = true;
            return false;
        }
        ref ConnectionRecord record = ref table[number];
        table.Journal.Note(number, ref record);
        if (!TryHold(packet, number, table.Journal.Position, now))
        {
            counters.StrictWithoutRoom++;
            return false;
        }
        record.Marks |= SyncMarks.Awaited;
        counters.StrictHeld++;
        return true;
    }

    /// <summary>Holds a packet of a connection whose first one is held: it must not overtake that. False: it goes on.</summary>
    public bool TryHoldNext(in Packet packet, uint number, long now) =>
        (table[number].Marks & SyncMarks.Awaited) != 0 && TryHold(packet, number, 0, now);

    /// <summary>Sends on, through the pipeline, what has waited long enough or in vain.</summary>
    public void Release(PacketPipeline pipeline, long now)
    {
        ulong covered = _from == _to ? 0 : sender.Covered;
        while (_from != _to)
        {
            int place = (int)(_from % Capacity);
            ref Held held = ref _held[place];
            bool known = held.Position <= covered;
            if (!known && now - held.Since < _timeout && sender.HasStandby)
                return;
            if (!known)
                counters.StrictTimedOut++;
            if (held.Position != 0)
                IsDegraded = !known;
            ref ConnectionRecord record = ref table[held.Number];
            if (record.Generation == held.Generation)
                record.Marks &= ~SyncMarks.Awaited;
            _from++;
            pipeline.Resume(new Frame(_bytes.AsSpan(place * LongestFrame, held.Length), held.Arrived, held.LargestFragment, held.Identification));
        }
    }

    private bool TryHold(in Packet packet, uint number, ulong position, long now)
    {
        Span<byte> wire = packet.Frame.Wire;
        if (Count == Capacity || wire.Length > LongestFrame)
            return false;
        int place = (int)(_to % Capacity);
        wire.CopyTo(_bytes.AsSpan(place * LongestFrame));
        _held[place] = new Held
        {
            Length = wire.Length,
            Number = number,
            Generation = table[number].Generation,
            Position = position,
            Since = now,
            Arrived = packet.Frame.Arrived,
            LargestFragment = packet.Frame.LargestFragment,
            Identification = packet.Frame.Identification,
        };
        _to++;
        return true;
    }
}
