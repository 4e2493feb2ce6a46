using System.Numerics;
using System.Runtime.CompilerServices;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Connections;

/// <summary>A cache line of eight index entries: tag in the upper, record number in the lower half of each.</summary>
[InlineArray(Length)]
internal struct IndexBucket
{
    public const int Length = 8;

    private ulong _first;
}

/// <summary>Tells a record that the key means from one that only has the same tag.</summary>
internal interface IRecordKey
{
    bool Matches(uint number);
}

/// <summary>
/// From a key's hash to a record number: buckets of eight 8-byte entries, probed one after the other. An entry is published,
/// replaced and taken back by one 64-bit store, so that readers beside the one writer see all of it or nothing.
/// </summary>
/// <remarks>
/// A search ends at the first bucket with an empty entry. To keep that true, a removed entry becomes a tombstone if its bucket
/// was ever passed over by an entry that is still there, else empty; <see cref="_passed"/> counts those, and when the last one
/// is gone the tombstones turn empty. So nothing ever has to be rehashed, however long the table is used.
/// </remarks>
internal sealed class ConnectionIndex
{
    /// <summary>The fast-path program looks into this many buckets; what lies beyond is found here only.</summary>
    public const uint ProgramProbes = 4;

    // Number 0 is no record, so neither can be mistaken for an entry.
    private const ulong Empty = 0;
    private const ulong Tombstone = 1UL << 32;

    private readonly Region<IndexBucket> _buckets;
    private readonly int _shift;
    private readonly uint _mask;
    private readonly int[] _passed;

    public ConnectionIndex(Region<IndexBucket> buckets)
    {
        _buckets = buckets;
        _mask = buckets.Length - 1;
        _shift = 64 - BitOperations.Log2(buckets.Length);
        _passed = new int[buckets.Length];
    }

    /// <summary>Entries that the program's bounded probe does not reach.</summary>
    public uint Overflowed { get; private set; }

    /// <summary>Starts loading where a key is or will be.</summary>
    public void Prefetch(ulong hash) => _buckets.Prefetch(Home(hash));

    public uint Find<TKey>(ulong hash, TKey key)
        where TKey : IRecordKey, allows ref struct
    {
        uint tag = Tag(hash);
        uint bucket = Home(hash);
        for (uint probe = 0; probe <= _mask; probe++)
        {
            ReadOnlySpan<ulong> entries = _buckets[bucket];
            bool full = true;
            foreach (ulong entry in entries)
            {
                full &= entry != Empty;
                if ((uint)(entry >> 32) == tag && (uint)entry != 0 && key.Matches((uint)entry))
                    return (uint)entry;
            }
            if (!full)
                return 0;
            bucket = (bucket + 1) & _mask;
        }
        return 0;
    }

    /// <summary>Adds an entry. There is always room: the index has twice as many entries as there are records.</summary>
    public void Insert(ulong hash, uint number) => Add(hash, number);

    /// <summary>Adds an entry in front of one that has the same key, so that the younger connection is found.</summary>
    public void InsertBefore<TKey>(ulong hash, uint number, TKey key)
        where TKey : IRecordKey, allows ref struct
    {
        uint older = Find(hash, key);
        Position place = Add(hash, number);
        if (older != 0 && Locate(hash, older) is { } before && before.Order < place.Order)
        {
            Store(place, Entry(hash, older));
            Store(before, Entry(hash, number));
        }
    }

    public bool Remove(ulong hash, uint number)
    {
        if (Locate(hash, number) is not { } place)
            return false;
        Store(place, _passed[place.Bucket] == 0 ? Empty : Tombstone);
        for (uint probe = 0; probe < place.Probe; probe++)
        {
            uint bucket = Bucket(hash, probe);
            if (--_passed[bucket] == 0)
                ClearTombstones(bucket);
        }
        if (place.Probe >= ProgramProbes)
            Overflowed--;
        return true;
    }

    /// <summary>For a rebuild only: nobody else may be looking.</summary>
    public void Clear()
    {
        _buckets.Clear();
        Array.Clear(_passed);
        Overflowed = 0;
    }

    private static uint Tag(ulong hash) => (uint)(hash >> 16);

    private static ulong Entry(ulong hash, uint number) => ((ulong)Tag(hash) << 32) | number;

    private uint Home(ulong hash) => (uint)(hash >> _shift);

    private uint Bucket(ulong hash, uint probe) => (Home(hash) + probe) & _mask;

    private Position Add(ulong hash, uint number)
    {
        Position place = FirstFree(hash);
        Store(place, Entry(hash, number));
        for (uint probe = 0; probe < place.Probe; probe++)
            _passed[Bucket(hash, probe)]++;
        if (place.Probe >= ProgramProbes)
            Overflowed++;
        return place;
    }

    private Position FirstFree(ulong hash)
    {
        for (uint probe = 0; ; probe++)
        {
            uint bucket = Bucket(hash, probe);
            ReadOnlySpan<ulong> entries = _buckets[bucket];
            for (int i = 0; i < entries.Length; i++)
            {
                if ((uint)entries[i] == 0)
                    return new Position(bucket, probe, i);
            }
        }
    }

    private Position? Locate(ulong hash, uint number)
    {
        ulong wanted = Entry(hash, number);
        for (uint probe = 0; probe <= _mask; probe++)
        {
            uint bucket = Bucket(hash, probe);
            ReadOnlySpan<ulong> entries = _buckets[bucket];
            int i = entries.IndexOf(wanted);
            if (i >= 0)
                return new Position(bucket, probe, i);
            if (entries.Contains(Empty))
                return null;
        }
        return null;
    }

    // Release: the record was written before, and whoever finds the entry sees it.
    private void Store(Position place, ulong entry) => Volatile.Write(ref _buckets[place.Bucket][place.Index], entry);

    private void ClearTombstones(uint bucket)
    {
        for (int i = 0; i < IndexBucket.Length; i++)
        {
            ref ulong entry = ref _buckets[bucket][i];
            if (entry == Tombstone)
                Volatile.Write(ref entry, Empty);
        }
    }

    private readonly record struct Position(uint Bucket, uint Probe, int Index)
    {
        public ulong Order => ((ulong)Probe << 3) | (uint)Index;
    }
}
