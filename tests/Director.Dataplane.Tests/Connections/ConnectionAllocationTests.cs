using Director.Dataplane.Connections;

namespace Director.Dataplane.Tests.Connections;

public sealed class ConnectionAllocationTests
{
    [Fact]
    public void A_table_at_work_allocates_nothing()
    {
        using TestTable test = new(1000);
        Keeper keeper = new();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int round = 1; round <= 20; round++)
                Work(test, keeper, round);
        }));
        Assert.True(keeper.Heard > 10_000);
    }

    private static void Work(TestTable test, Keeper keeper, int round)
    {
        for (int client = 0; client < 1100; client++)
        {
            uint number = test.Create(client);
            if (number == 0)
                continue;
            test.Table.Advance(number, PacketEvent.TcpSyn, PacketDirection.Input, test.Now);
            test.Table.Advance(test.Table.FindReply(TestTable.Reply(TestTable.Flow(client))), PacketEvent.TcpSyn, PacketDirection.Output, test.Now);
            test.Table[number].CountIn(40);
            if (client % 3 == round % 3)
                test.Table.Remove(test.Table.Find(TestTable.Flow(client)));
            test.Table.TryRead(number, out _, out _);
        }
        test.Pass(30);
        test.Table.Expire(test.Now, keeper, 100);
        test.Pass(100);
        test.Table.Expire(test.Now, keeper, int.MaxValue);
    }

    private sealed class Keeper : IConnectionExpiry
    {
        public int Heard { get; private set; }

        public bool Expired(uint number)
        {
            Heard++;
            return true;
        }
    }
}
