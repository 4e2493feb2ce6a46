using Director.Dataplane.Election;
using Director.Dataplane.Tests.Election.Simulation;

namespace Director.Dataplane.Tests.Election;

/// <summary>Thousands of seeded storms, each with a calm after it: docs/election.md says what is held against them.</summary>
public sealed class SimulationTests
{
    private const int Runs = 3000;

    [Theory]
    [InlineData(2, 40, false)]
    [InlineData(2, 40, true)]
    [InlineData(2, 10, false)]
    [InlineData(3, 40, false)]
    [InlineData(3, 40, true)]
    [InlineData(3, 10, true)]
    public void One_owner_at_a_time_and_one_soon_after_the_storm(int directors, int interval, bool preempt) =>
        Run(directors, interval, preempt, 1, Runs);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(2, 40, false)]
    [InlineData(2, 40, true)]
    [InlineData(2, 10, false)]
    [InlineData(3, 40, false)]
    [InlineData(3, 40, true)]
    [InlineData(3, 10, true)]
    public void One_owner_at_a_time_through_ten_times_as_many_storms(int directors, int interval, bool preempt) =>
        Run(directors, interval, preempt, 1 + Runs, 10 * Runs);

    private static void Run(int directors, int interval, bool preempt, int firstSeed, int runs)
    {
        Scenario scenario = new(directors, interval * 1000L, preempt);
        HashSet<ElectionReason> seen = [];
        for (int seed = firstSeed; seed < firstSeed + runs; seed++)
            Simulation.Simulation.Run(scenario, seed, seen);
        // Nothing but what needs another configuration, or does not follow a start.
        IEnumerable<ElectionReason> reachable = Enum.GetValues<ElectionReason>()
            .Where(reason => reason is not (ElectionReason.Started or ElectionReason.Alone or ElectionReason.Objected) && (preempt || reason != ElectionReason.Preempted));
        Assert.Equal(reachable, seen.Order());
    }
}
