using Director.Dataplane.Election;

namespace Director.Dataplane.Tests.Election;

public sealed class ElectionSettingsTests
{
    [Theory]
    [InlineData(40_000, 3, 100_000, 120_000)]
    [InlineData(10_000, 3, 25_000, 30_000)]
    [InlineData(1_000, 2, 1_500, 2_000)]
    [InlineData(10_000_000, 100, 995_000_000, 1_000_000_000)]
    public void A_lease_ends_before_silence_and_probes_do(long interval, int missed, long lease, long silence)
    {
        ElectionSettings settings = new(1, 100, interval, missed);
        Assert.Equal((lease, silence), (settings.Lease, settings.Silence));
        Assert.True(settings.Lease + interval < settings.Silence + (ElectionSettings.Probes * settings.ProbeSpacing));
    }

    [Theory]
    [InlineData(0, 100, 40_000, 3)]
    [InlineData(1, 0, 40_000, 3)]
    [InlineData(1, 255, 40_000, 3)]
    [InlineData(1, 100, 999, 3)]
    [InlineData(1, 100, 10_000_001, 3)]
    [InlineData(1, 100, 40_000, 1)]
    [InlineData(1, 100, 40_000, 101)]
    public void What_is_out_of_range_is_refused(ulong id, byte priority, long interval, int missed) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ElectionSettings(id, priority, interval, missed));

    [Fact]
    public void A_step_allocates_nothing()
    {
        ElectionSettings settings = new(1, 100);
        ElectionState state = ElectionState.Start(settings, 0, 0);
        long now = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (long end = now + 2_000_000; now < end; now += 1000)
            {
                state = ElectionStep.Step(settings, state, ElectionInput.Eligible(true), now, out _);
                state = ElectionStep.Step(settings, state, ElectionInput.Time, now, out ElectionActions actions);
                if (actions.Has(ElectionAction.Announce))
                    state = ElectionStep.Step(settings, state, ElectionInput.AnnouncementSent(now), now, out _);
                if (actions.Has(ElectionAction.Probe))
                    state = ElectionStep.Step(settings, state, ElectionInput.ProbeSent, now, out _);
            }
        }));
        Assert.Equal(ElectionPhase.Owner, state.Phase);
    }
}
