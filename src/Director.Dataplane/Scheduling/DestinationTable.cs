using System.Numerics;
using System.Runtime.CompilerServices;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// What lblc and lblcr know: pairs of a destination address and a server that serves it; several pairs of one destination are
/// lblcr's set. One table for all services, of fixed size, so that neither a flood of destinations nor a multitude of services
/// costs memory: when it is full, the pair that was used longest ago makes room. NOTE IPVS has a table for each service that grows
/// without bound and is cut back to 16,384 destinations by a timer every minute, sparing those of the last six minutes.
/// </summary>
internal sealed class DestinationTable
{
    public const int DefaultCapacity = 1 << 16;

    // Pairs have numbers from 1 on. All of them are in a ring from the newest to the oldest use, the unused ones at its old end; 0 is
    // its head, so that its Older is the newest and its Newer the oldest.
    private readonly Pair[] _pairs;
    private readonly int[] _buckets;
    private readonly SchedulingContext _context;

    // Random, so that nobody can aim destinations at one bucket (the hash is that of the connections: FlowHash).
    private readonly ulong[] _keys = new ulong[5];

    /// <param name="capacity">A power of two.</param>
    public DestinationTable(SchedulingContext context, int capacity)
    {
        _context = context;
        _buckets = new int[capacity];
        _pairs = new Pair[capacity + 1];
        for (int number = 0; number <= capacity; number++)
        {
            _pairs[number].Older = number == 0 ? capacity : number - 1;
            _pairs[number].Newer = number == capacity ? 0 : number + 1;
        }
        for (int i = 0; i < _keys.Length; i++)
            _keys[i] = (ulong)context.Random.NextInt64() << 1 | 1;
    }

    public ref Pair this[int number] => ref _pairs[number];

    /// <summary>
    /// The first pair of a destination, the one added last, or 0: unknown to this scheduler, or not asked for in so many seconds. All
    /// its pairs count as used now.
    /// </summary>
    public int Recall(Scheduler scheduler, IpAddress destination, int expiration)
    {
        int first = 0, next;
        for (int number = Next(_buckets[BucketOf(scheduler, destination)], scheduler, destination); number != 0; number = next)
        {
            next = Next(number);
            if (_context.Now - _pairs[number].UsedAt >= expiration * 1000L)
            {
                Remove(number);
                continue;
            }
            Use(number);
            if (first == 0)
                first = number;
        }
        return first;
    }

    /// <summary>The next pair of the same destination, 0 after the last.</summary>
    public int Next(int number) => Next(_pairs[number].Next, _pairs[number].Scheduler!, _pairs[number].Destination);

    public void Add(Scheduler scheduler, IpAddress destination, Server server)
    {
        int number = _pairs[0].Newer;
        Remove(number);
        ref int bucket = ref _buckets[BucketOf(scheduler, destination)];
        ref Pair pair = ref _pairs[number];
        pair.Scheduler = scheduler;
        pair.Destination = destination;
        pair.Server = server;
        pair.ChangedAt = _context.Now;
        pair.Next = bucket;
        bucket = number;
        Use(number);
    }

    /// <summary>The number is free afterwards.</summary>
    public void Remove(int number)
    {
        ref Pair pair = ref _pairs[number];
        if (pair.Scheduler is null)
            return;
        ref int link = ref _buckets[BucketOf(pair.Scheduler, pair.Destination)];
        while (link != number)
            link = ref _pairs[link].Next;
        link = pair.Next;
        pair.Scheduler = null;
        pair.Server = null;
        Move(number, behind: _pairs[0].Newer);
    }

    /// <summary>
    /// A server that was deleted and is added back serves what it served before, as in IPVS, where it is still the same one as long
    /// as somebody refers to it.
    /// </summary>
    public void Restore(Server server)
    {
        for (int number = _pairs[0].Older; _pairs[number].Server is { } known; number = _pairs[number].Older)
        {
            if (known.Position < 0 && known.Service == server.Service && known.Address == server.Address && known.Port == server.Port)
                _pairs[number].Server = server;
        }
    }

    private int Next(int number, Scheduler scheduler, IpAddress destination)
    {
        while (number != 0 && (_pairs[number].Destination != destination || _pairs[number].Scheduler != scheduler))
            number = _pairs[number].Next;
        return number;
    }

    private void Use(int number)
    {
        _pairs[number].UsedAt = _context.Now;
        Move(number, behind: 0);
    }

    // To the place in the ring that is next older than the other's.
    private void Move(int number, int behind)
    {
        ref Pair pair = ref _pairs[number];
        if (behind == number)
            return;
        _pairs[pair.Newer].Older = pair.Older;
        _pairs[pair.Older].Newer = pair.Newer;
        pair.Newer = behind;
        pair.Older = _pairs[behind].Older;
        _pairs[pair.Older].Newer = number;
        _pairs[behind].Older = number;
    }

    private int BucketOf(Scheduler scheduler, IpAddress destination)
    {
        ulong hash = _keys[0] * (destination.High >> 32) + _keys[1] * (uint)destination.High
            + _keys[2] * (destination.Low >> 32) + _keys[3] * (uint)destination.Low
            + _keys[4] * (uint)RuntimeHelpers.GetHashCode(scheduler);
        return (int)(hash >> (64 - BitOperations.Log2((uint)_buckets.Length)));
    }

    /// <summary>A server of a destination.</summary>
    internal struct Pair
    {
        /// <summary>Whose knowledge it is; null: the pair is free.</summary>
        public Scheduler? Scheduler;
        public IpAddress Destination;

        /// <summary>May have been deleted meanwhile.</summary>
        public Server? Server;

        /// <summary>When it came to be, or lost a sibling: the latest of a destination's is when its set changed. Milliseconds.</summary>
        public long ChangedAt;

        public long UsedAt;

        // In its bucket, and in the ring.
        public int Next;
        public int Newer;
        public int Older;
    }
}
