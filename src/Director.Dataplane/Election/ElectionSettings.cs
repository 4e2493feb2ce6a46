namespace Director.Dataplane.Election;

/// <summary>
/// What an election goes by; the same announce interval and missed announcements at every director of a group. Times are microseconds.
/// </summary>
public sealed class ElectionSettings
{
    public const long DefaultAnnounceInterval = 40_000;
    public const int DefaultMissedAnnouncements = 3;

    /// <param name="id">Unique among the directors of the group; not 0.</param>
    /// <param name="priority">1 to 254; the higher one goes first when nobody owns.</param>
    /// <param name="announceInterval">I; 1 ms to 10 s.</param>
    /// <param name="missedAnnouncements">M; 2 to 100.</param>
    /// <param name="preempt">A synced director of higher priority asks the owner to hand over.</param>
    /// <param name="alone">No other director is configured: there is nobody to listen for before probing.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is out of its range.</exception>
    public ElectionSettings(
        ulong id,
        byte priority,
        long announceInterval = DefaultAnnounceInterval,
        int missedAnnouncements = DefaultMissedAnnouncements,
        bool preempt = false,
        bool alone = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        ArgumentOutOfRangeException.ThrowIfLessThan(priority, (byte)1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, (byte)254);
        ArgumentOutOfRangeException.ThrowIfLessThan(announceInterval, 1_000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(announceInterval, 10_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(missedAnnouncements, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(missedAnnouncements, 100);
        Id = id;
        Priority = priority;
        AnnounceInterval = announceInterval;
        MissedAnnouncements = missedAnnouncements;
        Preempt = preempt;
        Alone = alone;
        // What makes the election safe: who stopped announcing has stopped forwarding before anyone else starts, with one
        // announcement lost on both channels besides.
        if (Lease + AnnounceInterval >= Silence + (Probes * ProbeSpacing))
            throw new ArgumentOutOfRangeException(nameof(missedAnnouncements), "the lease outlasts silence and probes");
    }

    /// <summary>Probes before a claim.</summary>
    public const int Probes = 2;

    public ulong Id { get; }

    public byte Priority { get; }

    public long AnnounceInterval { get; }

    public int MissedAnnouncements { get; }

    public bool Preempt { get; }

    public bool Alone { get; }

    /// <summary>So long after an announcement the data path may forward: M x I less half an interval.</summary>
    public long Lease => (MissedAnnouncements * AnnounceInterval) - ProbeSpacing;

    /// <summary>So long a standby listens before it probes: M x I.</summary>
    public long Silence => MissedAnnouncements * AnnounceInterval;

    /// <summary>From a probe to the next, and from the last to the claim: I / 2.</summary>
    public long ProbeSpacing => AnnounceInterval / 2;

    /// <summary>A standby waits so much longer for each live one that goes before it: I / 4.</summary>
    public long Stagger => AnnounceInterval / 4;

    /// <summary>What was decided must be on the wire within this, or it is void: I / 4.</summary>
    public long Slack => AnnounceInterval / 4;

    /// <summary>Shortest time between two announcements of an owner that is asked: I / 8.</summary>
    public long AnswerSpacing => AnnounceInterval / 8;

    /// <summary>So long who resigned lets others go first: 2 x M x I.</summary>
    public long Hold => 2 * Silence;

    /// <summary>An owner is asked to hand over to a preemptor only so long after it took: 10 x M x I.</summary>
    public long HandoverPause => 10 * Silence;

    /// <summary>More than <see cref="CalmChanges"/> changes within this, and nobody preempts: 60 s.</summary>
    public static long FlapWindow => 60_000_000;

    public const int CalmChanges = 3;

    /// <summary>
    /// After an objection so long nothing is asked again: longer than the second between the broadcasts of an owner, who may have
    /// nobody to speak to but that way.
    /// </summary>
    public static long ObjectionHolds => 3_000_000;

    /// <summary>RFC 5227 section 2.4: an address is defended against a foreign host at most this often (DEFEND_INTERVAL).</summary>
    public static long DefendInterval => 10_000_000;
}
