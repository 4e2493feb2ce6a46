using System.Net;

namespace Director.Host.Configuration;

/// <summary><c>director.election</c> and what belongs to it, of a director that has others beside it.</summary>
public sealed record ElectionOptions
{
    public required string Key { get; init; }

    public required TimeSpan AnnounceInterval { get; init; }

    public required int MissedAnnouncements { get; init; }

    /// <summary>Null: the first owned address.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Null: automatic.</summary>
    public IPAddress[]? TrackAddresses { get; init; }

    public required int Priority { get; init; }

    public required bool Preempt { get; init; }

    /// <summary>How many others are in the list of contacts.</summary>
    public required int Peers { get; init; }
}
