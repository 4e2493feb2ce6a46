using Director.Dataplane.Election;
using static Director.Dataplane.Tests.Election.Stepper;

namespace Director.Dataplane.Tests.Election;

/// <summary>Rules of a director that probes: since 1120 ms, with a second probe at 1140 ms and a claim at 1160 ms.</summary>
public sealed class ProbingTests
{
    private static Stepper AtSecondProbe()
    {
        Stepper prober = StandingBy().RunUntil(1145);
        Assert.Equal(ElectionPhase.Probing, prober.Phase);
        return prober;
    }

    [Fact]
    public void An_announcement_sends_it_back()
    {
        Stepper prober = AtSecondProbe();
        prober.Hear(Announcement(Other, 5));
        Assert.Equal((ElectionPhase.Standby, ElectionReason.OwnerHeard), (prober.Phase, prober.State.Reason));
    }

    [Fact]
    public void So_does_one_of_a_lower_epoch()
    {
        Stepper prober = AtSecondProbe();
        prober.Hear(Announcement(Third, 1));
        Assert.Equal(ElectionPhase.Standby, prober.Phase);
    }

    [Fact]
    public void So_does_a_standby_that_hears_the_owner()
    {
        Stepper prober = AtSecondProbe();
        prober.Hear(Relay(Third, Other, 5));
        Assert.Equal(ElectionPhase.Standby, prober.Phase);
    }

    [Theory]
    [InlineData(99, Third, ElectionPhase.Probing)]
    [InlineData(101, Other, ElectionPhase.Standby)]
    [InlineData(100, Other, ElectionPhase.Probing)] // the id decides
    [InlineData(100, Third, ElectionPhase.Standby)]
    public void Of_two_probers_the_better_goes_on(byte priority, ulong id, ElectionPhase phase)
    {
        Stepper prober = AtSecondProbe();
        prober.Hear(Probe(id, priority));
        Assert.Equal(phase, prober.Phase);
    }

    [Fact]
    public void The_worse_waits_a_silence()
    {
        Stepper prober = AtSecondProbe();
        prober.Hear(Probe(Third));
        Assert.Equal(1265, prober.When(ElectionPhase.Probing));
    }

    [Fact]
    public void A_hello_changes_nothing()
    {
        Stepper prober = AtSecondProbe();
        prober.Hear(Hello(Third));
        Assert.Equal(1160, prober.When(ElectionPhase.Owner));
    }

    [Fact]
    public void Who_stalls_starts_over()
    {
        Stepper prober = AtSecondProbe().SleepUntil(1201);
        prober.Give(ElectionInput.Time);
        Assert.Equal((ElectionPhase.Standby, ElectionReason.Stalled), (prober.Phase, prober.State.Reason));
        Assert.Equal(1321, prober.When(ElectionPhase.Probing));
    }

    [Fact]
    public void What_waits_in_the_socket_after_a_short_stall_counts_before_time()
    {
        Stepper prober = AtSecondProbe().SleepUntil(1170);
        prober.Hear(Announcement(Other, 5));
        prober.Give(ElectionInput.Time);
        Assert.Equal(ElectionPhase.Standby, prober.Phase);
    }

    [Fact]
    public void The_wait_counts_from_when_the_probe_went_out()
    {
        Stepper prober = StandingBy();
        prober.Sends = false;
        prober.RunUntil(1120).SleepUntil(1135);
        prober.Give(ElectionInput.ProbeSent);
        Assert.Equal(1_155_000, prober.State.NextAt);
    }

    [Fact]
    public void A_probe_that_cannot_be_sent_is_not_unanswered()
    {
        Stepper prober = AtSecondProbe();
        prober.Give(ElectionInput.SendFailed);
        Assert.Equal((ElectionPhase.Standby, ElectionReason.SendFailed), (prober.Phase, prober.State.Reason));
        Assert.Equal(1385, prober.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Without_carrier_or_tables_it_stops()
    {
        Stepper prober = AtSecondProbe();
        prober.Give(ElectionInput.CarrierLost);
        Assert.Equal(ElectionReason.CarrierLost, prober.State.Reason);
        prober = AtSecondProbe();
        prober.Give(ElectionInput.Eligible(false));
        Assert.Equal(ElectionReason.NotEligible, prober.State.Reason);
    }

    [Fact]
    public void A_foreign_claim_stops_nobody()
    {
        Stepper prober = AtSecondProbe();
        prober.Give(ElectionInput.ForeignClaim);
        Assert.Equal(1160, prober.When(ElectionPhase.Owner));
    }

    [Fact]
    public void The_epoch_claimed_is_above_every_epoch_heard_of()
    {
        Stepper prober = AtSecondProbe();
        prober.Give(ElectionInput.EpochSeen(41));
        prober.When(ElectionPhase.Owner);
        Assert.Equal(42u, prober.State.Epoch);
    }
}
