using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class PowerOfTwoChoicesTests
{
    // Counts are active, inactive of rs1, rs2, rs3. Two numbers are drawn, 0 and the sum of the weights included, and lead along the
    // list to a server each; the second one is taken if it has less for its weight. All pairs of numbers are equally likely.
    [Theory]
    [InlineData(new[] { 1, 1, 1 }, new[] { 0, 0, 0, 0, 0, 0 })]
    [InlineData(new[] { 1, 1, 1 }, new[] { 1, 0, 2, 0, 3, 0 })]
    [InlineData(new[] { 1, 2, 3 }, new[] { 1, 0, 2, 0, 3, 0 })] // equal loads: the first stays
    [InlineData(new[] { 5, 0, 3 }, new[] { 0, 9, 0, 0, 0, 8 })]
    [InlineData(new[] { 100, 1, 1 }, new[] { 9, 0, 0, 0, 0, 0 })]
    public void Each_server_is_chosen_as_often_as_the_rule_says(int[] weights, int[] counts)
    {
        Service service = Pools.Of("twos", weights).WithConnections(counts);
        const int Draws = 60_000;
        int[] chosen = new int[weights.Length + 1];
        for (int i = 0; i < Draws; i++)
            chosen[service.Next()]++;
        double[] expected = Chances(weights, counts);
        for (int number = 0; number < chosen.Length; number++)
        {
            // Five standard deviations of a binomial distribution: once in two million, and the seed is fixed.
            double deviation = Math.Sqrt(Draws * expected[number] * (1 - expected[number]));
            Assert.InRange(chosen[number] - Draws * expected[number], -5 * deviation, 5 * deviation);
        }
    }

    [Fact]
    public void Leaves_out_weight_0_and_overloaded_servers_and_finds_nobody_without_others()
    {
        Service service = Pools.Of("twos", 1, 0, 9, 9);
        service.Overload(3);
        Assert.Equal([1, 4], service.Next(1000).Distinct().Order());
        service.Overload(4);
        Assert.Equal([1], service.Next(100).Distinct());
        service.SetWeight(1, 0);
        Assert.Equal(0, service.Next());
        Assert.Equal(0, Pools.Of("twos").Next());
    }

    [Fact]
    public void Weights_add_up_beyond_32_bits() =>
        Assert.Equal([1, 2, 3], Pools.Of("twos", int.MaxValue, int.MaxValue, int.MaxValue).Next(1000).Distinct().Order());

    [Fact]
    public void The_same_seed_draws_the_same()
    {
        int[] Draw(int seed) => Pools.Of(new SchedulingContext(seed), "twos", 1, 1, 1, 1).Next(50);
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
    }

    // By number, 0 is nobody.
    private static double[] Chances(int[] weights, int[] counts)
    {
        // The number that each draw leads to; the list's head is the server added last.
        List<int> leads = [];
        for (int number = weights.Length; number >= 1; number--)
            leads.AddRange(Enumerable.Repeat(number, weights[number - 1]));
        leads.Insert(0, leads[0]);
        double Load(int number) => (counts[2 * number - 2] * 256 + counts[2 * number - 1]) / (double)weights[number - 1];
        double[] chances = new double[weights.Length + 1];
        foreach (int first in leads)
        {
            foreach (int second in leads)
                chances[Load(second) < Load(first) ? second : first] += 1.0 / (leads.Count * leads.Count);
        }
        return chances;
    }
}
