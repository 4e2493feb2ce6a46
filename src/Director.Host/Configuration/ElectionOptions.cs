using System.Net;

namespace Director.Host.Configuration;

/// <summary><c>director.election</c>, and what of <c>director</c> belongs to it. Group and virtual MAC are the engine's.</summary>
public sealed record ElectionOptions
{
    /// <summary>Shared secret of the group's directors; null: this director runs alone.</summary>
    public string? Key { get; init; }

    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Silence of so many intervals makes a standby ask.</summary>
    public int MissedAnnouncements { get; init; } = 3;

    /// <summary>Announced on the first interface; null: the first owned address in its network.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>What an owner must reach; null: <c>auto</c>; empty: nothing.</summary>
    public IPAddress[]? TrackAddresses { get; init; }

    /// <summary>1 to 254.</summary>
    public byte Priority { get; init; } = 100;

    public bool Preempt { get; init; }
}
