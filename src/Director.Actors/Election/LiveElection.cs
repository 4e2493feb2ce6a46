using System.Collections.Immutable;
using Director.Model;

namespace Director.Actors.Election;

/// <summary>The election as readers see it: one immutable snapshot, of which the <see cref="ElectionActor"/> is the only writer.</summary>
public sealed class LiveElection
{
    private volatile ElectionView _current = new(ElectionStatus.None, 0, ImmutableDictionary<ulong, string>.Empty);

    public ElectionView Current => _current;

    internal void Set(ElectionView view) => _current = view;
}

/// <param name="Status">As the engine told it last.</param>
/// <param name="TakeOvers">How often this director became owner since it started.</param>
/// <param name="Names">Of directors whose id is known.</param>
public sealed record ElectionView(ElectionStatus Status, long TakeOvers, ImmutableDictionary<ulong, string> Names)
{
    public string? OwnerName => Status.Owner == 0 ? null : NameOf(Status.Owner);

    public string NameOf(ulong id) => Names.GetValueOrDefault(id) ?? $"{id:x16}";
}
