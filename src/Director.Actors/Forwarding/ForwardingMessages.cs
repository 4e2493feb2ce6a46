using System.Collections.Immutable;
using System.Net;
using Director.Actors.Services;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Forwarding;

/// <summary>
/// To the <see cref="ForwardingActor"/>: here is the engine. <paramref name="Serves"/> says whether it can be asked just now: the
/// process behind it may end and be started again, which its owner sees to and tells by <see cref="Resync"/>.
/// </summary>
public sealed record EngineUp(IForwardingEngine Engine, Func<bool> Serves);

/// <summary>To the <see cref="ForwardingActor"/>: the engine has not the table that it was given; give it again.</summary>
public sealed record Resync;

/// <summary>To the <see cref="ForwardingActor"/>: completes with <see cref="EngineAttached"/> after the first engine took everything, or refused.</summary>
public sealed record AwaitEngine;

/// <param name="Failure">Null: it serves. Else what is wrong and what to do.</param>
public sealed record EngineAttached(string? Failure);

/// <summary>To the <see cref="ForwardingActor"/>: the table as the journal has it, before any engine.</summary>
internal sealed record Restore(ServiceTable Table, ulong Revision);

/// <summary>To the <see cref="ForwardingActor"/>: a new revision of the table. Answered with <see cref="Published"/> when it is live.</summary>
internal sealed record Publish(ServiceTable Table, ulong Revision, ImmutableHashSet<ServiceKey> Touched, ImmutableArray<ServiceKey?> Zeroes);

/// <summary>Without a <paramref name="Warning"/> the revision is live. With one, not yet: it will be once the engine is back.</summary>
internal sealed record Published(ulong Revision, string? Warning);

/// <summary>To the <see cref="ForwardingActor"/>: answered with <see cref="Flushed"/> when what came before is live, or as live as it gets.</summary>
internal sealed record Flush;

internal sealed record Flushed;

/// <summary>To the <see cref="ForwardingActor"/>: who has these addresses? Answered with <see cref="Probed"/>.</summary>
internal sealed record Probe(IPAddress[] Addresses);

/// <summary>Who has them; with a <paramref name="Failure"/>, why the engine cannot take commands now.</summary>
internal sealed record Probed(AddressConflict[] Conflicts, string? Failure);
