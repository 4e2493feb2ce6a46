using Director.Dataplane.Connections;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

public sealed class ConnectionReaderTests
{
    [Fact]
    public void A_listing_beside_a_busy_table_sees_only_whole_connections()
    {
        using TestTable test = new(64);
        int torn = 0;
        int read = Rounds.Beside(100_000, Write, () => Read(test.Table, ref torn));
        Assert.Equal(0, torn);
        Assert.True(read > 0);

        void Write(int round)
        {
            // The four parts of each connection say the same number.
            ushort part = (ushort)round;
            FlowKey flow = new(6, part, part, part, part);
            uint number = test.Table.Create(flow, test.Slot1, part, ForwardingMethod.Masquerade, part);
            test.Table.Remove(number);
        }
    }

    private static int Read(ConnectionTable table, ref int torn)
    {
        int read = 0;
        for (uint number = 1; number <= table.Capacity; number++)
        {
            if (!table.TryRead(number, out ConnectionRecord copy, out RecordExtension addresses))
                continue;
            read++;
            FlowKey flow = new Connection(number, ref copy, ref addresses).Flow;
            if (flow.Source.Ipv4 != flow.SourcePort || flow.Source != flow.Destination || flow.SourcePort != flow.DestinationPort || flow.SourcePort != copy.ServerPort)
                torn++;
        }
        return read;
    }
}
