namespace Director.Dataplane.Election;

/// <summary>Why the phase changed last, for the log and the status.</summary>
public enum ElectionReason : byte
{
    Started,

    // To Probing.

    /// <summary>No announcement on any channel for M x I.</summary>
    Silence,

    /// <summary>The owner's cluster association closed and its lease ran out.</summary>
    PeerGone,

    /// <summary>The owner's directord says that its engine is dead.</summary>
    PeerDead,

    /// <summary>The owner resigned and named nobody.</summary>
    OwnerResigned,

    /// <summary>No other director is configured.</summary>
    Alone,

    // To Owner.

    NobodyAnswered,

    /// <summary>The owner resigned to this director.</summary>
    HandedOver,

    // Back to Standby.

    /// <summary>Somebody announced while this one probed.</summary>
    OwnerHeard,

    /// <summary>A better director probes too.</summary>
    RivalProbed,

    /// <summary>Slept too long to know what is going on.</summary>
    Stalled,

    SendFailed,

    CarrierLost,

    NotEligible,

    // From Owner.

    /// <summary>Another owner has the higher epoch, priority or id.</summary>
    Beaten,

    /// <summary>No announcement went out in time.</summary>
    LeaseRanOut,

    /// <summary>Asked to, by an operator.</summary>
    Planned,

    /// <summary>The engine stops.</summary>
    Stopping,

    /// <summary>A synced director of higher priority asked for it.</summary>
    Preempted,

    /// <summary>A link or a tracked address is lost that a standby still has.</summary>
    Unfit,

    // From any of them.

    /// <summary>A director of another key, or of the same name, owns.</summary>
    Objected,
}
