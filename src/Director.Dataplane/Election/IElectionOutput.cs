using Director.Model;

namespace Director.Dataplane.Election;

/// <summary>Where the election's words go. Called on the election thread.</summary>
public interface IElectionOutput
{
    /// <param name="ethernet">A whole frame, for the first interface.</param>
    /// <returns>False: the interface did not take it.</returns>
    bool Send(ReadOnlySpan<byte> ethernet);

    /// <summary>To all other directors, by way of directord.</summary>
    void SendOverCluster(ReadOnlySpan<byte> frame);

    /// <summary>Has epochs up to <paramref name="epoch"/> put on the disk, and is told when they are: not now.</summary>
    void Reserve(ulong epoch);

    /// <summary>The first interface has carrier.</summary>
    bool HasCarrier { get; }

    /// <summary>The packet thread makes progress: what is announced is also served.</summary>
    bool MayAnnounce { get; }

    /// <summary>The phase or the ownership changed: the packet thread is to look at once, directord to be told.</summary>
    void Changed(ElectionStatus status);

    /// <summary>Nothing special; once a second.</summary>
    void Tell(ElectionStatus status);
}
