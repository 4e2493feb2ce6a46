using Director.Dataplane.Control;
using Director.Dataplane.Control.Sessions;

namespace Director.Dataplane.Tests.Control.Sessions;

/// <summary>The session stepped by hand: what it wants after each thing that happens.</summary>
public sealed class SessionStepTests
{
    private SessionState _state = new(MayStart: true);
    private TimeSpan _now = TimeSpan.FromSeconds(100);

    [Fact]
    public void A_live_engine_is_attached_to()
    {
        Expect(new Open(), "connect");
        Expect(new Connected(10, 5, HasMemory: true), "tell attached to director-engine pid 10", "opened");
        Assert.Equal((SessionPhase.Attached, 5ul, true), (_state.Phase, _state.EngineRevision, _state.Serves));
    }

    [Fact]
    public void Without_one_it_is_started()
    {
        Expect(new Open(), "connect");
        Expect(Nobody, "tell no engine is running: starting one", "start");
        Expect(new Started(), "connect");
        Expect(new Connected(10, 0, HasMemory: false), "tell attached to director-engine pid 10", "opened");
    }

    [Fact]
    public void An_engine_that_died_is_replaced_with_memory_configuration_table_and_ownership_in_this_order()
    {
        InService(pid: 10, revision: 7, owner: true);
        Pass(60);
        Expect(new Disconnected("closed"), "tell lost director-engine pid 10: closed", "detach", "connect");
        Assert.False(_state.Serves);
        Expect(Nobody, "tell director-engine (pid 10) died: starting it again", "start");
        Expect(new Started(), "connect");
        Expect(new Connected(11, 0, HasMemory: false), "memory");
        Assert.False(_state.Serves);
        Expect(new Adopted(), "configure");
        Expect(new Configured(), "table?");
        Assert.True(_state.Serves);
        Expect(new TableApplied(7), "own True");
        Expect(new Owned(), "tell attached to director-engine pid 11");
        Assert.Equal(SessionPhase.Attached, _state.Phase);
    }

    [Fact]
    public void Connections_that_cannot_be_kept_are_told_and_the_rest_goes_on()
    {
        InService(pid: 10, revision: 7, owner: true);
        Pass(60);
        Restart(pid: 11);
        Expect(
            new AdoptFailed("layout 2 is not 3"),
            "tell the engine starts with an empty connection table, its connections are lost: layout 2 is not 3",
            "configure");
    }

    [Fact]
    public void The_same_engine_found_again_with_our_table_gets_no_table()
    {
        InService(pid: 10, revision: 7, owner: true);
        Expect(new Disconnected("closed"), "tell lost director-engine pid 10: closed", "detach", "connect");
        Expect(new Connected(10, 7, HasMemory: true), "configure");
        Expect(new Configured(), "own True");
        Expect(new Owned(), "tell attached to director-engine pid 10");
    }

    [Fact]
    public void The_same_engine_with_another_table_gets_ours()
    {
        InService(pid: 10, revision: 7, owner: null);
        Expect(new Disconnected("closed"), "tell lost director-engine pid 10: closed", "detach", "connect");
        Expect(new Connected(10, 6, HasMemory: true), "configure");
        Expect(new Configured(), "table?");
        Expect(new TableApplied(8), "tell attached to director-engine pid 10");
    }

    [Fact]
    public void A_standby_tells_its_new_engine_that_it_is_one()
    {
        InService(pid: 10, revision: 7, owner: false);
        Pass(60);
        Restart(pid: 11);
        Expect(new Adopted(), "configure");
        Expect(new Configured(), "table?");
        Expect(new TableApplied(7), "own False");
    }

    [Fact]
    public void A_crash_loop_is_slowed_down_and_a_long_life_forgives()
    {
        InService(pid: 10, revision: 7, owner: true);
        Pass(60);
        string[] waits = [.. Enumerable.Range(0, 9).Select(_ => CrashAtOnce())];
        Assert.Equal(["connect", "wait 100", "wait 200", "wait 400", "wait 800", "wait 1600", "wait 3200", "wait 5000", "wait 5000"], waits);

        Pass(11);
        Expect(new Disconnected("closed"), "tell lost director-engine pid 11: closed", "detach", "connect");
    }

    [Fact]
    public void An_engine_that_cannot_be_configured_again_is_tried_again_later()
    {
        InService(pid: 10, revision: 7, owner: true);
        Pass(60);
        Restart(pid: 11);
        Expect(new Adopted(), "configure");
        Expect(
            new ConfigureFailed("eth1 is gone"),
            "tell the engine cannot be configured as before: eth1 is gone; trying again in 100 ms", "detach", "wait 100");
        Expect(new WaitOver(), "connect");
        Expect(new Connected(11, 0, HasMemory: true), "configure");
    }

    [Fact]
    public void The_first_start_that_fails_ends_it()
    {
        Expect(new Open(), "connect");
        Expect(Nobody, "tell no engine is running: starting one", "start");
        Expect(new StartFailed("no CAP_NET_RAW"), "detach", "open-failed no CAP_NET_RAW");
        Assert.Equal(SessionPhase.Closed, _state.Phase);
    }

    [Fact]
    public void A_later_start_that_fails_is_tried_again()
    {
        InService(pid: 10, revision: 7, owner: true);
        Pass(60);
        Expect(new Disconnected("closed"), "tell lost director-engine pid 10: closed", "detach", "connect");
        Expect(Nobody, "tell director-engine (pid 10) died: starting it again", "start");
        Expect(new StartFailed("no memory"), "tell starting the engine failed: no memory; trying again in 100 ms", "detach", "wait 100");
        Expect(new WaitOver(), "connect");
        Expect(Nobody, "tell director-engine (pid 10) died: starting it again", "start");
    }

    [Fact]
    public void An_engine_that_refuses_ends_the_first_attach_at_once()
    {
        Expect(new Open(), "connect");
        Expect(new ConnectFailed(EngineFault.Refused, "belongs to director b"), "detach", "open-failed belongs to director b");
    }

    [Fact]
    public void Where_somebody_else_starts_the_engine_it_is_waited_for_ten_seconds()
    {
        _state = new SessionState(MayStart: false);
        Expect(new Open(), "connect");
        Expect(Nobody, "tell nobody; trying again in 100 ms", "detach", "wait 100");
        Expect(new WaitOver(), "connect");
        Pass(9);
        Expect(Nobody, "tell nobody; trying again in 200 ms", "detach", "wait 200");
        Expect(new WaitOver(), "connect");
        Pass(2);
        Expect(Nobody, "detach", "open-failed nobody");
    }

    [Fact]
    public void Where_somebody_else_starts_the_engine_a_dead_one_is_waited_for_without_end()
    {
        InService(pid: 10, revision: 7, owner: true);
        _state = _state with { MayStart = false };
        Pass(60);
        Expect(new Disconnected("closed"), "tell lost director-engine pid 10: closed", "detach", "connect");
        for (int i = 0; i < 20; i++)
        {
            Step(Nobody);
            Assert.Equal(SessionPhase.Waiting, _state.Phase);
            Expect(new WaitOver(), "connect");
        }
        Assert.Equal(TimeSpan.FromSeconds(5), SessionStep.Delay(_state.Failures));
    }

    [Fact]
    public void The_end_of_an_engine_that_was_told_to_stop_is_no_death()
    {
        InService(pid: 10, revision: 7, owner: true);
        Expect(new Stop());
        Expect(new Disconnected("closed"));
        Assert.Equal(SessionPhase.Closed, _state.Phase);
    }

    [Fact]
    public void Closing_lets_go_of_the_engine_and_nothing_comes_after_it()
    {
        InService(pid: 10, revision: 7, owner: true);
        Expect(new Close(), "detach");
        Expect(new Disconnected("closed"));
        Expect(new WaitOver());
        Expect(new Open());
    }

    [Theory]
    [MemberData(nameof(LateNews))]
    public void Late_news_changes_nothing(SessionInput late)
    {
        InService(pid: 10, revision: 7, owner: true);
        SessionState before = _state;
        Expect(late);
        Assert.Equal(before, _state);
    }

    public static TheoryData<SessionInput> LateNews =>
    [
        new Open(), new Connected(12, 0, false), Nobody, new Started(), new StartFailed("late"), new Adopted(), new AdoptFailed("late"),
        new Configured(), new ConfigureFailed("late"), new Owned(), new OwnFailed("late"), new WaitOver(),
    ];

    private static ConnectFailed Nobody => new(EngineFault.NotListening, "nobody");

    private void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);

    private SessionEffect[] Step(SessionInput input)
    {
        (_state, SessionEffect[] effects) = SessionStep.Step(_state, input, _now);
        return effects;
    }

    private void Expect(SessionInput input, params string[] effects) => Assert.Equal(effects, Step(input).Select(Name));

    private void InService(int pid, ulong revision, bool? owner)
    {
        Step(new Open());
        Step(new Connected(pid, 0, HasMemory: false));
        Step(new ConfigurationGiven());
        Step(new MemoryGiven());
        Step(new TableApplied(revision));
        if (owner is { } said)
            Step(new OwnershipGiven(said));
        Assert.Equal(SessionPhase.Attached, _state.Phase);
    }

    private void Restart(int pid)
    {
        Step(new Disconnected("closed"));
        Recover(pid, upTo: SessionPhase.Adopting);
    }

    private void Recover(int pid, SessionPhase upTo = SessionPhase.Attached)
    {
        if (_state.Phase == SessionPhase.Waiting)
            Step(new WaitOver());
        Step(Nobody);
        Step(new Started());
        Expect(new Connected(pid, 0, HasMemory: false), "memory");
        if (upTo == SessionPhase.Adopting)
            return;
        Step(new Adopted());
        Step(new Configured());
        Step(new TableApplied(7));
        Step(new Owned());
        Assert.Equal(upTo, _state.Phase);
    }

    // The last effect of losing an engine that was attached just now.
    private string CrashAtOnce()
    {
        string last = Name(Step(new Disconnected("closed"))[^1]);
        Recover(pid: 11);
        return last;
    }

    private static string Name(SessionEffect effect) => effect switch
    {
        ConnectToEngine => "connect",
        StartEngine => "start",
        HandOverMemory => "memory",
        Configure => "configure",
        AskForTable => "table?",
        Own own => $"own {own.Owner}",
        Wait wait => $"wait {wait.Delay.TotalMilliseconds:0}",
        Detach => "detach",
        Tell tell => $"tell {tell.Text}",
        OpenSucceeded => "opened",
        OpenFailed failed => $"open-failed {failed.Reason}",
        _ => throw new ArgumentException(effect.ToString(), nameof(effect)),
    };
}
