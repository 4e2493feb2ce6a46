using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

public sealed class ConnectionExpiryTests
{
    [Fact]
    public void A_connection_ends_to_the_tick_and_is_in_the_table_while_the_listener_hears_of_it()
    {
        using TestTable test = new();
        uint number = test.Create(1);
        test.Table.Advance(number, PacketEvent.TcpSyn, PacketDirection.Input, 0);
        test.Now = ConnectionClock.Ticks(60) - 1;
        Assert.Equal(0, test.Expire());
        test.Now++;
        Assert.Equal(1, test.Expire());
        Assert.Equal([number], test.Ended);
        Assert.Equal(0u, test.Table.Find(TestTable.Flow(1)));
        Assert.Equal(0, test.Expire());
    }

    [Fact]
    public void The_servers_packets_count_as_the_clients_do()
    {
        using TestTable test = new();
        uint number = test.Create(1, protocol: 17);
        test.Table.Advance(number, PacketEvent.Datagram, PacketDirection.Input, test.Now);
        test.Pass(200);
        test.Table.Advance(number, PacketEvent.Datagram, PacketDirection.Output, test.Now);
        Assert.Equal(300u, test.Table.RemainingSeconds(number, test.Now));
        test.Pass(200);
        Assert.Equal(0, test.Expire());
        Assert.Equal(100u, test.Table.RemainingSeconds(number, test.Now));
        test.Pass(100);
        Assert.Equal(1, test.Expire());
    }

    [Fact]
    public void A_stamp_by_somebody_else_keeps_a_connection_as_a_packet_does()
    {
        using TestTable test = new();
        uint number = test.Create(1);
        test.Table.Advance(number, PacketEvent.TcpSyn, PacketDirection.Input, test.Now);
        test.Pass(50);
        test.Table[number].LastSeenOut = test.Now;
        test.Pass(50);
        Assert.Equal(0, test.Expire());
        test.Pass(10);
        Assert.Equal(1, test.Expire());
    }

    [Fact]
    public void A_state_with_a_shorter_timeout_ends_sooner()
    {
        using TestTable test = new();
        uint number = test.Create(1);
        test.Table.Advance(number, PacketEvent.TcpSyn, PacketDirection.Input, test.Now);
        test.Table.Advance(number, PacketEvent.TcpAck, PacketDirection.Input, test.Now);
        test.Pass(100);
        Assert.Equal(0, test.Expire());
        test.Table.Advance(number, PacketEvent.TcpRst, PacketDirection.Input, test.Now);
        test.Pass(10);
        Assert.Equal(1, test.Expire());
    }

    [Fact]
    public void What_the_listener_keeps_gets_another_minute_until_its_next_packet()
    {
        using TestTable test = new();
        uint number = test.Create(1, protocol: 17);
        test.Table.Advance(number, PacketEvent.Datagram, PacketDirection.Input, test.Now);
        test.Kept.Add(number);
        test.Pass(300);
        Assert.Equal(0, test.Expire());
        Assert.Equal(60u, test.Table.RemainingSeconds(number, test.Now));
        test.Kept.Clear();
        test.Pass(59);
        Assert.Equal(0, test.Expire());
        test.Table.Advance(number, PacketEvent.Datagram, PacketDirection.Input, test.Now);
        Assert.Equal(300u, test.Table.RemainingSeconds(number, test.Now));
        test.Pass(299);
        Assert.Equal(0, test.Expire());
        test.Pass(2);
        Assert.Equal(1, test.Expire());
    }

    [Fact]
    public void A_listener_may_remove_the_connection_itself()
    {
        using TestTable test = new();
        uint number = test.Create(1);
        test.Pass(2);
        Assert.Equal(1, test.Table.Expire(test.Now, new Remover(test.Table), int.MaxValue));
        Assert.Equal(0u, test.Table.Count);
        Assert.False(test.Table[number].IsInUse);
    }

    [Fact]
    public void A_budget_spreads_the_work_and_loses_nothing()
    {
        using TestTable test = new();
        for (int client = 0; client < 500; client++)
            test.Create(client);
        test.Pass(100_000);
        for (int call = 0; call < 5; call++)
            Assert.Equal(100, test.Expire(100));
        Assert.Equal(0, test.Expire(100));
        Assert.Equal(500, test.Ended.Distinct().Count());
    }

    // --set 30 7 11 of the recording: what was established stays at its 900 s until its next packet.
    [Fact]
    public void Changed_timeouts_hold_from_the_next_packet_on()
    {
        using TestTable test = new();
        uint quiet = test.Create(1);
        uint busy = test.Create(2);
        foreach (uint number in new[] { quiet, busy })
        {
            test.Table.Advance(number, PacketEvent.TcpSyn, PacketDirection.Input, test.Now);
            test.Table.Advance(number, PacketEvent.TcpAck, PacketDirection.Input, test.Now);
        }
        test.Pass(1);
        Assert.Equal(new Timeouts(30, 7, 300), test.Table.SetTimeouts(new Timeouts(30, 7, 0), test.Now));
        test.Table.Advance(busy, PacketEvent.TcpAck, PacketDirection.Input, test.Now);
        Assert.Equal(899u, test.Table.RemainingSeconds(quiet, test.Now));
        Assert.Equal(30u, test.Table.RemainingSeconds(busy, test.Now));

        test.Pass(29);
        Assert.Equal(0, test.Expire());
        test.Table.Advance(quiet, PacketEvent.TcpFin, PacketDirection.Output, test.Now);
        Assert.Equal(7u, test.Table.RemainingSeconds(quiet, test.Now));
        test.Pass(1);
        test.Expire();
        Assert.Equal([busy], test.Ended);
        test.Pass(6);
        test.Expire();
        Assert.Equal([busy, quiet], test.Ended);
    }

    [Fact]
    public void More_changes_than_are_remembered_forget_the_oldest()
    {
        using TestTable test = new();
        uint number = test.Create(1, protocol: 17);
        test.Table.Advance(number, PacketEvent.Datagram, PacketDirection.Input, test.Now);
        for (uint change = 1; change <= 200; change++)
        {
            test.Now++;
            test.Table.SetTimeouts(new Timeouts(0, 0, 300 + change), test.Now);
        }
        Assert.InRange(test.Table.RemainingSeconds(number, test.Now), 300u, 500u);
        test.Table.Advance(number, PacketEvent.Datagram, PacketDirection.Input, test.Now);
        Assert.Equal(500u, test.Table.RemainingSeconds(number, test.Now));
    }

    public static TheoryData<int, uint> Lives => new()
    {
        { 21, 0 },
        { 22, 0x8000_0000 - 1000 },
        // The clock wraps within the first seconds, and half-way.
        { 23, uint.MaxValue - 300 },
        { 24, uint.MaxValue - 60_000_000 },
    };

    /// <summary>Weeks with packets, changed timeouts, naps and restarts, beside a model that looks at everything every time.</summary>
    [Theory]
    [MemberData(nameof(Lives))]
    public void Over_weeks_every_connection_ends_when_a_naive_model_ends_it(int seed, uint start)
    {
        Random random = new(seed);
        using TestTable test = new(256, now: start);
        Dictionary<uint, Life> model = [];
        Timeouts timeouts = new();
        long elapsed = 0;
        int ended = 0;
        for (int step = 0; step < 25_000; step++)
        {
            uint pause = random.Next(100) switch
            {
                0 => (uint)random.Next(1, 40_000_000 / 100),
                < 20 => (uint)random.Next(1, 20_000),
                < 60 => (uint)random.Next(1, 300),
                _ => 0,
            };
            test.Now = unchecked(test.Now + pause);
            elapsed += pause;

            test.Ended.Clear();
            test.Expire();
            uint[] due = [.. model.Where(life => ConnectionClock.Between(life.Value.Deadline, test.Now) >= 0).Select(life => life.Key)];
            Assert.Equal(due.Order(), test.Ended.Order());
            foreach (uint number in due)
                model.Remove(number);
            ended += due.Length;

            int client = random.Next(400);
            byte protocol = (client % 4) switch { 0 => IpProtocol.Udp, 1 => IpProtocol.Sctp, _ => IpProtocol.Tcp };
            uint connection = test.Table.Find(TestTable.Flow(client, protocol));
            if (connection == 0)
                connection = test.Create(client, protocol);
            if (connection != 0)
            {
                PacketEvent packet = (PacketEvent)random.Next((int)PacketEvent.SctpAbort + 1);
                PacketDirection direction = (PacketDirection)random.Next(2);
                test.Table.Advance(connection, packet, direction, test.Now);
                ConnectionState state = test.Table[connection].State;
                model[connection] = new Life(unchecked(test.Now + ConnectionClock.Ticks(StateTimeouts.Seconds(state, timeouts))));
                Assert.Equal(StateTimeouts.Seconds(state, timeouts), test.Table.RemainingSeconds(connection, test.Now));
            }
            if (random.Next(400) == 0)
            {
                // A packet of the same tick as the change would count as one after it.
                test.Now = unchecked(test.Now + 1);
                timeouts = test.Table.SetTimeouts(new Timeouts((uint)random.Next(1, 2000), (uint)random.Next(1, 300), (uint)random.Next(1, 600)), test.Now);
            }
            if (random.Next(2000) == 0)
                test.Restart();
        }
        Assert.True(elapsed * 0.0168 / 86400 > 14, "two weeks at least");
        Assert.True(ended > 2000, $"only {ended} ended");
    }

    private readonly record struct Life(uint Deadline);

    private sealed class Remover(ConnectionTable table) : IConnectionExpiry
    {
        public bool Expired(uint number)
        {
            table.Remove(number);
            return true;
        }
    }
}
