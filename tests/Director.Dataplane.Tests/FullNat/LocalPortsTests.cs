using System.Globalization;
using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.FullNat;

public sealed class LocalPortsTests
{
    private const byte Tcp = 6;

    private static readonly IpAddress First = Ip(10, 2, 0, 200);
    private static readonly IpAddress Second = Ip(10, 2, 0, 201);
    private static readonly IpAddress Six = new(0xFD00_0000_0000_0000, 0x200);
    private static readonly PortTarget Server = new(Tcp, Ip(10, 2, 0, 11), 80);

    private static readonly PortShare Few = new(2000, 2009, 0, 1);
    private static readonly uint Rest = ConnectionClock.Ticks(60);

    [Fact]
    public void A_port_is_given_once_until_it_is_freed()
    {
        LocalPortPool pool = Make(PortShare.Whole, First);
        HashSet<ushort> seen = [];
        for (int i = 0; i < PortShare.Whole.Count; i++)
        {
            Assert.True(pool.TryTake(0, out LocalEndpoint local));
            Assert.Equal(First, local.Address);
            Assert.InRange(local.Port, (ushort)1024, ushort.MaxValue);
            Assert.True(seen.Add(local.Port));
        }
        Assert.False(pool.TryTake(0, out _));
        Assert.Equal(64_512, seen.Count);
    }

    [Fact]
    public void One_address_serves_all_its_ports_to_every_server()
    {
        LocalPorts ports = new(PortShare.Whole, seed: 1);
        ports.Use([First]);
        LocalPortPool one = ports.Acquire(Server), other = ports.Acquire(Server with { Address = Ip(10, 2, 0, 12) });
        for (int i = 0; i < PortShare.Whole.Count; i++)
            Assert.True(one.TryTake(0, out _) && other.TryTake(0, out _));
        Assert.Equal(new LocalPortsUsage(129_024, 129_024, 0, 100), ports.Usage());
    }

    [Fact]
    public void A_port_that_another_director_gave_meanwhile_is_not_given_here()
    {
        LocalPortPool pool = Make(Few, First);
        ushort a = Take(pool, 0);
        pool.Free(new(First, a), 1);
        pool.MarkUsed(new(First, a));
        HashSet<ushort> rest = [.. Enumerable.Range(0, 9).Select(_ => Take(pool, Rest * 10))];
        Assert.Equal(9, rest.Count);
        Assert.DoesNotContain(a, rest);
        Assert.False(pool.TryTake(Rest * 10, out _));
        pool.Free(new(First, a), Rest * 10);
        Assert.False(pool.TryTake(Rest * 10, out _));
        Assert.Equal(a, Take(pool, Rest * 20));
    }

    [Fact]
    public void Ports_that_only_other_directors_give_are_neither_lost_nor_doubled()
    {
        LocalPortPool pool = Make(Few, First);
        for (ushort port = Few.First; port <= Few.Last; port++)
        {
            for (int times = 0; times < 100; times++)
            {
                pool.MarkUsed(new(First, port));
                pool.Free(new(First, port), (uint)times);
            }
        }
        Assert.Equal(0, pool.InUse);
        Assert.Equal(10, Enumerable.Range(0, 10).Select(_ => Take(pool, Rest * 10)).Distinct().Count());
        Assert.False(pool.TryTake(Rest * 10, out _));
    }

    [Fact]
    public void What_another_director_gave_from_among_the_rested_rests_anew()
    {
        LocalPortPool pool = Make(new PortShare(2000, 2002, 0, 1), First);
        ushort[] ports = [Take(pool, 0), Take(pool, 0), Take(pool, 0)];
        foreach (ushort port in ports)
            pool.Free(new(First, port), 0);
        pool.MarkUsed(new(First, ports[1]));
        pool.Free(new(First, ports[1]), Rest * 2);
        Assert.Equal([ports[0], ports[2]], new[] { Take(pool, Rest * 2), Take(pool, Rest * 2) });
        Assert.False(pool.TryTake(Rest * 3 - 1, out _));
        Assert.Equal(ports[1], Take(pool, Rest * 4));
    }

    /// <summary>
    /// A standby that takes over does not know of the connections that the owner made last: their ports are those that come next, and
    /// they rest first.
    /// </summary>
    [Theory]
    [InlineData(5_000)]
    [InlineData(200_000)]
    public void Ports_that_the_owner_before_took_in_its_last_moments_are_given_to_nobody_soon(int connections)
    {
        LocalPortPool owner = Make(PortShare.Whole, First), standby = Make(PortShare.Whole, First, seed: 43);
        Queue<LocalEndpoint> open = new();
        uint now = 0;
        for (int i = 0; i < connections; i++)
        {
            now += 2;
            LocalEndpoint local = TakeFrom(owner, now);
            standby.MarkUsed(local);
            open.Enqueue(local);
            if (open.Count <= 1000)
                continue;
            owner.Free(open.Peek(), now);
            standby.Free(open.Dequeue(), now);
        }
        HashSet<LocalEndpoint> unknown = [.. Enumerable.Range(0, 400).Select(_ => TakeFrom(owner, now))];

        for (int i = 0; i < 20_000; i++)
            Assert.DoesNotContain(TakeFrom(standby, now), unknown);
    }

    [Fact]
    public void Never_used_ports_come_first_then_the_one_that_was_freed_first()
    {
        LocalPortPool pool = Make(Few, First);
        ushort a = Take(pool, 0), b = Take(pool, 0);
        pool.Free(new(First, b), 1);
        pool.Free(new(First, a), 2);
        HashSet<ushort> rest = [.. Enumerable.Range(0, 8).Select(_ => Take(pool, Rest * 10))];
        Assert.DoesNotContain(a, rest);
        Assert.DoesNotContain(b, rest);
        Assert.Equal([b, a], new[] { Take(pool, Rest * 10), Take(pool, Rest * 10) });
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(255u)]
    [InlineData(1_000_003u)]
    [InlineData(uint.MaxValue - 100)]
    public void A_freed_port_rests_for_at_least_60_and_not_much_more_than_68_seconds(uint freedAt)
    {
        LocalPortPool pool = Make(new PortShare(2000, 2000, 0, 1), First);
        ushort port = Take(pool, freedAt);
        pool.Free(new(First, port), freedAt);
        Assert.False(pool.TryTake(freedAt + Rest - 1, out _));
        Assert.Equal(port, Take(pool, freedAt + ConnectionClock.Ticks(69)));
    }

    [Fact]
    public void It_rests_even_if_nobody_looks_for_days()
    {
        LocalPortPool pool = Make(new PortShare(2000, 2000, 0, 1), First);
        ushort port = Take(pool, 0);
        pool.Free(new(First, port), ConnectionClock.Ticks(3_000_000));
        Assert.False(pool.TryTake(ConnectionClock.Ticks(3_000_000) + Rest - 1, out _));
        Assert.Equal(port, Take(pool, ConnectionClock.Ticks(3_000_070)));
    }

    // Against the plainest possible model: a list of ports, each with the time since when it is free.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_agrees_with_a_plain_list(int seed)
    {
        Random random = new(seed);
        LocalPortPool pool = Make(new PortShare(3000, 3000 + 129, 1, 2), First);
        List<ushort> held = [];
        Queue<(ushort Port, uint At)> freed = new();
        uint now = uint.MaxValue - 20_000;
        int fresh = 65;
        for (int step = 0; step < 20_000; step++)
        {
            now += (uint)random.Next(random.Next(50) == 0 ? 3000 : 60);
            if (held.Count > 0 && random.Next(2) == 0)
            {
                int which = random.Next(held.Count);
                pool.Free(new(First, held[which]), now);
                freed.Enqueue((held[which], now));
                held.RemoveAt(which);
                continue;
            }
            bool taken = pool.TryTake(now, out LocalEndpoint local);
            uint age = freed.TryPeek(out (ushort Port, uint At) oldest) ? now - oldest.At : 0;
            Assert.True(taken || (fresh == 0 && age < Rest + 512), $"step {step}");
            if (!taken)
                continue;
            Assert.DoesNotContain(local.Port, held);
            if (fresh > 0)
                fresh--;
            else
                Assert.True(freed.Dequeue() == oldest && oldest.Port == local.Port && age >= Rest, $"step {step}");
            held.Add(local.Port);
        }
        Assert.Equal(held.Count, pool.InUse);
    }

    [Theory]
    [InlineData(1024, 65535, 0, 1, 64512)]
    [InlineData(1024, 65535, 0, 2, 32256)]
    [InlineData(1024, 65535, 1, 2, 32256)]
    [InlineData(1000, 1010, 2, 3, 4)]
    [InlineData(1000, 1010, 0, 3, 3)]
    [InlineData(65535, 65535, 0, 1, 1)]
    [InlineData(65535, 65535, 0, 2, 0)]
    public void Directors_share_the_ports_by_remainder(int first, int last, int number, int directors, int count)
    {
        PortShare share = new((ushort)first, (ushort)last, (ushort)number, (ushort)directors);
        int[] expected = [.. Enumerable.Range(first, last - first + 1).Where(port => port % directors == number)];
        Assert.Equal(count, share.Count);
        Assert.Equal(expected, Enumerable.Range(0, share.Count).Select(place => (int)share.PortAt(place)));
        for (int port = 0; port <= ushort.MaxValue; port++)
            Assert.Equal(Array.BinarySearch(expected, port) is var at && at < 0 ? -1 : at, share.PlaceOf((ushort)port));
    }

    [Fact]
    public void A_share_without_ports_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LocalPorts(new PortShare(65535, 65535, 0, 2), seed: 1));

    [Fact]
    public void Addresses_take_turns_and_one_without_ports_is_passed_over()
    {
        LocalPortPool pool = Make(Few, First, Second);
        List<LocalEndpoint> taken = [.. Enumerable.Range(0, 10).Select(_ => TakeFrom(pool, 0))];
        Assert.All(Enumerable.Range(0, 9), i => Assert.NotEqual(taken[i].Address, taken[i + 1].Address));
        pool.Free(new(First, taken.First(local => local.Address == First).Port), 0);
        for (int i = 0; i < 10; i++)
            TakeFrom(pool, 0);
        Assert.False(pool.TryTake(0, out _));
        Assert.Equal(First, TakeFrom(pool, Rest * 2).Address);
    }

    [Fact]
    public void A_server_is_spoken_to_from_addresses_of_its_family()
    {
        LocalPorts ports = new(Few, seed: 1);
        ports.Use([First, Six]);
        Assert.Equal(Six, TakeFrom(ports.Acquire(Server with { Address = new IpAddress(0xFD00_0000_0000_0000, 0x11) }), 0).Address);
        Assert.Equal(First, TakeFrom(ports.Acquire(Server), 0).Address);
        ports.Use([Six]);
        Assert.False(ports.Acquire(Server).TryTake(0, out _));
    }

    [Fact]
    public void Where_a_server_begins_is_random_but_the_same_for_the_same_seed()
    {
        ushort FirstPort(ulong seed, PortTarget target)
        {
            LocalPorts ports = new(PortShare.Whole, seed);
            ports.Use([First]);
            return Take(ports.Acquire(target), 0);
        }

        Assert.Equal(FirstPort(1, Server), FirstPort(1, Server));
        PortTarget[] targets = [.. Enumerable.Range(1, 500).Select(port => Server with { Port = (ushort)port })];
        Assert.InRange(targets.Select(target => FirstPort(1, target)).Distinct().Count(), 490, 500);
        Assert.InRange(Enumerable.Range(1, 500).Select(seed => FirstPort((ulong)seed, Server)).Distinct().Count(), 490, 500);
        Assert.InRange(targets.Average(target => FirstPort(7, target)), 28_000, 38_000);
    }

    [Fact]
    public void After_a_restart_what_connections_have_is_not_given_again()
    {
        LocalPortPool pool = Make(PortShare.Whole, First);
        for (int port = 1024; port <= ushort.MaxValue; port++)
        {
            if (port % 1000 != 0)
                pool.MarkUsed(new(First, (ushort)port));
        }
        pool.MarkUsed(new(First, 1025));
        pool.MarkUsed(new(First, 80));
        pool.MarkUsed(new(Second, 5000));
        Assert.Equal(64_448, pool.InUse);
        ushort[] taken = [.. Enumerable.Range(0, 64).Select(_ => Take(pool, 0))];
        Assert.Equal(Enumerable.Range(2, 64).Select(i => i * 1000), taken.Order().Select(port => (int)port));
        Assert.False(pool.TryTake(0, out _));
        pool.Free(new(First, 1025), 0);
        Assert.Equal(1025, Take(pool, Rest * 2));
    }

    [Fact]
    public void Servers_that_are_the_same_share_a_pool_and_the_last_one_ends_it()
    {
        LocalPorts ports = new(Few, seed: 1);
        ports.Use([First]);
        LocalPortPool pool = ports.Acquire(Server);
        Assert.Same(pool, ports.Acquire(Server));
        ports.Release(pool);
        for (int i = 0; i < 10; i++)
            Take(pool, 0);
        Assert.False(pool.TryTake(0, out _));
        ports.Release(pool);
        Assert.False(pool.TryTake(0, out _));
        Assert.Equal(new LocalPortsUsage(0, 0, 1, 0), ports.Usage());
        Assert.NotSame(pool, ports.Acquire(Server));
    }

    [Fact]
    public void Other_addresses_start_every_pool_anew()
    {
        LocalPorts ports = new(Few, seed: 1);
        Assert.True(ports.Use([First]));
        LocalPortPool pool = ports.Acquire(Server);
        ushort port = Take(pool, 0);
        Assert.False(ports.Use([First]));
        Assert.Equal(1, pool.InUse);
        Assert.True(ports.Use([First, Second]));
        Assert.Equal((0, 20), (pool.InUse, pool.Capacity));
        pool.MarkUsed(new(First, port));
        Assert.Equal(1, pool.InUse);
    }

    [Fact]
    public void Giving_and_freeing_allocates_nothing()
    {
        LocalPortPool pool = Make(Few, First, Second);
        uint now = 0;
        void Round()
        {
            now += 100;
            if (pool.TryTake(now, out LocalEndpoint local))
                pool.Free(local, now);
        }
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 10_000; i++)
                Round();
        }));
    }

    // 1,000 servers and 4 addresses: half a gigabyte if every port of all 4,000 pairs has been used, a few pages each if some have.
    [Fact]
    public void Memory_is_touched_only_as_ports_are_used()
    {
        long before = ResidentKilobytes();
        LocalPorts ports = new(PortShare.Whole, seed: 1);
        ports.Use([First, Second, Ip(10, 2, 0, 202), Ip(10, 2, 0, 203)]);
        LocalPortPool[] pools = [.. Enumerable.Range(1, 1000).Select(i => ports.Acquire(Server with { Port = (ushort)i }))];
        foreach (LocalPortPool pool in pools)
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.True(pool.TryTake(0, out LocalEndpoint local));
                if (i % 2 == 0)
                    pool.Free(local, 0);
            }
        }
        Assert.Equal(1000ul * 4 * 64_512, ports.Usage().Capacity);
        long grown = ResidentKilobytes() - before;
        Array.ForEach(pools, ports.Release);
        Assert.InRange(grown, -100_000, 150_000);
    }

    private static long ResidentKilobytes()
    {
        string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6, line.Length - 9).Trim(), CultureInfo.InvariantCulture);
    }

    private static LocalPortPool Make(PortShare share, params IpAddress[] addresses) => Make(share, addresses, seed: 42);

    private static LocalPortPool Make(PortShare share, IpAddress address, ulong seed) => Make(share, [address], seed);

    private static LocalPortPool Make(PortShare share, IpAddress[] addresses, ulong seed)
    {
        LocalPorts ports = new(share, seed);
        ports.Use(addresses);
        return ports.Acquire(Server);
    }

    private static ushort Take(LocalPortPool pool, uint now) => TakeFrom(pool, now).Port;

    private static LocalEndpoint TakeFrom(LocalPortPool pool, uint now)
    {
        Assert.True(pool.TryTake(now, out LocalEndpoint local));
        return local;
    }

    private static IpAddress Ip(uint a, uint b, uint c, uint d) => IpAddress.FromIpv4((a << 24) | (b << 16) | (c << 8) | d);
}
