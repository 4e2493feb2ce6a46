using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

public sealed class ConnectionTableTests
{
    [Fact]
    public void A_connection_is_found_from_both_sides_until_it_is_removed()
    {
        using TestTable test = new();
        FlowKey flow = TestTable.Flow(7);
        Assert.Equal(0u, test.Table.Find(flow));

        uint number = test.Create(7);

        Assert.Equal(number, test.Table.Find(flow));
        Assert.Equal(number, test.Table.FindReply(TestTable.Reply(flow)));
        Assert.Equal(0u, test.Table.Find(flow.Reversed));
        Assert.Equal(0u, test.Table.Find(flow with { Protocol = 17 }));
        Assert.Equal(0u, test.Table.FindReply(TestTable.Reply(flow, TestTable.Rs2)));
        Assert.Equal(1u, test.Table.Count);

        test.Table.Remove(number);
        Assert.Equal(0u, test.Table.Find(flow));
        Assert.Equal(0u, test.Table.FindReply(TestTable.Reply(flow)));
        Assert.Equal(0u, test.Table.Count);
    }

    [Fact]
    public void The_record_says_what_the_connection_is()
    {
        using TestTable test = new(now: 5);
        FlowKey flow = new(17, 0x0A010002, 40000, TestTable.Vip, 53);
        uint number = test.Table.Create(flow, test.Slot2, 5353, ForwardingMethod.Masquerade, 5);
        ref ConnectionRecord record = ref test.Table[number];

        Assert.Equal(flow, test.Table.At(number).Flow);
        Assert.Equal(test.Slot2, record.ServerSlot);
        Assert.Equal(5353, record.ServerPort);
        Assert.Equal(ForwardingMethod.Masquerade, record.Forwarding);
        Assert.Equal(ConnectionState.None, record.State);
        Assert.False(record.IsActive);
        test.Table.Advance(number, PacketEvent.Datagram, PacketDirection.Input, 6);
        Assert.Equal(ConnectionState.Udp, record.State);
        Assert.Equal(6u, record.LastSeen);
        record.CountIn(100);
        record.CountOut(60);
        record.CountOut(40);
        Assert.Equal((1u, 100ul, 2u, 100ul), (record.InPackets, record.InBytes, record.OutPackets, record.OutBytes));
    }

    [Fact]
    public void Replies_of_direct_routing_are_not_looked_for()
    {
        using TestTable test = new();
        uint number = test.Create(1, method: ForwardingMethod.DirectRoute);
        Assert.Equal(number, test.Table.Find(TestTable.Flow(1)));
        Assert.Equal(0u, test.Table.FindReply(TestTable.Reply(TestTable.Flow(1))));
    }

    [Fact]
    public void A_full_table_takes_no_more_until_one_ends()
    {
        using TestTable test = new(64);
        Assert.Equal(63u, test.Table.Capacity);
        for (int client = 0; client < 63; client++)
            Assert.NotEqual(0u, test.Create(client));
        Assert.Equal(0u, test.Create(63));
        Assert.Equal(63u, test.Table.Count);

        test.Table.Remove(test.Table.Find(TestTable.Flow(5)));
        Assert.Equal(0u, test.Table.Find(TestTable.Flow(63)));
        Assert.NotEqual(0u, test.Create(63));
        Assert.NotEqual(0u, test.Table.Find(TestTable.Flow(63)));
    }

    [Fact]
    public void Of_two_connections_with_the_same_replies_the_younger_one_is_answered()
    {
        using TestTable test = new();
        FlowKey first = TestTable.Flow(1);
        FlowKey second = first with { Destination = IpAddress.FromIpv4(TestTable.Vip + 1) };
        uint older = test.Create(1);
        uint younger = test.Table.Create(second, test.Slot1, 80, ForwardingMethod.Masquerade, 0);

        Assert.Equal(younger, test.Table.FindReply(TestTable.Reply(first)));
        Assert.Equal(older, test.Table.Find(first));
        test.Table.Remove(younger);
        Assert.Equal(older, test.Table.FindReply(TestTable.Reply(first)));
    }

    [Fact]
    public void A_number_is_used_again_as_late_as_possible()
    {
        using TestTable test = new(64);
        uint first = test.Create(0);
        test.Table.Remove(first);
        for (int client = 1; client < 63; client++)
            Assert.NotEqual(first, test.Create(client));
        Assert.Equal(first, test.Create(63));
    }

    [Fact]
    public void Another_thread_reads_records_that_are_in_use()
    {
        using TestTable test = new();
        uint number = test.Create(3);
        Assert.True(test.Table.TryRead(number, out ConnectionRecord copy, out _));
        Assert.Equal(TestTable.Flow(3).SourcePort, copy.ClientPort);
        Assert.False(test.Table.TryRead(0, out _, out _));
        Assert.False(test.Table.TryRead(number + 1, out _, out _));
        Assert.False(test.Table.TryRead(uint.MaxValue, out _, out _));
        test.Table.Remove(number);
        Assert.False(test.Table.TryRead(number, out _, out _));
    }
}
