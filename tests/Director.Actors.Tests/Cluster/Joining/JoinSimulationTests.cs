namespace Director.Actors.Tests.Cluster.Joining;

/// <summary>Whatever happened before: soon after all reach each other they are one cluster, and stay it.</summary>
public sealed class JoinSimulationTests
{
    private const int Promise = 10_000;

    [Theory]
    [InlineData(2, 500)]
    [InlineData(3, 300)]
    public void Islands_do_not_stay(int directors, int runs) => Run(directors, runs, firstSeed: 1);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(2, 10_000)]
    [InlineData(3, 10_000)]
    [InlineData(4, 5_000)]
    public void Islands_do_not_stay_in_many_runs(int directors, int runs) => Run(directors, runs, firstSeed: 1_000_000);

    private static void Run(int directors, int runs, int firstSeed)
    {
        int restarts = 0;
        for (int seed = firstSeed; seed < firstSeed + runs; seed++)
        {
            JoinSimulation simulation = new(seed, directors);
            simulation.Storm(5_000 + seed % 20_000);
            int? took = simulation.Calm(2 * Promise);
            Assert.True(took < Promise, $"seed {seed}: one cluster after {took?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "ever so many"} ms\n{simulation.Trace}");
            restarts += simulation.Restarts;
        }
        // Or the storms would be no test of islands.
        Assert.True(restarts > runs / 20, $"only {restarts} restarts in {runs} runs");
    }
}
