using System.Collections.Immutable;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>
/// Two directors' tables become one: of each object the state with the higher version stays. Idempotent, and the order does not
/// matter. What is overridden without having been seen is kept and told (<see cref="EditOverridden"/>).
/// </summary>
public static class Merging
{
    /// <summary>What the table must go through to hold these states too; none if it holds them already.</summary>
    /// <param name="table">As it is here.</param>
    /// <param name="states">Of objects, from another director (<see cref="Objects.StateOf"/>).</param>
    /// <param name="now">Seconds since 1970.</param>
    public static ImmutableArray<DirectorEvent> Merge(ServiceTable table, IEnumerable<DirectorEvent> states, long now)
    {
        ImmutableArray<DirectorEvent>.Builder events = ImmutableArray.CreateBuilder<DirectorEvent>();
        foreach (DirectorEvent state in states)
        {
            foreach (DirectorEvent happened in Merge(table, state, now))
            {
                table = table.Apply(happened);
                events.Add(happened);
            }
        }
        return events.DrainToImmutable();
    }

    private static IEnumerable<DirectorEvent> Merge(ServiceTable table, DirectorEvent theirs, long now)
    {
        if (ObjectKey.Of(theirs) is not { } key)
            return [];
        DirectorEvent? ours = Objects.StateOf(table, key);
        if (theirs is EditOverridden overridden)
            return ours is null && !ReplicaState.IsForgotten(overridden.At, now) ? [theirs] : [];
        if (ours is null)
            return theirs is ServiceDeleted && ReplicaState.IsForgotten(StampOf(theirs).At, now) ? [] : [theirs];
        int order = Compare(theirs, ours);
        if (order == 0)
            return [];
        (DirectorEvent stays, DirectorEvent goes) = order > 0 ? (theirs, ours) : (ours, theirs);
        IEnumerable<DirectorEvent> told = Overrides(key, stays, goes) is { } override_ && Objects.StateOf(table, ObjectKey.Of(override_)) is null ? [override_] : [];
        return order > 0 ? [.. told, theirs] : told;
    }

    // The same version twice, with two contents: journals without versions, or a director that lost its own. Any choice will do as
    // long as every director makes the same.
    private static int Compare(DirectorEvent one, DirectorEvent other)
    {
        int order = StampOf(one).Version.CompareTo(StampOf(other).Version);
        return order != 0 ? order : Objects.Bytes(one).AsSpan().SequenceCompareTo(Objects.Bytes(other));
    }

    private static EditOverridden? Overrides(ObjectKey key, DirectorEvent stays, DirectorEvent goes)
    {
        (Stamp standing, Stamp gone) = (StampOf(stays), StampOf(goes));
        bool seen = standing.Version != gone.Version && standing.Covers(gone.Version);
        // Declarations are not told: the services in them are.
        if (seen || key.Kind == ObjectKind.Declaration || Objects.Bytes(stays).AsSpan().SequenceEqual(Objects.Bytes(goes)))
            return null;
        return new EditOverridden(key.ToString(), gone.Version, standing.Version, StateText.Of(goes), StateText.Of(stays), standing.At);
    }

    private static Stamp StampOf(DirectorEvent state) => state.Stamp ?? Stamp.None;
}
