using Director.Dataplane.Connections;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

/// <summary>Random lives of a table beside a dictionary that does the same.</summary>
public sealed class ConnectionModelTests
{
    public static TheoryData<string, int, uint, int, int> Runs => new()
    {
        // What, seed, limit, different flows, steps
        { "roomy", 1, 4000, 2000, 60_000 },
        { "always nearly full", 2, 64, 70, 60_000 },
        { "full most of the time", 3, 256, 1000, 60_000 },
        { "one bucket for all", 4, 64, 80, 20_000 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void The_table_holds_what_a_dictionary_would(string what, int seed, uint limit, int flows, int steps)
    {
        Random random = new(seed);
        using TestTable test = new(limit, what == "one bucket for all" ? TestTable.Constant : null);
        Dictionary<FlowKey, uint> model = [];
        for (int step = 0; step < steps; step++)
        {
            FlowKey flow = TestTable.Flow(random.Next(flows), random.Next(4) == 0 ? (byte)17 : (byte)6);
            bool known = model.TryGetValue(flow, out uint number);
            Assert.Equal(number, test.Table.Find(flow));
            Assert.Equal(number, test.Table.FindReply(TestTable.Reply(flow)));
            Assert.Equal(0u, test.Table.FindReply(TestTable.Reply(flow, port: 81)));
            switch (random.Next(3))
            {
                case 0 when known:
                    test.Table.Remove(number);
                    model.Remove(flow);
                    break;
                case > 0 when !known:
                    uint made = test.Table.Create(flow, test.Slot1, 80, ForwardingMethod.Masquerade, test.Now);
                    Assert.Equal(model.Count == (int)test.Table.Capacity, made == 0);
                    if (made != 0)
                        Assert.True(model.TryAdd(flow, made));
                    break;
            }
            Assert.Equal((uint)model.Count, test.Table.Count);
            Assert.Equal((uint)model.Count, test.Table.Servers[test.Slot1].References);
            if (step % 5000 == 4999)
                test.Restart();
        }
        foreach ((FlowKey flow, uint number) in model)
        {
            Assert.Equal(flow, test.Table.At(number).Flow);
            test.Table.Remove(number);
        }
        Assert.Equal((0u, 0u, 0u), (test.Table.Count, test.Table.InOverflowed, test.Table.OutOverflowed));
    }
}
