using Director.Dataplane.Election;
using static Director.Dataplane.Tests.Election.Stepper;

namespace Director.Dataplane.Tests.Election;

/// <summary>Rules of a standby, at I = 40 ms and M = 3 unless they say otherwise.</summary>
public sealed class StandbyTests
{
    [Theory]
    // 120 ms of silence and 40 ms of probes; 30 and 10.
    [InlineData(40, 1160)]
    [InlineData(10, 1040)]
    public void A_silent_owner_is_taken_over(int interval, double at)
    {
        Stepper standby = StandingBy(new ElectionSettings(Me, 100, interval * 1000L));
        Assert.Equal(at, standby.When(ElectionPhase.Owner));
        Assert.Equal(6u, standby.State.Epoch);
        Assert.Equal(ElectionReason.NobodyAnswered, standby.State.Reason);
    }

    [Fact]
    public void An_announcement_begins_the_silence_anew()
    {
        Stepper standby = StandingBy().RunUntil(1110);
        standby.Hear(Announcement(Other, 5));
        Assert.Equal(1230, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Somebody_with_a_lower_epoch_answers_all_the_same()
    {
        Stepper standby = StandingBy().RunUntil(1110);
        standby.Hear(Announcement(Third, 4));
        Assert.Equal(Other, standby.State.OwnerId);
        Assert.Equal(1230, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Another_standby_that_hears_the_owner_counts()
    {
        Stepper standby = StandingBy().RunUntil(1110);
        standby.Hear(Relay(Third, Other, 5));
        Assert.Equal(1240, standby.When(ElectionPhase.Probing)); // 10 ms later: the third, of higher id, goes first
    }

    [Fact]
    public void An_owner_that_is_over_is_not_kept_alive_by_a_relay()
    {
        Stepper standby = StandingBy();
        standby.Give(ElectionInput.PeerDead(Other));
        standby.Hear(Relay(Third, Other, 5));
        Assert.Equal(1000, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void A_relay_goes_out_at_once_to_another_standby()
    {
        Stepper standby = StandingBy();
        standby.Hear(Hello(Third));
        standby.RunUntil(1040).Hear(Announcement(Other, 5)); // just after a hello
        Assert.True(standby.Actions.Has(ElectionAction.Hello) && standby.Actions.Has(ElectionAction.Relay));
    }

    [Fact]
    public void A_rivals_probe_begins_the_silence_anew()
    {
        Stepper standby = StandingBy().RunUntil(1110);
        standby.Hear(Probe(Third, priority: 1));
        Assert.Equal(1230, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void A_dead_owner_is_probed_for_at_once()
    {
        Stepper standby = StandingBy().RunUntil(1010);
        standby.Give(ElectionInput.PeerDead(Other));
        Assert.Equal(1050, standby.When(ElectionPhase.Owner));
    }

    [Fact]
    public void An_owner_that_left_the_cluster_has_its_lease()
    {
        Stepper standby = StandingBy().RunUntil(1010);
        standby.Give(ElectionInput.PeerGone(Other));
        Assert.Equal(1100, standby.When(ElectionPhase.Probing));
        Assert.Equal(ElectionReason.PeerGone, standby.State.Reason);
    }

    [Fact]
    public void Whoever_is_not_the_owner_may_die()
    {
        Stepper standby = StandingBy();
        standby.Give(ElectionInput.PeerDead(Third));
        Assert.Equal(1120, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void A_resignation_to_this_one_is_taken_without_probes()
    {
        Stepper standby = StandingBy().RunUntil(1010);
        ElectionActions actions = standby.Hear(Resignation(Other, 5, Me));
        Assert.True(actions.Has(ElectionAction.Take) && actions.Has(ElectionAction.Announce));
        Assert.Equal((ElectionPhase.Owner, 6ul, 1_110_000L), (standby.Phase, standby.State.Epoch, standby.State.LeaseUntil));
    }

    [Fact]
    public void A_resignation_to_anybody_is_probed_after()
    {
        Stepper standby = StandingBy().RunUntil(1010);
        standby.Hear(Resignation(Other, 5, 0));
        Assert.Equal(1050, standby.When(ElectionPhase.Owner));
    }

    [Fact]
    public void A_resignation_to_another_leaves_it_a_silence()
    {
        Stepper standby = StandingBy().RunUntil(1010);
        standby.Hear(Resignation(Other, 5, Third));
        Assert.Equal(1130, standby.When(ElectionPhase.Probing));
    }

    [Theory]
    [InlineData(Other, 4)] // of an epoch before
    [InlineData(Third, 5)] // not the owner
    public void Who_does_not_own_has_nothing_to_resign(ulong id, ulong epoch)
    {
        Stepper standby = StandingBy().RunUntil(1010);
        standby.Hear(Resignation(id, epoch, Me));
        Assert.Equal(1120, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void A_resignation_that_waited_while_this_one_slept_is_not_believed()
    {
        Stepper standby = StandingBy().SleepUntil(1090);
        standby.Hear(Resignation(Other, 5, Me));
        Assert.Equal(ElectionPhase.Standby, standby.Phase);
        Assert.Equal(1210, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Nothing_is_taken_without_probes_while_a_rival_probes()
    {
        Stepper standby = StandingBy().RunUntil(1010);
        standby.Hear(Probe(Third));
        standby.Hear(Resignation(Other, 5, Me));
        Assert.Equal(ElectionPhase.Standby, standby.Phase);
    }

    [Fact]
    public void Nothing_is_taken_without_probes_beside_another_owner()
    {
        Stepper standby = StandingBy().RunUntil(1010);
        standby.Hear(Announcement(Third, 4));
        standby.Hear(Resignation(Other, 5, Me));
        Assert.Equal(ElectionPhase.Standby, standby.Phase);
    }

    [Fact]
    public void Who_is_not_eligible_never_probes()
    {
        Stepper standby = StandingBy();
        standby.Give(ElectionInput.Eligible(false));
        standby.Hear(Resignation(Other, 5, Me));
        Assert.Equal(ElectionPhase.Standby, standby.RunUntil(5000).Phase);
        standby.Give(ElectionInput.Eligible(true));
        Assert.Equal(5000, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Who_has_no_carrier_never_probes_and_listens_when_it_is_back()
    {
        Stepper standby = StandingBy();
        standby.Give(ElectionInput.CarrierLost);
        Assert.Equal(ElectionPhase.Standby, standby.RunUntil(5000).Phase);
        standby.Give(ElectionInput.CarrierFound);
        Assert.Equal(5120, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Who_lacks_a_link_lets_others_go_first()
    {
        Stepper standby = StandingBy();
        standby.Give(ElectionInput.Unfit);
        Assert.Equal(1360, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void The_better_standby_goes_first()
    {
        Stepper standby = StandingBy();
        standby.Hear(Hello(Third, priority: 101));
        standby.Hear(Announcement(Other, 5));
        standby.RunUntil(1110).Hear(Hello(Third, priority: 101));
        Assert.Equal(1130, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void Who_wakes_listens_first()
    {
        Stepper standby = StandingBy().SleepUntil(3000);
        standby.Give(ElectionInput.Time);
        Assert.Equal(3120, standby.When(ElectionPhase.Probing));
    }

    [Fact]
    public void A_director_alone_probes_and_takes()
    {
        Stepper alone = new(new ElectionSettings(Me, 100, alone: true));
        Assert.Equal(40, alone.When(ElectionPhase.Owner));
    }

    [Fact]
    public void One_that_starts_listens_first()
    {
        Assert.Equal(160, new Stepper().When(ElectionPhase.Owner));
    }

    [Theory]
    [InlineData(true, true, 90, true)]
    [InlineData(false, true, 90, false)]
    [InlineData(true, false, 90, false)]
    [InlineData(true, true, 100, false)] // equal is not better
    public void A_better_synced_director_challenges_where_that_is_on(bool preempt, bool synced, byte ownerPriority, bool challenges)
    {
        Stepper standby = StandingBy(new ElectionSettings(Me, 100, preempt: preempt), ownerPriority);
        standby.Give(ElectionInput.Synced(synced));
        for (int at = 1040; at < 2400; at += 40)
            standby.RunUntil(at).Hear(Announcement(Other, 5, ownerPriority));
        standby.RunUntil(standby.State.NextAt / 1000.0);
        Assert.True(standby.Actions.Has(ElectionAction.Hello));
        Assert.Equal(challenges, (standby.Actions.Standby & StandbyFlags.Challenges) != 0);
    }

    [Fact]
    public void A_message_of_ones_own_id_is_an_alarm_and_nothing_else()
    {
        Stepper standby = StandingBy().RunUntil(1110);
        Assert.Equal(ElectionAlarm.DuplicateId, standby.Hear(Announcement(Me, 9)).Alarm);
        Assert.Equal(1120, standby.When(ElectionPhase.Probing));
    }
}
