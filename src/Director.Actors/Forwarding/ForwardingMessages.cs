using System.Collections.Immutable;
using System.Net;
using Director.Actors.Services;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Forwarding;

/// <summary>To the <see cref="ForwardingActor"/>: an engine is there (a new one, or the old one again).</summary>
public sealed record EngineUp(IForwardingEngine Engine);

/// <summary>To the <see cref="ForwardingActor"/>: the engine is gone. Another will be announced by <see cref="EngineUp"/>.</summary>
public sealed record EngineDown(string Reason);

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

/// <summary>To the <see cref="ForwardingActor"/>: who has these addresses? Answered with <see cref="Probed"/>.</summary>
internal sealed record Probe(IPAddress[] Addresses);

/// <summary>Who has them; with a <paramref name="Failure"/>, why the engine cannot take commands now.</summary>
internal sealed record Probed(AddressConflict[] Conflicts, string? Failure);
