namespace Director.Dataplane.Election;

/// <summary>
/// What the thread does after a step, in this order. It has put <see cref="ElectionState.LeaseUntil"/> where the data path reads it
/// before anything else: an owner that is to release has stopped when it tells.
/// </summary>
[Flags]
public enum ElectionAction
{
    None = 0,

    /// <summary>Stop answering for the addresses; the lease is over already.</summary>
    Release = 1,

    /// <summary>Say who resigns to whom, on both channels (<see cref="ElectionMessage.Resignation"/>).</summary>
    TellResignation = 2,

    /// <summary>Answer for the addresses while the lease holds. Broadcast a burst for each of them, after the announcement.</summary>
    Take = 4,

    /// <summary>Announce on the segment, then over the cluster link; then step with AnnouncementSent or SendFailed.</summary>
    Announce = 8,

    /// <summary>Probe on the segment, then over the cluster link; then step with ProbeSent or SendFailed.</summary>
    Probe = 16,

    /// <summary>Say hello on both channels (<see cref="ElectionMessage.Hello"/>).</summary>
    Hello = 32,

    /// <summary>The hello relays that the owner was heard (part of <see cref="Hello"/>).</summary>
    Relay = 64,

    /// <summary>Broadcast for the address that a foreign host claims (RFC 5227 section 2.4 (b)).</summary>
    Defend = 128,

    /// <summary>Put <see cref="ElectionActions.ReserveUntil"/> on the disk, elsewhere; then step with EpochsReserved or ReservationFailed.</summary>
    Reserve = 256,

    /// <summary>A <see cref="ElectionInputKind.Resign"/> was refused: nobody could take.</summary>
    Refused = 512,

    /// <summary>Tell the operator <see cref="ElectionActions.Alarm"/>.</summary>
    Alarm = 1024,

    /// <summary>The phase changed; <see cref="ElectionState.Reason"/> says why: log it, tell directord.</summary>
    Changed = 2048,
}

/// <summary>What an operator should know.</summary>
public enum ElectionAlarm : byte
{
    None,

    /// <summary>A foreign host claims an owned address.</summary>
    ForeignClaim,

    /// <summary>The epoch just claimed could not be put on the disk before: a restart of all directors may use it again.</summary>
    EpochNotOnDisk,

    /// <summary>The disk takes no reservation.</summary>
    ReservationFailed,

    /// <summary>Another director has this one's id.</summary>
    DuplicateId,
}

/// <summary>What a step asks for.</summary>
public struct ElectionActions
{
    public ElectionAction Flags { get; internal set; }

    /// <summary>With <see cref="ElectionAction.TellResignation"/>: to whom; 0 for anybody.</summary>
    public ulong ResignTo { get; internal set; }

    /// <summary>With <see cref="ElectionAction.Reserve"/>.</summary>
    public ulong ReserveUntil { get; internal set; }

    /// <summary>With <see cref="ElectionAction.Hello"/>: what to say of oneself.</summary>
    public StandbyFlags Standby { get; internal set; }

    public ElectionAlarm Alarm { get; internal set; }

    public readonly bool Has(ElectionAction action) => (Flags & action) != 0;
}
