namespace Director.Dataplane.Election;

/// <summary>Reasons as the log and the status tell them.</summary>
public static class ElectionWords
{
    public static string Of(ElectionReason reason) => reason switch
    {
        ElectionReason.Started => "just started",
        ElectionReason.Silence => "the owner is silent",
        ElectionReason.PeerGone => "the owner's directord is gone",
        ElectionReason.PeerDead => "the owner's engine is dead",
        ElectionReason.OwnerResigned => "the owner resigned",
        ElectionReason.Alone => "no other director is configured",
        ElectionReason.NobodyAnswered => "nobody answered for the addresses",
        ElectionReason.HandedOver => "the owner handed over",
        ElectionReason.OwnerHeard => "there is an owner",
        ElectionReason.RivalProbed => "a better director probes too",
        ElectionReason.Stalled => "this engine stood still for a while",
        ElectionReason.SendFailed => "the interface does not send",
        ElectionReason.CarrierLost => "the service segment has no carrier",
        ElectionReason.NotEligible => "the tables are not in place",
        ElectionReason.Beaten => "another owner has the higher epoch",
        ElectionReason.LeaseRanOut => "no announcement went out in time",
        ElectionReason.Planned => "asked to fail over",
        ElectionReason.Stopping => "stopping",
        ElectionReason.Preempted => "a director of higher priority is in sync",
        ElectionReason.Unfit => "a link or a tracked address is lost that a standby still has",
        ElectionReason.Objected => "a director with another election.key, or with this one's director.name, owns or goes first",
        _ => reason.ToString(),
    };
}
