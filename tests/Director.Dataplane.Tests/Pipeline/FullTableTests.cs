using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Persistent clients come to a table of 63 records: each takes one for its template and one for the connection.</summary>
public sealed class FullTableTests : BenchLife
{
    private static readonly Peer Late = new("10.1.128.200", 1);

    public FullTableTests()
        : base(connections: 63)
    {
        Do("ipvsadm -A -t 10.1.0.100:80 -s rr -p 600");
        Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m");
        for (int client = 1; client <= 31; client++)
            Open(new Peer($"10.1.128.{client}", 1));
    }

    [Fact]
    public void With_room_for_a_template_only_the_packet_is_dropped_and_the_client_waits_for_a_connections_end()
    {
        Lose(Late, TcpFlags.Syn);
        Lose(Late, TcpFlags.Syn);
        Assert.Equal(2ul, Bench.Core.Counters.Dropped(DropReason.ConnectionTableFull));
        Assert.Equal((31u, 0u, 32u), (StatusOf(1).ActiveConnections, StatusOf(1).InactiveConnections, StatusOf(1).PersistentConnections));
        Assert.Equal(31ul, StatusOf(1).Statistics.Connections);

        Send(new Peer("10.1.128.1", 1), TcpFlags.Rst | TcpFlags.Ack);
        Wait(11_000);
        Open(Late);
        Assert.Equal((31u, 32u), (StatusOf(1).ActiveConnections, StatusOf(1).PersistentConnections));
    }

    [Fact]
    public void Without_room_for_a_template_the_packet_is_dropped_and_nothing_is_left_of_it()
    {
        Lose(Late, TcpFlags.Syn);
        Peer later = Late with { Address = "10.1.128.201" };
        Lose(later, TcpFlags.Syn);
        Assert.Equal(63u, Bench.Core.Connections.Count);
        Assert.Equal(32u, StatusOf(1).PersistentConnections);
        Assert.DoesNotContain(Listed(), each => each.Client.ToString() == later.Address);
        Assert.Equal(2ul, Bench.Core.Counters.Dropped(DropReason.ConnectionTableFull));
    }

    [Fact]
    public void A_one_packet_service_needs_no_room_but_for_its_template()
    {
        Do("ipvsadm -A -u 10.1.0.100:53 -s rr -o -p 600");
        Do("ipvsadm -a -u 10.1.0.100:53 -r 10.2.0.12:53 -m");
        Peer asking = new("10.1.128.1", 1, VirtualPort: 53);
        for (int packet = 0; packet < 3; packet++)
            Ask(asking, server: 2);
        Assert.Equal(63u, Bench.Core.Connections.Count);
        Lose(asking with { Address = "10.1.128.2" }, null);
    }
}
