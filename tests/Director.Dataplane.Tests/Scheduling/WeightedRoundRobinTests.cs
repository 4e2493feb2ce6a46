using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class WeightedRoundRobinTests
{
    [Fact]
    public void The_first_round_is_short_because_the_level_was_kept_while_servers_were_added() =>
        Assert.Equal([4, 3, 2, 1, 4, 4, 3, 4, 3, 2, 4, 3, 2, 1, 4, 4, 3], Pools.Of("wrr", 1, 2, 3, 4).Next(17));

    [Fact]
    public void A_service_changed_to_wrr_begins_with_a_whole_round()
    {
        Service service = Pools.Of("rr", 1, 2, 3);
        service.Edit(service.Configuration with { Scheduler = "wrr" });
        Assert.Equal([3, 3, 2, 3, 2, 1], service.Next(6));
    }

    [Fact]
    public void Every_round_keeps_the_proportions_exactly()
    {
        Random random = new(20);
        for (int pool = 0; pool < 200; pool++)
        {
            int[] weights = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(0, 4) * random.Next(1, 12))];
            int divisor = weights.Aggregate(0, Divisor);
            if (divisor == 0)
                continue;
            Service service = Pools.Of("wrr", weights);
            service.Edit(service.Configuration with { Scheduler = "rr" });
            service.Edit(service.Configuration with { Scheduler = "wrr" });
            int rounds = random.Next(1, 5);
            int[] chosen = service.Next(rounds * weights.Sum() / divisor);
            for (int server = 1; server <= weights.Length; server++)
                Assert.Equal(rounds * weights[server - 1] / divisor, chosen.Count(number => number == server));
        }
    }

    [Fact]
    public void One_two_three_over_many_rounds()
    {
        int[] chosen = Pools.Of("wrr", 1, 2, 3).Next(3 + 6 * 1000);
        Assert.Equal([1001, 2001, 3001], Enumerable.Range(1, 3).Select(server => chosen.Count(number => number == server)));
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 0, 0 })]
    public void Finds_nothing_without_weight_and_recovers(int[] weights)
    {
        Service service = Pools.Of("wrr", weights);
        Assert.Equal([0, 0], service.Next(2));
        service.Add(new Server(Pools.RealServer(9, 2), 9));
        Assert.Equal([9, 9], service.Next(2));
    }

    // With an overloaded server of the highest possible weight, two thousand million passes over the list would find nothing.
    [Fact]
    public void Passes_that_nobody_can_take_part_in_cost_nothing()
    {
        Service service = Pools.Of("wrr", int.MaxValue, 2, 1);
        RealServer limited = Pools.RealServer(1, int.MaxValue, upperThreshold: 1);
        service.EditServer(service.Number(1), limited);
        service.Number(1).ConnectionBound(active: true);
        service.Edit(service.Configuration with { Scheduler = "rr" });
        service.Edit(service.Configuration with { Scheduler = "wrr" });
        Assert.Equal([2, 3, 2, 2, 3, 2], service.Next(6));
    }

    [Fact]
    public void Leaving_out_empty_passes_chooses_what_walking_through_them_does()
    {
        Random random = new(21);
        for (int pool = 0; pool < 300; pool++)
        {
            int step = random.Next(1, 4);
            int[] weights = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(0, 9) * step)];
            Service service = Pools.Of("wrr", weights);
            service.Edit(service.Configuration with { Scheduler = "rr" });
            service.Edit(service.Configuration with { Scheduler = "wrr" });
            PassByPass model = new(service);
            for (int i = 0; i < 60; i++)
            {
                // Overload comes and goes, also for all at once.
                Server server = service.Number(random.Next(1, weights.Length + 1));
                if (random.Next(3) == 0)
                {
                    server.Edit(server.Configuration with { UpperThreshold = server.Overloaded ? 0u : 1u });
                    if (server.Configuration.UpperThreshold == 1)
                        server.ConnectionBound(active: true);
                }
                Assert.Equal(model.Next(), service.Next());
            }
        }
    }

    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);

    /// <summary>The definition taken at its word, one level after the other; a search in vain begins the round again.</summary>
    private sealed class PassByPass(Service service)
    {
        private readonly int _step = Math.Max(service.Servers.ToArray().Select(server => server.Weight).Aggregate(0, Divisor), 1);
        private int _position = -1;
        private int _level;

        public int Next()
        {
            Server[] servers = service.Servers.ToArray();
            int highest = servers.Max(server => server.Weight);
            if (_level == 0)
                _level = highest - _step + 1;
            (int Position, int Level) start = (_position, _level);
            for (int looked = 0; looked <= (servers.Length + 1) * (highest + 2); looked++)
            {
                if (++_position == servers.Length)
                {
                    _position = -1;
                    _level -= _step;
                    if (_level <= 0)
                        _level = highest - _step + 1;
                }
                else if (!servers[_position].Overloaded && servers[_position].Weight > 0 && servers[_position].Weight >= _level)
                {
                    return Pools.NumberOf(servers[_position]);
                }
            }
            (_position, _level) = start.Position >= 0 && start.Level <= _step ? start : (-1, highest - _step + 1);
            return 0;
        }
    }
}
