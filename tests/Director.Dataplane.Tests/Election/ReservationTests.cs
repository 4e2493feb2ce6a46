using Director.Dataplane.Election;
using static Director.Dataplane.Tests.Election.Stepper;

namespace Director.Dataplane.Tests.Election;

/// <summary>Epochs are on the disk before they are claimed, and no claim waits for it.</summary>
public sealed class ReservationTests
{
    [Fact]
    public void One_that_starts_reserves_above_all_that_it_ever_reserved()
    {
        ElectionSettings settings = new(Me, 100);
        ElectionState state = ElectionStep.Step(settings, ElectionState.Start(settings, 64, 0), ElectionInput.Time, 0, out ElectionActions actions);
        Assert.Equal((true, 128ul), (actions.Has(ElectionAction.Reserve), actions.ReserveUntil));
        ElectionStep.Step(settings, state, ElectionInput.Time, 1000, out actions);
        Assert.False(actions.Has(ElectionAction.Reserve)); // one at a time
    }

    [Fact]
    public void Reserves_again_when_others_have_used_half_of_them()
    {
        Stepper standby = StandingBy();
        Assert.False(standby.Hear(Announcement(Other, 32)).Has(ElectionAction.Reserve));
        Assert.Equal(97u, standby.Hear(Announcement(Other, 33)).ReserveUntil);
    }

    [Fact]
    public void A_claim_from_what_is_reserved_is_no_alarm()
    {
        Stepper claimer = StandingBy().RunUntil(1010);
        Assert.False(claimer.Hear(Resignation(Other, 5, Me)).Has(ElectionAction.Alarm));
    }

    [Fact]
    public void A_full_disk_stops_no_take_over()
    {
        Stepper claimer = StandingBy().RunUntil(1010);
        claimer.Hear(Announcement(Other, 90));
        Assert.Equal(ElectionAlarm.ReservationFailed, claimer.Give(ElectionInput.ReservationFailed).Alarm);
        Assert.Equal(ElectionAlarm.EpochNotOnDisk, claimer.Hear(Resignation(Other, 90, Me)).Alarm);
        Assert.Equal((ElectionPhase.Owner, 91ul), (claimer.Phase, claimer.State.Epoch));
    }

    [Fact]
    public void The_disk_is_asked_again_after_a_second()
    {
        Stepper standby = StandingBy();
        standby.Hear(Announcement(Other, 90));
        standby.Give(ElectionInput.ReservationFailed);
        Assert.False(standby.RunUntil(1999).Give(ElectionInput.Time).Has(ElectionAction.Reserve));
        Assert.True(standby.RunUntil(1999).SleepUntil(2000).Give(ElectionInput.Time).Has(ElectionAction.Reserve));
    }
}
