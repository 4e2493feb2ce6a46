using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>conn_reuse_mode: a client's SYN from the ports of a connection that is over.</summary>
public sealed class ConnectionReuseTests : BenchLife
{
    private static readonly Peer Client = new("10.1.128.1", 1);

    public static TheoryData<int, bool, string, bool> Cases
    {
        get
        {
            TheoryData<int, bool, string, bool> cases = [];
            for (int mode = 0; mode <= 3; mode++)
            {
                foreach (string state in (string[])["ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT", "TIME_WAIT", "CLOSE"])
                {
                    cases.Add(mode, false, state, mode != 0 && state is "TIME_WAIT" or "CLOSE");
                    cases.Add(mode, true, state, false);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Translated_connections_are_scheduled_anew_from_time_wait_and_close(int mode, bool persistent, string state, bool anew)
    {
        Have("-m", persistent, mode);
        Open(Client);
        if (state == "TIME_WAIT")
            Close(Client);
        else if (state == "CLOSE")
            Send(Client, TcpFlags.Rst | TcpFlags.Ack);
        else if (state == "CLOSE_WAIT")
            Send(Client, TcpFlags.Fin | TcpFlags.Ack);
        else if (state == "FIN_WAIT")
            Answer(Client, TcpFlags.Fin | TcpFlags.Ack);
        Assert.Equal(state, Listed().Single(each => each.ClientPort != 0).State);

        Send(Client, TcpFlags.Syn);
        Assert.Equal(anew ? 1 : 2, ServerOf(Client));
        Assert.Equal(anew ? 1ul : 0ul, StatusOf(1).Statistics.Connections);
        Assert.Single(Listed(), each => each.ClientPort != 0);
    }

    [Theory]
    [InlineData(0, false, 1)]
    [InlineData(1, false, 1)]
    [InlineData(2, false, 2)]
    [InlineData(3, false, 2)]
    [InlineData(0, true, 1)]
    [InlineData(1, true, 1)]
    [InlineData(2, true, 1)]
    [InlineData(3, true, 1)]
    public void Directly_routed_ones_get_no_further_than_fin_wait_where_bit_1_lets_them_go(int mode, bool persistent, ulong connections)
    {
        Have("-g", persistent, mode);
        foreach (TcpFlags flags in (TcpFlags[])[TcpFlags.Syn, TcpFlags.Ack, TcpFlags.Fin | TcpFlags.Ack])
            Assert.Single(Bench.Receive(Bench.Client, Client.ToVirtual(Bench, flags, [])));
        Assert.Equal("FIN_WAIT", Listed().Single(each => each.ClientPort != 0).State);
        Assert.Single(Bench.Receive(Bench.Client, Client.ToVirtual(Bench, TcpFlags.Syn, [])));
        Assert.Equal(connections, StatusOf(1).Statistics.Connections + StatusOf(2).Statistics.Connections);
    }

    private void Have(string method, bool persistent, int mode)
    {
        Do($"sysctl -w net.ipv4.vs.conn_reuse_mode={mode}");
        Do($"ipvsadm -A -t 10.1.0.100:80 -s rr {(persistent ? "-p 60" : "")}");
        Do($"ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11:80 {method}");
        Do($"ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.12:80 {method}");
    }
}
