using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>
/// What a table holds, as <see cref="Length"/> numbers: an object falls into one of as many buckets, whose number is the sum of the
/// hashes of the names and versions in it. Two directors compare them and send each other the objects of buckets that differ, which
/// for a table of some hundred objects are hardly more than the objects that differ.
/// </summary>
public static class ObjectDigest
{
    public const int Length = 1024;

    public static ImmutableArray<ulong> Of(ServiceTable table)
    {
        ulong[] sums = new ulong[Length];
        foreach (ObjectKey key in Objects.Of(table))
        {
            ulong name = NameOf(key);
            unchecked { sums[BucketOf(name)] += HashOf(table, key, name); }
        }
        return [.. sums];
    }

    /// <summary>The objects of a table in buckets where the other's digest is another one.</summary>
    public static ImmutableArray<ObjectKey> Differing(ServiceTable table, ImmutableArray<ulong> ours, ImmutableArray<ulong> theirs) =>
        ours.AsSpan().SequenceEqual(theirs.AsSpan())
            ? []
            : [.. Objects.Of(table).Where(key => BucketOf(NameOf(key)) is var bucket && ours[bucket] != theirs[bucket])];

    private static int BucketOf(ulong name) => (int)(name % Length);

    private static ulong NameOf(ObjectKey key) => Hash(Fnv, Encoding.UTF8.GetBytes(key.ToString()));

    private static ulong HashOf(ServiceTable table, ObjectKey key, ulong name)
    {
        Stamp stamp = Objects.StampOf(table, key) ?? Stamp.None;
        Span<byte> numbers = stackalloc byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(numbers, stamp.Version.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(numbers[sizeof(ulong)..], stamp.Version.Sequence);
        ulong hash = Hash(Hash(name, numbers), Encoding.UTF8.GetBytes(stamp.Version.Director));
        // Without a version the content is all that tells two states apart.
        return stamp.Version == ObjectVersion.None && key.Kind != ObjectKind.Override ? Hash(hash, Objects.Bytes(Objects.StateOf(table, key)!)) : hash;
    }

    // FNV-1a, with the last step of SplitMix64 so that sums of it do not cancel. Both ends must compute the same for ever.
    private const ulong Fnv = 0xcbf29ce484222325;

    private static ulong Hash(ulong hash, ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            foreach (byte each in bytes)
                hash = (hash ^ each) * 0x100000001b3;
            hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
            hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
            return hash ^ (hash >> 31);
        }
    }
}
