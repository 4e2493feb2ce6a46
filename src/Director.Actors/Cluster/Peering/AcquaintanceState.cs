using System.Collections.Immutable;

namespace Director.Actors.Cluster.Peering;

/// <summary>Another director that said hello.</summary>
public sealed record Acquaintance(ContactHello Hello, TimeSpan At)
{
    /// <summary>Why it is not heard, until it is again.</summary>
    public (PeerDownReason Reason, string Detail)? Gone { get; init; }

    /// <summary>Since when it says that it does not hear this director; null: it does.</summary>
    public TimeSpan? DeafSince { get; init; }

    /// <summary>Why it is no peer; null: nothing stands against it.</summary>
    public string? Refusal { get; init; }

    /// <summary>What is odd about it and keeps it from nothing.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>As it was told to subscribers; null: it is not up.</summary>
    public PeerInfo? Up { get; init; }
}

/// <summary>Everybody that said hello, by address.</summary>
public sealed record AcquaintanceState
{
    public ImmutableSortedDictionary<string, Acquaintance> All { get; init; } = ImmutableSortedDictionary.Create<string, Acquaintance>(StringComparer.Ordinal);

    /// <summary>Incarnations that are heard now.</summary>
    public IEnumerable<ulong> Heard => All.Values.Where(one => one.Gone is null).Select(one => one.Hello.Incarnation);

    public IEnumerable<PeerInfo> Up => All.Values.Select(one => one.Up).OfType<PeerInfo>();

    /// <summary>What an operator should mend, as long as it lasts.</summary>
    public IEnumerable<string> Warnings => All.Values.SelectMany(one => one.Refusal is { } refusal ? [refusal, .. one.Remarks] : one.Remarks);
}

public abstract record PeerInput
{
    public sealed record Tick : PeerInput;

    public sealed record Hello(ContactHello Contact) : PeerInput;

    public sealed record Beat(string Address, ulong Incarnation) : PeerInput;

    /// <summary>The last connection to it was closed, not by us.</summary>
    public sealed record Closed(string Address) : PeerInput;

    public sealed record Leaving(string Address, PeerLeaving Message) : PeerInput;

    /// <summary>The own link ended: nobody can be heard until the next.</summary>
    public sealed record LinkLost(string Detail) : PeerInput;
}

public abstract record PeerEffect
{
    public sealed record Up(PeerInfo Peer) : PeerEffect;

    public sealed record Down(PeerDown Told) : PeerEffect;

    /// <summary>It is heard, and does not hear: what is sent over this link is lost.</summary>
    public sealed record Deaf(string Name) : PeerEffect;

    /// <summary>Something to log, once; <paramref name="IsError"/>: somebody is refused.</summary>
    public sealed record Report(string Text, bool IsError) : PeerEffect;
}
