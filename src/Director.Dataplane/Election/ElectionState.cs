namespace Director.Dataplane.Election;

/// <summary>Where a director's election stands. A value: a step makes the next. Times are microseconds of CLOCK_BOOTTIME.</summary>
public struct ElectionState
{
    public ElectionPhase Phase { get; internal set; }

    /// <summary>Why the phase is what it is.</summary>
    public ElectionReason Reason { get; internal set; }

    /// <summary>Since when.</summary>
    public long Since { get; internal set; }

    /// <summary>The one that this director owns or owned last; 0: none since its start.</summary>
    public ulong Epoch { get; internal set; }

    /// <summary>The highest known.</summary>
    public ulong EpochSeen { get; internal set; }

    /// <summary>Up to this one epochs are this director's on its disk.</summary>
    public ulong ReservedUntil { get; internal set; }

    /// <summary>The data path forwards while now is below it; 0: not at all.</summary>
    public long LeaseUntil { get; internal set; }

    /// <summary>When to step with Time, at the latest.</summary>
    public long NextAt { get; internal set; }

    /// <summary>The owner as this director knows: itself, another, or 0 for nobody.</summary>
    public ulong OwnerId { get; internal set; }

    public ulong OwnerEpoch { get; internal set; }

    public byte OwnerPriority { get; internal set; }

    /// <summary>When it announced last, first-hand.</summary>
    public long OwnerHeardAt { get; internal set; }

    /// <summary>When there was any sign of an owner or of a rival.</summary>
    public long HeardAt { get; internal set; }

    public bool IsEligible { get; internal set; }

    public bool IsSynced { get; internal set; }

    public bool HasCarrier { get; internal set; }

    public bool IsFit { get; internal set; }

    public ElectionPeers Peers;

    /// <summary>A director that has just started, on standby and not yet eligible.</summary>
    /// <param name="epochFloor">The highest epoch that was ever reserved in its data directory; 0 if that is empty or lost.</param>
    public static ElectionState Start(ElectionSettings settings, ulong epochFloor, long now) => new()
    {
        Reason = ElectionReason.Started,
        Since = now,
        EpochSeen = epochFloor,
        ReservedUntil = epochFloor,
        HeardAt = now,
        HasCarrier = true,
        IsFit = true,
        NextAt = now,
        ProbeAt = settings.Alone ? now : now + settings.Silence,
        ProbeReason = settings.Alone ? ElectionReason.Alone : ElectionReason.Silence,
        OwnerHeardAt = long.MinValue / 2,
        RelayedAt = long.MinValue / 2,
        RivalAt = long.MinValue / 2,
        DefendedAt = long.MinValue / 2,
        SpokenAt = long.MinValue / 2,
        Changes = new ElectionChanges(long.MinValue / 2),
    };

    // Standby: when it probes and why; not before HoldUntil; when it says hello; from when on it believes a resignation; when it
    // relayed last that it hears the owner.
    internal long ProbeAt;
    internal ElectionReason ProbeReason;
    internal long HoldUntil;

    /// <summary>Until then a director that is none of this one's is taken to own.</summary>
    internal long ObjectedUntil;

    internal long HelloAt;
    internal long TrustAt;
    internal long RelayedAt;

    /// <summary>Another one's probe, or an owner beside the one known: nothing is taken without probes soon after.</summary>
    internal long RivalAt;

    /// <summary>Up to this epoch ownership is known to be over; nobody's relay of it counts.</summary>
    internal ulong EndedEpoch;

    // Probing: how many went out, and when the next step is due.
    internal int ProbesSent;
    internal long DueAt;

    /// <summary>When the last probe or announcement went out: others are quiet for a silence after it.</summary>
    internal long SpokenAt;

    // Owner: when it announces next; the first announcement must be out by FirstBy.
    internal long AnnounceAt;
    internal long FirstBy;
    internal long DefendedAt;

    // The reservation under way, and when it may be asked for again.
    internal ulong Reserving;
    internal long ReserveAt;

    internal ElectionChanges Changes;
}
