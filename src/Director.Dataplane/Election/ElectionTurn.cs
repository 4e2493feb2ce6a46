namespace Director.Dataplane.Election;

/// <summary>One step under way: the state that becomes the next, and what is to be done.</summary>
internal ref struct ElectionTurn(ElectionSettings settings, in ElectionState state, long now)
{
    public readonly ElectionSettings Settings = settings;
    public readonly long Now = now;
    public ElectionState State = state;
    public ElectionActions Actions;

    /// <summary>A director heard since is alive.</summary>
    public readonly long AliveSince => Now - Settings.Silence;

    /// <summary>The thread slept longer than it was told to: what it knows is old.</summary>
    public readonly bool Overslept => Now > State.NextAt + Settings.AnnounceInterval;

    /// <summary>
    /// It has owned since its start, or heard an owner whose key it has: what others than those object to is their mistake, or
    /// a forgery that is to keep the addresses from being taken over.
    /// </summary>
    public readonly bool HasTakenPart => State.Epoch != 0 || State.OwnerHeardAt >= 0;

    public readonly bool CanProbe => State.IsEligible && State.HasCarrier;

    /// <summary>No preemption soon after a change of owner, and none while ownership flaps.</summary>
    public readonly bool IsCalm => !State.Changes.AreMany(Now) && Now - State.Changes.Last >= Settings.HandoverPause;

    public readonly StandbyFlags Standby
    {
        get
        {
            StandbyFlags flags = State.IsSynced ? StandbyFlags.Synced : StandbyFlags.None;
            if (CanProbe && State.IsFit)
                flags |= StandbyFlags.CanTake;
            bool wants = Settings.Preempt && State.OwnerId != 0 && Settings.Priority > State.OwnerPriority && IsCalm;
            return wants && flags == (StandbyFlags.Synced | StandbyFlags.CanTake) ? flags | StandbyFlags.Challenges : flags;
        }
    }

    public void Do(ElectionAction action) => Actions.Flags |= action;

    public void Alarm(ElectionAlarm alarm)
    {
        Do(ElectionAction.Alarm);
        Actions.Alarm = alarm;
    }

    public void Become(ElectionPhase phase, ElectionReason reason)
    {
        State.Phase = phase;
        State.Reason = reason;
        State.Since = Now;
        Do(ElectionAction.Changed);
    }

    /// <summary>Somebody else announced: who owns, as far as this director knows.</summary>
    public void NoteOwner(in ElectionMessage announcement)
    {
        bool known = announcement.Id == State.OwnerId;
        if (!known && State.OwnerId != 0 && State.OwnerHeardAt >= AliveSince && !IsHigher(announcement))
        {
            State.RivalAt = Now; // a stale owner beside the one known: somebody answers all the same
            return;
        }
        if (!known && State.OwnerId != 0 && State.OwnerHeardAt >= AliveSince)
            State.RivalAt = Now;
        if (!known || announcement.Epoch != State.OwnerEpoch)
            State.Changes.Add(Now);
        if (announcement.Epoch > State.Epoch)
            State.HoldUntil = 0; // somebody took over from this one
        State.OwnerId = announcement.Id;
        State.OwnerEpoch = announcement.Epoch;
        State.OwnerPriority = announcement.Priority;
        State.OwnerHeardAt = Now;
    }

    /// <summary>Above the owner known, by epoch, then priority, then id.</summary>
    public readonly bool IsHigher(in ElectionMessage announcement) =>
        (announcement.Epoch, announcement.Priority, announcement.Id).CompareTo((State.OwnerEpoch, State.OwnerPriority, State.OwnerId)) > 0;
}
