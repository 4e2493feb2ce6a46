namespace Director.Dataplane.Election;

public enum ElectionInputKind : byte
{
    Time,
    Heard,
    ForeignClaim,
    AnnouncementSent,
    ProbeSent,
    SendFailed,
    CarrierLost,
    CarrierFound,
    Fit,
    Unfit,
    PeerGone,
    PeerDead,
    Resign,
    EpochsReserved,
    ReservationFailed,
    Eligible,
    NotEligible,
    Synced,
    NotSynced,
    EpochSeen,
    Objection,
    StrangerOwns,
}

/// <summary>
/// Something that happened. The thread hands over all that it has received before it says <see cref="Time"/>: after a stall the
/// answer to a probe may be waiting in the socket.
/// </summary>
/// <param name="Message">Heard only.</param>
/// <param name="Number">An id or an epoch, by kind.</param>
/// <param name="At">AnnouncementSent only: microseconds.</param>
/// <param name="Reason">Resign only.</param>
public readonly record struct ElectionInput(
    ElectionInputKind Kind,
    ElectionMessage Message = default,
    ulong Number = 0,
    long At = 0,
    ElectionReason Reason = ElectionReason.Started)
{
    /// <summary><see cref="ElectionState.NextAt"/> has come, or nothing else is to be said.</summary>
    public static ElectionInput Time => new(ElectionInputKind.Time);

    /// <summary>From the segment or over the cluster link; not by this director.</summary>
    public static ElectionInput Heard(in ElectionMessage message) => new(ElectionInputKind.Heard, message);

    /// <summary>ARP or NDP for an owned address without a valid trailer.</summary>
    public static ElectionInput ForeignClaim => new(ElectionInputKind.ForeignClaim);

    /// <summary>An announcement was handed to the interface.</summary>
    /// <param name="at">Read BEFORE the send: the lease counts from it. The step's own time is read after the send.</param>
    public static ElectionInput AnnouncementSent(long at) => new(ElectionInputKind.AnnouncementSent, At: at);

    /// <summary>A probe was handed to the interface; the step's time is read AFTER the send.</summary>
    public static ElectionInput ProbeSent => new(ElectionInputKind.ProbeSent);

    /// <summary>The segment's interface refused a probe or an announcement; it was not sent over the cluster link either.</summary>
    public static ElectionInput SendFailed => new(ElectionInputKind.SendFailed);

    /// <summary>Of the interface on the service segment. Others count with <see cref="Unfit"/>.</summary>
    public static ElectionInput CarrierLost => new(ElectionInputKind.CarrierLost);

    public static ElectionInput CarrierFound => new(ElectionInputKind.CarrierFound);

    /// <summary>Every link has carrier and every tracked address answers (the initial assumption).</summary>
    public static ElectionInput Fit => new(ElectionInputKind.Fit);

    /// <summary>
    /// Another link than the segment, or a tracked address, is lost: an owner resigns as soon as a standby is there that can take;
    /// a standby lets others go first.
    /// </summary>
    public static ElectionInput Unfit => new(ElectionInputKind.Unfit);

    /// <summary>The director's cluster association closed.</summary>
    public static ElectionInput PeerGone(ulong id) => new(ElectionInputKind.PeerGone, Number: id);

    /// <summary>Its directord says that its engine is dead.</summary>
    public static ElectionInput PeerDead(ulong id) => new(ElectionInputKind.PeerDead, Number: id);

    /// <summary>Hand over. Refused (<see cref="ElectionAction.Refused"/>) while no standby can take, unless the engine stops.</summary>
    /// <param name="to">A director's id, or 0 for the best.</param>
    /// <param name="reason"><see cref="ElectionReason.Planned"/>, or <see cref="ElectionReason.Stopping"/>: whoever may take.</param>
    public static ElectionInput Resign(ulong to, ElectionReason reason) => new(ElectionInputKind.Resign, Number: to, Reason: reason);

    /// <summary>All epochs up to this one are this director's to claim; the disk has it.</summary>
    public static ElectionInput EpochsReserved(ulong until) => new(ElectionInputKind.EpochsReserved, Number: until);

    /// <summary>The disk refused; it is asked again after a second.</summary>
    public static ElectionInput ReservationFailed => new(ElectionInputKind.ReservationFailed);

    /// <summary>Tables are in place. A director that is not eligible never probes.</summary>
    public static ElectionInput Eligible(bool eligible) => new(eligible ? ElectionInputKind.Eligible : ElectionInputKind.NotEligible);

    /// <summary>Tables and connections are those of the owner.</summary>
    public static ElectionInput Synced(bool synced) => new(synced ? ElectionInputKind.Synced : ElectionInputKind.NotSynced);

    /// <summary>An epoch that was in use, as the journal or a peer's directord knows.</summary>
    public static ElectionInput EpochSeen(ulong epoch) => new(ElectionInputKind.EpochSeen, Number: epoch);

    /// <summary>
    /// A director that is none of this one's (another key, or the same name) answered our probe: it owns, or goes first. An owner is
    /// told of a namesake's only, and only if that one is to stay.
    /// </summary>
    /// <param name="namesake">Its frame is well signed.</param>
    public static ElectionInput Objection(bool namesake) => new(ElectionInputKind.Objection, Number: namesake ? 1ul : 0);

    /// <summary>Such a director announces; nothing shows that it does so now.</summary>
    public static ElectionInput StrangerOwns => new(ElectionInputKind.StrangerOwns);
}
