using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class DestinationTableTests
{
    private const int Expiration = 100;

    private static readonly Server[] Servers = [.. Enumerable.Range(1, 5).Select(number => new Server(Pools.RealServer(number, 1), (uint)number))];
    private static readonly Scheduler[] Schedulers = [new RoundRobin(), new RoundRobin()];

    private readonly SchedulingContext _context = new(seed: 1);

    [Fact]
    public void Knows_what_was_added_the_last_first_and_of_each_scheduler_for_itself()
    {
        DestinationTable table = new(_context, 8);
        table.Add(Schedulers[0], Destination(1), Servers[0]);
        table.Add(Schedulers[0], Destination(1), Servers[1]);
        table.Add(Schedulers[1], Destination(1), Servers[2]);
        table.Add(Schedulers[0], Destination(2), Servers[3]);
        Assert.Equal([2, 1], Recall(table, Schedulers[0], 1));
        Assert.Equal([3], Recall(table, Schedulers[1], 1));
        Assert.Equal([4], Recall(table, Schedulers[0], 2));
        Assert.Empty(Recall(table, Schedulers[1], 2));
    }

    [Fact]
    public void When_it_is_full_what_was_used_longest_ago_makes_room()
    {
        DestinationTable table = new(_context, 4);
        for (int destination = 1; destination <= 4; destination++)
            table.Add(Schedulers[0], Destination(destination), Servers[0]);
        Recall(table, Schedulers[0], 1);
        table.Add(Schedulers[0], Destination(5), Servers[0]);
        Assert.Equal([1, 3, 4, 5], Enumerable.Range(1, 5).Where(destination => Recall(table, Schedulers[0], destination).Length > 0));
    }

    [Fact]
    public void A_flood_of_destinations_takes_no_memory()
    {
        DestinationTable table = new(_context, 1024);
        table.Add(Schedulers[0], Destination(0), Servers[0]);
        int destination = 1;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 20_000; i++)
                table.Add(Schedulers[0], Destination(destination++), Servers[0]);
        }));
        Assert.Equal([1], Recall(table, Schedulers[0], destination - 1));
    }

    // Any sequence of uses, against a list in the order of use.
    [Fact]
    public void Does_what_a_list_in_the_order_of_use_does()
    {
        Random random = new(11);
        DestinationTable table = new(_context, 16);
        List<Known> model = [];
        for (int step = 0; step < 20_000; step++)
        {
            _context.Now += random.Next(30) == 0 ? random.Next(Expiration * 2000) : random.Next(10);
            (Scheduler scheduler, int destination) = (Schedulers[random.Next(2)], random.Next(12));
            int[] expected = Recall(model, scheduler, destination, _context.Now);
            Assert.Equal(expected, Recall(table, scheduler, destination));
            int server = Enumerable.Range(1, 5).FirstOrDefault(number => !expected.Contains(number) && random.Next(4) == 0);
            if (server != 0)
            {
                table.Add(scheduler, Destination(destination), Servers[server - 1]);
                model.Add(new Known(scheduler, destination, server, _context.Now));
                if (model.Count > 16)
                    model.RemoveAt(0);
            }
            else if (expected.Length > 0 && random.Next(5) == 0)
            {
                table.Remove(table.Recall(scheduler, Destination(destination), Expiration));
                model.RemoveAt(model.FindLastIndex(known => known.Scheduler == scheduler && known.Destination == destination && known.Server == expected[0]));
            }
        }
    }

    // As the table does: all of a destination are used now, the last added first.
    private static int[] Recall(List<Known> model, Scheduler scheduler, int destination, long now)
    {
        Known[] all = [.. model.Where(known => known.Scheduler == scheduler && known.Destination == destination).OrderByDescending(known => known.Order)];
        model.RemoveAll(known => all.Contains(known));
        Known[] left = [.. all.Where(known => now - known.UsedAt < Expiration * 1000)];
        model.AddRange(left.Select(known => known with { UsedAt = now }));
        return [.. left.Select(known => known.Server)];
    }

    private static int[] Recall(DestinationTable table, Scheduler scheduler, int destination)
    {
        List<int> servers = [];
        for (int number = table.Recall(scheduler, Destination(destination), Expiration); number != 0; number = table.Next(number))
            servers.Add(Pools.NumberOf(table[number].Server));
        return [.. servers];
    }

    private static IpAddress Destination(int number) => IpAddress.FromIpv4(0x0A090000 + (uint)number);

    private sealed record Known(Scheduler Scheduler, int Destination, int Server, long UsedAt)
    {
        private static int _orders;

        /// <summary>Of addition; copies keep it.</summary>
        public int Order { get; } = Interlocked.Increment(ref _orders);
    }
}
