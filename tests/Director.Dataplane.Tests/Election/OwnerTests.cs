using Director.Dataplane.Election;
using static Director.Dataplane.Tests.Election.Stepper;

namespace Director.Dataplane.Tests.Election;

/// <summary>Rules of an owner: of epoch 1 since 160 ms, with an announcement at 1000 ms and a lease until 1100 ms.</summary>
public sealed class OwnerTests
{
    [Fact]
    public void Announces_each_interval_and_only_that_renews_the_lease()
    {
        Stepper owner = Owning();
        Assert.Equal((1_040_000L, 1_100_000L), (owner.State.NextAt, owner.State.LeaseUntil));
        owner.Sends = false;
        Assert.True(owner.RunUntil(1040).Actions.Has(ElectionAction.Announce));
        Assert.Equal(1_100_000, owner.State.LeaseUntil);
        owner.Give(ElectionInput.AnnouncementSent(1_040_000));
        Assert.Equal(1_140_000, owner.State.LeaseUntil);
    }

    [Fact]
    public void An_announcement_that_was_handed_out_too_late_renews_nothing()
    {
        Stepper owner = Owning();
        owner.Sends = false;
        owner.RunUntil(1040).SleepUntil(1099);
        owner.Give(ElectionInput.AnnouncementSent(1_100_000));
        Assert.Equal(1_100_000, owner.State.LeaseUntil);
    }

    [Fact]
    public void A_lapsed_owner_stops_before_it_hears_anything_and_probes_while_nobody_can_have_claimed()
    {
        Stepper owner = Owning().SleepUntil(1100);
        ElectionActions actions = owner.Hear(Probe(Other, priority: 1));
        Assert.True(actions.Has(ElectionAction.Release) && actions.Has(ElectionAction.Probe) && !actions.Has(ElectionAction.Announce));
        Assert.Equal((0L, ElectionReason.LeaseRanOut), (owner.State.LeaseUntil, owner.State.Reason));
        Assert.Equal(1140, owner.When(ElectionPhase.Owner));
        Assert.Equal(2u, owner.State.Epoch);
    }

    [Fact]
    public void An_owner_that_slept_longer_listens_first()
    {
        Stepper owner = Owning().SleepUntil(1120);
        owner.Give(ElectionInput.Time);
        Assert.Equal(ElectionPhase.Standby, owner.Phase);
        Assert.Equal(1240, owner.When(ElectionPhase.Probing));
    }

    [Fact]
    public void The_first_announcement_is_out_soon_or_the_claim_is_void()
    {
        Stepper claimer = StandingBy();
        claimer.Sends = false;
        claimer.RunUntil(1010).Hear(Resignation(Other, 5, Me));
        Assert.Equal(0, claimer.State.LeaseUntil);
        claimer.SleepUntil(1020).Give(ElectionInput.AnnouncementSent(1_015_000));
        Assert.Equal((ElectionPhase.Standby, 0L), (claimer.Phase, claimer.State.LeaseUntil));
    }

    [Fact]
    public void A_probe_is_answered_at_once_but_not_faster_than_5_ms_apart()
    {
        Stepper owner = Owning().RunUntil(1020);
        Assert.True(owner.Hear(Probe(Other)).Has(ElectionAction.Announce));
        Assert.False(owner.RunUntil(1021).Hear(Probe(Third)).Has(ElectionAction.Announce));
        Assert.Equal(1_025_000, owner.State.NextAt);
    }

    [Theory]
    [InlineData(Other, 2, 100, ElectionPhase.Standby)]
    [InlineData(Other, 1, 101, ElectionPhase.Standby)]
    [InlineData(Third, 1, 100, ElectionPhase.Standby)]
    [InlineData(Other, 1, 100, ElectionPhase.Owner)]
    [InlineData(Third, 1, 99, ElectionPhase.Owner)]
    [InlineData(Third, 0, 101, ElectionPhase.Owner)]
    public void The_highest_epoch_priority_and_id_wins(ulong id, ulong epoch, byte priority, ElectionPhase phase)
    {
        Stepper owner = Owning().RunUntil(1020);
        ElectionActions actions = owner.Hear(Announcement(id, epoch, priority));
        Assert.Equal(phase, owner.Phase);
        Assert.Equal(phase == ElectionPhase.Owner, actions.Has(ElectionAction.Announce));
        Assert.Equal(phase == ElectionPhase.Standby, actions.Has(ElectionAction.Release) && owner.State.LeaseUntil == 0);
    }

    [Fact]
    public void Resigns_to_the_best_standby_and_has_stopped_when_it_tells()
    {
        Stepper owner = Owning();
        owner.Hear(Hello(Other));
        owner.Hear(Hello(Third, StandbyFlags.CanTake | StandbyFlags.Synced, priority: 1));
        ElectionActions actions = owner.Give(ElectionInput.Resign(0, ElectionReason.Planned));
        Assert.True(actions.Has(ElectionAction.Release) && actions.Has(ElectionAction.TellResignation));
        Assert.Equal((Third, 0L, ElectionPhase.Standby), (actions.ResignTo, owner.State.LeaseUntil, owner.Phase));
    }

    [Theory]
    [InlineData(0, StandbyFlags.None, 1010)] // it cannot take
    [InlineData(0, StandbyFlags.CanTake, 1140)] // it has been quiet
    [InlineData(Third, StandbyFlags.CanTake, 1010)] // not the one asked for
    public void Stays_when_nobody_can_take(ulong to, StandbyFlags flags, double at)
    {
        Stepper owner = Owning();
        owner.Hear(Hello(Other, flags));
        ElectionActions actions = owner.RunUntil(at).Give(ElectionInput.Resign(to, ElectionReason.Planned));
        Assert.Equal((true, ElectionPhase.Owner), (actions.Has(ElectionAction.Refused), owner.Phase));
    }

    [Fact]
    public void An_engine_that_stops_resigns_to_whoever_there_is_and_never_probes_again()
    {
        Stepper owner = Owning();
        ElectionActions actions = owner.Give(ElectionInput.Resign(0, ElectionReason.Stopping));
        Assert.True(actions.Has(ElectionAction.TellResignation));
        Assert.Equal(ElectionPhase.Standby, owner.RunUntil(5000).Phase);
    }

    [Fact]
    public void Who_resigned_takes_again_only_if_nobody_else_does()
    {
        Stepper owner = Owning();
        owner.Hear(Hello(Other));
        owner.Give(ElectionInput.Resign(Other, ElectionReason.Planned));
        Assert.Equal(1240, owner.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Who_resigned_is_soon_there_again_for_the_one_that_took()
    {
        Stepper owner = Owning();
        owner.Hear(Hello(Other));
        owner.Give(ElectionInput.Resign(Other, ElectionReason.Planned));
        owner.RunUntil(1005).Hear(Announcement(Other, 2));
        Assert.Equal(1125, owner.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Without_carrier_it_resigns_when_a_standby_is_there()
    {
        Stepper owner = Owning();
        Assert.False(owner.Give(ElectionInput.CarrierLost).Has(ElectionAction.Release));
        owner.Hear(Hello(Other));
        owner.RunUntil(1040);
        Assert.Equal((ElectionPhase.Standby, ElectionReason.CarrierLost), (owner.Phase, owner.State.Reason));
    }

    [Fact]
    public void With_a_link_lost_that_a_standby_has_it_resigns_at_once()
    {
        Stepper owner = Owning();
        owner.Hear(Hello(Other));
        Assert.Equal(Other, owner.Give(ElectionInput.Unfit).ResignTo);
        Assert.Equal(ElectionReason.Unfit, owner.State.Reason);
    }

    [Fact]
    public void What_it_cannot_send_it_tries_again_until_the_lease_is_over()
    {
        Stepper owner = Owning();
        owner.Sends = false;
        owner.RunUntil(1040);
        owner.Give(ElectionInput.SendFailed);
        Assert.Equal(1_050_000, owner.State.NextAt);
        Assert.Equal(1100, owner.When(ElectionPhase.Probing));
    }

    [Fact]
    public void A_foreign_claim_is_defended_every_ten_seconds_and_never_yielded_to()
    {
        Stepper owner = Owning();
        ElectionActions actions = owner.Give(ElectionInput.ForeignClaim);
        Assert.Equal((true, ElectionAlarm.ForeignClaim), (actions.Has(ElectionAction.Defend), actions.Alarm));
        Assert.False(owner.RunUntil(10_999).Give(ElectionInput.ForeignClaim).Has(ElectionAction.Defend));
        Assert.True(owner.RunUntil(11_000).Give(ElectionInput.ForeignClaim).Has(ElectionAction.Defend));
        Assert.Equal(ElectionPhase.Owner, owner.Phase);
    }

    [Theory]
    [InlineData(2000, 101, StandbyFlags.Challenges | StandbyFlags.CanTake | StandbyFlags.Synced, true)]
    [InlineData(1300, 101, StandbyFlags.Challenges | StandbyFlags.CanTake | StandbyFlags.Synced, false)] // owner for less than 1.2 s
    [InlineData(2000, 100, StandbyFlags.Challenges | StandbyFlags.CanTake | StandbyFlags.Synced, false)] // not better
    [InlineData(2000, 101, StandbyFlags.CanTake | StandbyFlags.Synced, false)]
    public void A_better_one_that_challenges_is_handed_over_to(double at, byte priority, StandbyFlags flags, bool handsOver)
    {
        Stepper owner = Owning().RunUntil(at);
        ElectionActions actions = owner.Hear(Hello(Other, flags, priority));
        Assert.Equal(handsOver, actions.Has(ElectionAction.TellResignation));
        Assert.Equal(handsOver ? ElectionReason.Preempted : ElectionReason.NobodyAnswered, owner.State.Reason);
    }

    [Fact]
    public void After_four_changes_in_a_minute_nobody_preempts_but_take_overs_are_as_fast_as_ever()
    {
        ElectionMessage challenge = Hello(Other, StandbyFlags.Challenges | StandbyFlags.CanTake | StandbyFlags.Synced, priority: 101);
        Stepper director = Owning();
        for (int change = 0; change < 10; change++)
        {
            double at = director.Now;
            director.Hear(Announcement(Other, director.State.Epoch + 1, 101));
            Assert.Equal(160, director.When(ElectionPhase.Owner) - at, 3);
        }
        director.RunUntil(director.Now + 50_000).Hear(challenge);
        Assert.Equal(ElectionPhase.Owner, director.Phase);
        director.RunUntil(director.Now + 12_000).Hear(challenge);
        Assert.Equal(ElectionPhase.Standby, director.Phase);
    }
}
