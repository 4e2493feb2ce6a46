namespace Director.Dataplane.Control.Sessions;

/// <summary>
/// How directord keeps an engine: attach to the one that lives, else start one; when it is lost, reconnect; when it died,
/// start the next one and give it everything the last one had, in this order:
/// <code>
///   connect -> [memory] -> [configuration] -> [table, from the actors] -> [ownership] -> attached
/// </code>
/// Ownership is last: an engine that answered for the addresses before it knows the services would reset their clients.
/// Pure; inputs that do not belong to the phase are late news and change nothing.
/// </summary>
public static class SessionStep
{
    /// <summary>An engine that lived so long was not in a crash loop.</summary>
    public static readonly TimeSpan LongLife = TimeSpan.FromSeconds(10);

    /// <summary>How long the first attach waits for an engine that somebody else starts, or that is slow to answer.</summary>
    public static readonly TimeSpan OpenPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    public static (SessionState State, SessionEffect[] Effects) Step(SessionState state, SessionInput input, TimeSpan now) => input switch
    {
        _ when state.Phase == SessionPhase.Closed => (state, []),
        Open when state.Phase == SessionPhase.Idle => (state with { Phase = SessionPhase.Connecting, OpenedAt = now }, [new ConnectToEngine()]),
        Close => (state with { Phase = SessionPhase.Closed }, [new Detach()]),
        Stop => (state with { Phase = SessionPhase.Closed }, []),

        ConfigurationGiven => (state with { HasConfiguration = true }, []),
        MemoryGiven => (state with { HoldsMemory = true }, []),
        OwnershipGiven given => (state with { Owner = given.Owner }, []),
        TableApplied applied when state.Phase == SessionPhase.AwaitingTable => AfterTable(state with { Revision = applied.Revision }),
        TableApplied applied => (state with { Revision = applied.Revision }, []),

        Connected connected when state.Phase == SessionPhase.Connecting => AfterConnect(state, connected, now),
        ConnectFailed failed when state.Phase == SessionPhase.Connecting => AfterConnectFailed(state, failed, now),
        Started when state.Phase == SessionPhase.Starting => (state with { Phase = SessionPhase.Connecting }, [new ConnectToEngine()]),
        StartFailed failed when state.Phase == SessionPhase.Starting => !state.Opened
            ? GiveUp(state, failed.Reason)
            : Retry(state, $"starting the engine failed: {failed.Reason}"),

        Adopted when state.Phase == SessionPhase.Adopting => AfterMemory(state, []),
        AdoptFailed failed when state.Phase == SessionPhase.Adopting => AfterMemory(state, [LostConnections(failed.Reason)]),
        Configured when state.Phase == SessionPhase.Configuring => AfterConfiguration(state, []),
        ConfigureFailed failed when state.Phase == SessionPhase.Configuring =>
            Retry(state, $"the engine cannot be configured as before: {failed.Reason}"),
        Owned when state.Phase == SessionPhase.Owning => Attached(state, []),
        OwnFailed failed when state.Phase == SessionPhase.Owning =>
            Retry(state, $"the engine cannot take the addresses as before: {failed.Reason}"),

        Disconnected lost when state.IsConnected => AfterDisconnect(state, lost, now),
        WaitOver when state.Phase == SessionPhase.Waiting => (state with { Phase = SessionPhase.Connecting }, [new ConnectToEngine()]),
        _ => (state, []),
    };

    /// <summary>None after the first failure; then 100 ms, doubling to 5 s.</summary>
    public static TimeSpan Delay(int failures) => failures <= 1
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Min(failures - 2, 10)));

    private static (SessionState, SessionEffect[]) AfterConnect(SessionState state, Connected connected, TimeSpan now)
    {
        bool replaced = state.ProcessId != 0 && state.ProcessId != connected.ProcessId;
        state = state with { ProcessId = connected.ProcessId, EngineRevision = connected.Revision, AttachedAt = now };
        if (!connected.HasMemory && state.HoldsMemory)
            return (state with { Phase = SessionPhase.Adopting }, [new HandOverMemory()]);
        return AfterMemory(state, replaced && !connected.HasMemory
            ? [LostConnections("the memory of the one before was not in our hands")]
            : []);
    }

    private static Tell LostConnections(string reason) =>
        new(EngineLogLevel.Error, $"the engine starts with an empty connection table, its connections are lost: {reason}");

    private static (SessionState, SessionEffect[]) AfterMemory(SessionState state, SessionEffect[] before) => state.HasConfiguration
        ? (state with { Phase = SessionPhase.Configuring }, [.. before, new Configure()])
        : AfterConfiguration(state, before);

    // Without a revision of our own the actors have not begun: what they find, they compare themselves.
    private static (SessionState, SessionEffect[]) AfterConfiguration(SessionState state, SessionEffect[] before) =>
        state.Revision is { } ours && ours != state.EngineRevision
            ? (state with { Phase = SessionPhase.AwaitingTable }, [.. before, new AskForTable()])
            : WithOwnership(state, before);

    private static (SessionState, SessionEffect[]) AfterTable(SessionState state) => WithOwnership(state, []);

    private static (SessionState, SessionEffect[]) WithOwnership(SessionState state, SessionEffect[] before) => state.Owner is { } owner
        ? (state with { Phase = SessionPhase.Owning }, [.. before, new Own(owner)])
        : Attached(state, before);

    private static (SessionState, SessionEffect[]) Attached(SessionState state, SessionEffect[] before) => (
        state with { Phase = SessionPhase.Attached, Opened = true },
        [
            .. before,
            new Tell(EngineLogLevel.Information, $"attached to director-engine pid {state.ProcessId}"),
            .. state.Opened ? (SessionEffect[])[] : [new OpenSucceeded()],
        ]);

    private static (SessionState, SessionEffect[]) AfterConnectFailed(SessionState state, ConnectFailed failed, TimeSpan now)
    {
        bool nobody = failed.Fault == EngineFault.NotListening;
        if (nobody && state.MayStart)
        {
            Tell tell = state.ProcessId == 0
                ? new Tell(EngineLogLevel.Information, "no engine is running: starting one")
                : new Tell(EngineLogLevel.Error, $"director-engine (pid {state.ProcessId}) died: starting it again");
            return (state with { Phase = SessionPhase.Starting }, [tell, new StartEngine()]);
        }
        bool hopeless = failed.Fault == EngineFault.Refused || now - state.OpenedAt >= OpenPatience;
        return !state.Opened && hopeless ? GiveUp(state, failed.Reason) : Retry(state, failed.Reason);
    }

    private static (SessionState, SessionEffect[]) AfterDisconnect(SessionState state, Disconnected lost, TimeSpan now)
    {
        int failures = now - state.AttachedAt >= LongLife ? 1 : state.Failures + 1;
        Tell tell = new(EngineLogLevel.Warning, $"lost director-engine pid {state.ProcessId}: {lost.Reason}");
        TimeSpan delay = Delay(failures);
        state = state with { Failures = failures };
        return delay == TimeSpan.Zero
            ? (state with { Phase = SessionPhase.Connecting }, [tell, new Detach(), new ConnectToEngine()])
            : (state with { Phase = SessionPhase.Waiting }, [tell, new Detach(), new Wait(delay)]);
    }

    private static (SessionState, SessionEffect[]) Retry(SessionState state, string reason)
    {
        int failures = Math.Max(state.Failures, 1) + 1;
        TimeSpan delay = Delay(failures);
        return (
            state with { Phase = SessionPhase.Waiting, Failures = failures },
            [new Tell(EngineLogLevel.Error, $"{reason}; trying again in {delay.TotalMilliseconds:0} ms"), new Detach(), new Wait(delay)]);
    }

    private static (SessionState, SessionEffect[]) GiveUp(SessionState state, string reason) =>
        (state with { Phase = SessionPhase.Closed }, [new Detach(), new OpenFailed(reason)]);
}
