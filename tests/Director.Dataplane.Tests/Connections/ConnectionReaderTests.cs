using Director.Dataplane.Connections;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

public sealed class ConnectionReaderTests
{
    [Fact]
    public async Task A_listing_beside_a_busy_table_sees_only_whole_connections()
    {
        using TestTable test = new(64);
        using CancellationTokenSource done = new();
        Task<(int Read, int Torn)> reader = Task.Run(() => Read(test.Table, done.Token));
        for (int round = 0; round < 100_000; round++)
        {
            // The four parts of each connection say the same number.
            ushort part = (ushort)round;
            FlowKey flow = new(6, part, part, part, part);
            uint number = test.Table.Create(flow, test.Slot1, part, ForwardingMethod.Masquerade, part);
            test.Table.Remove(number);
        }
        await done.CancelAsync();
        (int read, int torn) = await reader;
        Assert.Equal(0, torn);
        Assert.True(read > 0);
    }

    private static (int Read, int Torn) Read(ConnectionTable table, CancellationToken done)
    {
        (int read, int torn) = (0, 0);
        while (!done.IsCancellationRequested)
        {
            for (uint number = 1; number <= table.Capacity; number++)
            {
                if (!table.TryRead(number, out ConnectionRecord copy, out RecordExtension addresses))
                    continue;
                read++;
                FlowKey flow = new Connection(number, ref copy, ref addresses).Flow;
                if (flow.Source.Ipv4 != flow.SourcePort || flow.Source != flow.Destination || flow.SourcePort != flow.DestinationPort || flow.SourcePort != copy.ServerPort)
                    torn++;
            }
        }
        return (read, torn);
    }
}
