using Director.Dataplane.Connections;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Synchronization;

public sealed class StrictTests
{
    private readonly SyncSimulation _simulation = new(1);
    private readonly SyncNode _owner;
    private readonly SyncNode _standby;

    public StrictTests()
    {
        _simulation.Own(_simulation.Nodes[0], strict: true);
        _owner = _simulation.Nodes[0];
        _standby = _simulation.Nodes[1];
        _simulation.RunUntil(() => _owner.Sync.Sender.HasStandby);
    }

    private SyncCounters Counters => _owner.Sync.Counters;

    [Fact]
    public void A_first_packet_waits_until_a_standby_has_its_connection()
    {
        Assert.Empty(Receive(Syn(1)));
        Assert.Equal(1, _owner.Sync.Held.Count);
        for (int milliseconds = 0; milliseconds < 40; milliseconds++)
        {
            // The standby has it before the server has the packet.
            Sent[] sent = Pass();
            if (sent.Length == 0)
                continue;
            Assert.NotEqual(0u, _standby.Table.Find(new FlowKey(IpProtocol.Tcp, Bench.ClientAddress, 1, Bench.Vip, 80)));
            Assert.Equal(Bench.ServerSide, Assert.Single(sent).Position);
            Assert.Equal((1ul, 0ul, false), (Counters.StrictHeld, Counters.StrictTimedOut, _owner.Sync.Held.IsDegraded));
            Assert.NotEmpty(Receive(Syn(1)));
            return;
        }
        Assert.Fail("it was never sent on");
    }

    [Fact]
    public void Packets_of_a_held_connection_do_not_overtake_its_first()
    {
        Assert.Empty(Receive(Datagram(1, 10)));
        Assert.Empty(Receive(Datagram(1, 20)));
        Assert.Empty(Receive(Datagram(1, 30)));
        Sent[] sent = [];
        for (int milliseconds = 0; milliseconds < 40 && sent.Length == 0; milliseconds++)
            sent = Pass();
        Assert.Equal([38, 48, 58], sent.Select(each => each.Ip.TotalLength));
        Assert.NotEmpty(Receive(Datagram(1, 40)));
    }

    [Fact]
    public void Without_an_answer_it_goes_on_after_the_timeout_and_the_director_says_so()
    {
        _simulation.Network.IsCut = true;
        Assert.Empty(Receive(Syn(1)));
        long held = _simulation.Network.Now;
        Sent[] sent = [];
        while (sent.Length == 0)
            sent = Pass();
        Assert.InRange(_simulation.Network.Now - held, 50, 52);
        Assert.Equal((1ul, true), (Counters.StrictTimedOut, _owner.Sync.Held.IsDegraded));

        // A standby that is lost is not waited for.
        _simulation.RunUntil(() => !_owner.Sync.Sender.HasStandby);
        Assert.NotEmpty(Receive(Syn(2)));
        Assert.Equal(1ul, Counters.StrictWithoutStandby);

        _simulation.Network.IsCut = false;
        _simulation.RunUntil(() => _owner.Sync.Sender.HasStandby);
        Assert.Empty(Receive(Syn(3)));
        _simulation.Run(20, withClients: false);
        Assert.False(_owner.Sync.Held.IsDegraded);
        _simulation.CheckCalm();
    }

    [Fact]
    public void Those_beyond_the_room_go_on_at_once()
    {
        _simulation.Network.IsCut = true;
        for (ushort port = 1; port <= HeldOpenings.Capacity; port++)
            Assert.Empty(Receive(Syn(port)));
        Assert.NotEmpty(Receive(Syn(2000)));
        Assert.Equal(1ul, Counters.StrictWithoutRoom);
        int sent = 0;
        for (int milliseconds = 0; milliseconds < 60; milliseconds++)
            sent += Pass().Length;
        Assert.Equal(HeldOpenings.Capacity, sent);
        Assert.Equal(0, _owner.Sync.Held.Count);
    }

    [Fact]
    public void A_standby_has_half_open_connections_too()
    {
        Receive(Syn(1));
        _simulation.Run(20, withClients: false);
        uint number = _standby.Table.Find(new FlowKey(IpProtocol.Tcp, Bench.ClientAddress, 1, Bench.Vip, 80));
        Assert.Equal(ConnectionState.SynReceived, _standby.Table[number].State);
        _standby.CheckCounts();
    }

    private Sent[] Pass()
    {
        _simulation.Network.Now++;
        _simulation.Network.Deliver();
        _ = _standby.Pass();
        return _owner.Pass();
    }

    private Sent[] Receive(byte[] frame) => _owner.Bench.Receive(Bench.Client, frame);

    private byte[] Syn(ushort port) =>
        Frames.Tcp(_owner.Bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress, port, Bench.Vip, 80, TcpFlags.Syn);

    private byte[] Datagram(ushort port, int length) =>
        Frames.Udp(_owner.Bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress, port, Bench.Vip, 53, length);
}
