using System.Collections.Immutable;
using Akka.Actor;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>To the <see cref="ServicesActor"/>: tell this actor of every change that is in the journal (<see cref="Written"/>).</summary>
internal sealed record AttachReplication(IActorRef Replication);

/// <summary>To the <see cref="ServicesActor"/>: edits are made under this epoch from now on.</summary>
internal sealed record EditUnder(ulong Epoch);

/// <summary>To the <see cref="ServicesActor"/>: merge states of another director, note what concerns the journal. Answered with <see cref="Merged"/>.</summary>
internal sealed record MergeStates(ImmutableArray<DirectorEvent> States, ImmutableArray<ReplicationEvent> Notes);

/// <param name="Asked">What was asked for.</param>
/// <param name="Failure">Null: all of it is on the disk.</param>
internal sealed record Merged(MergeStates Asked, string? Failure);

/// <summary>The <see cref="ServicesActor"/> to the replication: this is in the journal.</summary>
/// <param name="Objects">What changed; empty: the journal was read.</param>
/// <param name="IsEdit">It was edited here, and <see cref="Stored"/> is waited for.</param>
internal sealed record Written(ServiceTable Table, ulong Revision, ImmutableArray<ObjectKey> Objects, bool IsEdit);

/// <summary>The replication to the <see cref="ServicesActor"/>: every director that can be reached has this revision on its disk.</summary>
internal sealed record Stored(ulong Revision);
