using System.Collections.Immutable;

namespace Director.Actors.Replication;

/// <summary>What an object's state carries: its version, and which edits of other directors it was made on top of.</summary>
/// <param name="Version">Decides between two states.</param>
/// <param name="At">When the edit was made, in seconds since 1970 by the clock of who made it; decides nothing but when a tombstone goes.</param>
/// <param name="Saw">
/// Of the object's history, the highest number by each other director; null: no other has a part in it. What it does not cover was
/// edited at the same time, in another island.
/// </param>
public sealed record Stamp(ObjectVersion Version, long At, ImmutableSortedDictionary<string, ulong>? Saw = null)
{
    private static readonly ImmutableSortedDictionary<string, ulong> Nobody = ImmutableSortedDictionary.Create<string, ulong>(StringComparer.Ordinal);

    /// <summary>Of an object that is there without ever having got a version.</summary>
    public static readonly Stamp None = new(ObjectVersion.None, 0);

    /// <summary>The stamp of an edit on top of this one.</summary>
    public Stamp Next(ObjectVersion version, long at)
    {
        ImmutableSortedDictionary<string, ulong> saw = (Saw ?? Nobody)
            .SetItem(Version.Director, Version.Sequence).Remove(version.Director);
        return new Stamp(version, at, saw.IsEmpty ? null : saw);
    }

    /// <summary>Whether the edit of this version is part of the history: it was not overridden, it was gone on from.</summary>
    public bool Covers(ObjectVersion version) => version.Director == Version.Director
        ? version.Sequence <= Version.Sequence
        : Saw is not null && Saw.TryGetValue(version.Director, out ulong seen) && version.Sequence <= seen;

    public bool Equals(Stamp? other) => other is not null && Version == other.Version && At == other.At
        && (Saw ?? Nobody).SequenceEqual(other.Saw ?? Nobody);

    public override int GetHashCode() => Version.GetHashCode();
}
