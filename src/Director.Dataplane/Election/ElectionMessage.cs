namespace Director.Dataplane.Election;

public enum ElectionMessageKind : byte
{
    /// <summary>"I own." Each I, and at once to a probe.</summary>
    Announcement = 1,

    /// <summary>"Does anybody own? I would."</summary>
    Probe,

    /// <summary>"I have stopped"; to one director, or to anybody.</summary>
    Resignation,

    /// <summary>"I stand by."</summary>
    Hello,
}

/// <summary>What a standby says of itself.</summary>
[Flags]
public enum StandbyFlags : byte
{
    None = 0,

    /// <summary>Tables in place, carrier up, all links and tracked addresses there.</summary>
    CanTake = 1,

    /// <summary>Its tables and connections are those of the owner.</summary>
    Synced = 2,

    /// <summary>It wants the owner to hand over (preemption).</summary>
    Challenges = 4,
}

/// <summary>
/// What directors say to each other, on the service segment and over the cluster link alike. The wire layer has checked group and
/// signature and passes on only what is newer, by the sender's sequence over both channels together, than anything passed on before.
/// </summary>
/// <param name="Id">Who says it; first-hand always.</param>
/// <param name="Priority">Of the sender.</param>
/// <param name="Epoch">Announcement: the one owned. Resignation: the one given up. Else the highest that the sender knows.</param>
/// <param name="Flags">Hello only.</param>
/// <param name="OtherId">Resignation: to whom, 0 for anybody. Hello: the owner heard first-hand just now (a relay), or 0.</param>
/// <param name="OtherEpoch">Hello: that owner's epoch.</param>
public readonly record struct ElectionMessage(
    ElectionMessageKind Kind,
    ulong Id,
    byte Priority,
    ulong Epoch,
    StandbyFlags Flags = StandbyFlags.None,
    ulong OtherId = 0,
    ulong OtherEpoch = 0)
{
    /// <summary>What an owner announces.</summary>
    public static ElectionMessage Announcement(ElectionSettings settings, in ElectionState state) =>
        new(ElectionMessageKind.Announcement, settings.Id, settings.Priority, state.Epoch);

    public static ElectionMessage Probe(ElectionSettings settings, in ElectionState state) =>
        new(ElectionMessageKind.Probe, settings.Id, settings.Priority, state.EpochSeen);

    /// <summary>After <see cref="ElectionAction.TellResignation"/>; <see cref="ElectionState.Epoch"/> is the one given up.</summary>
    public static ElectionMessage Resignation(ElectionSettings settings, in ElectionState state, in ElectionActions actions) =>
        new(ElectionMessageKind.Resignation, settings.Id, settings.Priority, state.Epoch, OtherId: actions.ResignTo);

    /// <summary>After <see cref="ElectionAction.Hello"/>.</summary>
    public static ElectionMessage Hello(ElectionSettings settings, in ElectionState state, in ElectionActions actions)
    {
        bool relays = (actions.Flags & ElectionAction.Relay) != 0;
        return new(ElectionMessageKind.Hello, settings.Id, settings.Priority, state.EpochSeen, actions.Standby,
            relays ? state.OwnerId : 0, relays ? state.OwnerEpoch : 0);
    }
}
