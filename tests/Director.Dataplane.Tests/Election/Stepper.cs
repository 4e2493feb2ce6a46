using Director.Dataplane.Election;

namespace Director.Dataplane.Tests.Election;

/// <summary>
/// Director 2, priority 100, stepped by hand; times in milliseconds. Hands out what it is asked to send, unless the test says otherwise.
/// </summary>
internal sealed class Stepper
{
    public const ulong Me = 2;
    public const ulong Other = 1;
    public const ulong Third = 3;

    private readonly ElectionSettings _settings;
    private ElectionState _state;
    private long _now;

    public Stepper(ElectionSettings? settings = null, ulong epochFloor = 0)
    {
        _settings = settings ?? new ElectionSettings(Me, 100);
        _state = ElectionState.Start(_settings, epochFloor, 0);
        Give(ElectionInput.Eligible(true));
        Give(ElectionInput.EpochsReserved(epochFloor + 64));
    }

    public ref readonly ElectionState State => ref _state;

    public ElectionPhase Phase => _state.Phase;

    public double Now => _now / 1000.0;

    /// <summary>Of the last step that was given.</summary>
    public ElectionActions Actions { get; private set; }

    /// <summary>Whether what it sends is handed out, and reported.</summary>
    public bool Sends { get; set; } = true;

    /// <summary>Has owned since some time before 1000 ms, and announced then.</summary>
    public static Stepper Owning(ElectionSettings? settings = null)
    {
        Stepper owner = new(settings);
        owner.RunUntil(1000);
        Assert.Equal(ElectionPhase.Owner, owner.Phase);
        return owner;
    }

    /// <summary>Stands by for director 1, of this priority, which announced epoch 5 last at 1000 ms.</summary>
    public static Stepper StandingBy(ElectionSettings? settings = null, byte ownerPriority = 100)
    {
        Stepper standby = new(settings);
        for (int at = 0; at <= 1000; at += (int)(standby._settings.AnnounceInterval / 1000))
        {
            standby.RunUntil(at);
            standby.Hear(Announcement(Other, 5, ownerPriority));
        }
        return standby;
    }

    public static ElectionMessage Announcement(ulong id, ulong epoch, byte priority = 100) =>
        new(ElectionMessageKind.Announcement, id, priority, epoch);

    public static ElectionMessage Probe(ulong id, byte priority = 100) => new(ElectionMessageKind.Probe, id, priority, 0);

    public static ElectionMessage Hello(ulong id, StandbyFlags flags = StandbyFlags.CanTake, byte priority = 100) =>
        new(ElectionMessageKind.Hello, id, priority, 0, flags);

    public static ElectionMessage Relay(ulong id, ulong owner, ulong epoch) =>
        new(ElectionMessageKind.Hello, id, 100, 0, StandbyFlags.CanTake, owner, epoch);

    public static ElectionMessage Resignation(ulong id, ulong epoch, ulong to) =>
        new(ElectionMessageKind.Resignation, id, 100, epoch, OtherId: to);

    /// <summary>Steps with time whenever that is due.</summary>
    public Stepper RunUntil(double milliseconds)
    {
        long end = (long)(milliseconds * 1000);
        while (_state.NextAt <= end)
        {
            _now = Math.Max(_now, _state.NextAt);
            Give(ElectionInput.Time);
        }
        _now = end;
        return this;
    }

    /// <summary>Runs until the phase is this one: at what time, in milliseconds; at most a second.</summary>
    public double When(ElectionPhase phase)
    {
        for (long end = _now + 1_000_000; _state.Phase != phase && _now < end;)
            RunUntil(Math.Max(_state.NextAt, _now) / 1000.0);
        Assert.Equal(phase, _state.Phase);
        return Now;
    }

    /// <summary>Does nothing until then: the thread is stopped.</summary>
    public Stepper SleepUntil(double milliseconds)
    {
        _now = (long)(milliseconds * 1000);
        return this;
    }

    public ElectionActions Hear(in ElectionMessage message) => Give(ElectionInput.Heard(message));

    public ElectionActions Give(in ElectionInput input)
    {
        ElectionActions actions = Step(input);
        Actions = actions;
        if (!Sends)
            return actions;
        if (actions.Has(ElectionAction.Announce))
            Step(ElectionInput.AnnouncementSent(_now));
        if (actions.Has(ElectionAction.Probe))
            Step(ElectionInput.ProbeSent);
        return actions;
    }

    private ElectionActions Step(in ElectionInput input)
    {
        _state = ElectionStep.Step(_settings, _state, input, _now, out ElectionActions actions);
        return actions;
    }
}
