using Director.Dataplane.Election;

namespace Director.Dataplane.Tests.Election.Simulation;

/// <summary>
/// The thread that would run the election, on virtual time: steps, and does what the steps ask for, one act after the other. It may be
/// stopped between any two of them, and while it is, the data path goes on by its lease and the socket fills up.
/// </summary>
internal sealed class SimulatedDirector(Simulation simulation, int index, ElectionSettings settings)
{
    private const int SocketCapacity = 64;

    private enum Act
    {
        TellResignation,
        ReadClock,
        Announce,
        AnnouncementSent,
        Probe,
        ProbeSent,
        Hello,
    }

    private readonly Queue<(Act Act, ElectionMessage Message)> _acts = new();
    private readonly Queue<(long Sequence, int From, ElectionInput Input)> _socket = new();
    private readonly long[] _newest = new long[simulation.DirectorCount];
    private long _clock;
    private long _sequence;

    public ElectionState State;

    public ElectionSettings Settings => settings;

    public int Index => index;

    public bool IsUp { get; private set; }

    public long PausedUntil { get; private set; }

    public int Incarnation { get; private set; }

    /// <summary>Since when it has missed nothing that was delivered to its socket.</summary>
    public long AttentiveSince { get; private set; }

    /// <summary>The next wake-up; past if there is none.</summary>
    public long WakesAt { get; set; }

    public ulong EpochsOnDisk { get; set; }

    public bool IsDiskFull { get; set; }

    public bool HasCarrier { get; private set; } = true;

    public bool Owns(long now) => IsUp && State.LeaseUntil > now;

    public void Start(long now)
    {
        IsUp = true;
        Incarnation++;
        PausedUntil = 0;
        WakesAt = 0;
        AttentiveSince = now;
        _acts.Clear();
        _socket.Clear();
        Array.Clear(_newest);
        State = ElectionState.Start(settings, EpochsOnDisk, now);
        if (!HasCarrier)
            Step(ElectionInput.CarrierLost, now);
        simulation.WakeAt(this, now);
    }

    public void Die() => IsUp = false;

    public void Pause(long until, long now)
    {
        if (!IsUp || until <= PausedUntil)
            return;
        simulation.Trace(this, "stopped", until - now);
        PausedUntil = until;
        simulation.WakeAt(this, until);
    }

    public void Resume(long now)
    {
        PausedUntil = Math.Min(PausedUntil, now);
        simulation.WakeAt(this, now);
    }

    public void SetCarrier(bool carrier, long now)
    {
        HasCarrier = carrier;
        Give(carrier ? ElectionInput.CarrierFound : ElectionInput.CarrierLost, now);
    }

    /// <summary>Something happened; it waits in the socket while the thread is stopped.</summary>
    public void Give(in ElectionInput input, long now) => Receive(0, index, input, now);

    public void Receive(long sequence, int from, in ElectionInput input, long now)
    {
        if (!IsUp)
            return;
        if (now < PausedUntil || _acts.Count > 0)
        {
            if (_socket.Count < SocketCapacity || sequence == 0)
                _socket.Enqueue((sequence, from, input));
            else
                AttentiveSince = PausedUntil;
            return;
        }
        Take(sequence, from, input, now);
    }

    /// <summary>The thread runs: what it was doing, what it received, then time.</summary>
    public void Run(long now)
    {
        if (WakesAt <= now)
            WakesAt = 0;
        if (!IsUp)
            return;
        DoActs(now);
        while (now >= PausedUntil && _socket.TryDequeue(out (long Sequence, int From, ElectionInput Input) waiting))
            Take(waiting.Sequence, waiting.From, waiting.Input, now);
        if (now >= PausedUntil && now >= State.NextAt)
            Step(ElectionInput.Time, now);
        simulation.WakeAt(this, State.NextAt);
    }

    // The wire layer's part: only what is newer than anything that the sender said before, on whichever channel.
    private void Take(long sequence, int from, in ElectionInput input, long now)
    {
        if (sequence != 0 && sequence <= _newest[from])
            return;
        if (sequence != 0)
            _newest[from] = sequence;
        Step(input, now);
    }

    private void Step(in ElectionInput input, long now)
    {
        ElectionPhase before = State.Phase;
        long lease = State.LeaseUntil;
        State = ElectionStep.Step(settings, State, input, now, out ElectionActions actions);
        if (simulation.IsTracing && (State.Phase != before || input.Kind != ElectionInputKind.Time || actions.Flags != 0))
            simulation.Trace(this, $"{Describe(input)} -> {State.Phase} {State.Reason} epoch {State.Epoch} lease {State.LeaseUntil} {actions.Flags}");
        if (State.LeaseUntil != lease && State.LeaseUntil > now)
            simulation.Watch.Renewed(this, now);
        Plan(actions, now);
        DoActs(now);
        simulation.WakeAt(this, State.NextAt);
    }

    private void Plan(in ElectionActions actions, long now)
    {
        if (actions.Has(ElectionAction.TellResignation))
            _acts.Enqueue((Act.TellResignation, ElectionMessage.Resignation(settings, State, actions)));
        if (actions.Has(ElectionAction.Announce))
        {
            _acts.Enqueue((Act.ReadClock, default));
            _acts.Enqueue((Act.Announce, ElectionMessage.Announcement(settings, State)));
            _acts.Enqueue((Act.AnnouncementSent, default));
        }
        if (actions.Has(ElectionAction.Probe))
        {
            _acts.Enqueue((Act.Probe, ElectionMessage.Probe(settings, State)));
            _acts.Enqueue((Act.ProbeSent, default));
        }
        if (actions.Has(ElectionAction.Hello))
            _acts.Enqueue((Act.Hello, ElectionMessage.Hello(settings, State, actions)));
        if (actions.Has(ElectionAction.Reserve))
            simulation.Reserve(this, actions.ReserveUntil, now);
    }

    private void DoActs(long now)
    {
        while (now >= PausedUntil && _acts.Count > 0)
        {
            if (simulation.Hiccup() is long pause and > 0)
            {
                Pause(now + pause, now);
                return;
            }
            (Act act, ElectionMessage message) = _acts.Dequeue();
            Do(act, message, now);
        }
    }

    private void Do(Act act, in ElectionMessage message, long now)
    {
        switch (act)
        {
            case Act.ReadClock:
                _clock = now;
                break;
            case Act.AnnouncementSent:
                Step(ElectionInput.AnnouncementSent(_clock), now);
                break;
            case Act.ProbeSent:
                Step(ElectionInput.ProbeSent, now);
                break;
            case Act.Announce or Act.Probe when !HasCarrier:
                _acts.Dequeue(); // there is nothing to report as sent
                Step(ElectionInput.SendFailed, now);
                break;
            default:
                Send(message, now);
                break;
        }
    }

    private void Send(in ElectionMessage message, long now)
    {
        // By the clock, so that it goes on after a restart.
        _sequence = Math.Max(_sequence + 1, now);
        if (HasCarrier)
            simulation.Send(Channel.Segment, index, _sequence, message, now);
        simulation.Send(Channel.ClusterLink, index, _sequence, message, now);
    }

    private static string Describe(in ElectionInput input) => input.Kind == ElectionInputKind.Heard
        ? $"heard {input.Message.Kind} of {input.Message.Id}, epoch {input.Message.Epoch}, {input.Message.Flags}, other {input.Message.OtherId}"
        : $"{input.Kind} {input.Number}";
}
