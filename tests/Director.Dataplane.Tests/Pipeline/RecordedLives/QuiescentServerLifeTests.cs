using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>
/// A persistent service's server gets weight 0, is deleted and comes back, under clients that hold connections and make new ones:
/// with and without expire_quiescent_template and expire_nodest_conn.
/// </summary>
public sealed class QuiescentServerLifeTests : RecordedLife
{
    private const TcpFlags Push = TcpFlags.Ack | TcpFlags.Psh;

    [Theory]
    [InlineData("weight 0 with persistence: expire_quiescent_template=0 expire_nodest_conn=0", 24401, 306)]
    [InlineData("weight 0 with persistence: expire_quiescent_template=1 expire_nodest_conn=0", 24601, 378)]
    public void Connections_of_a_deleted_server_are_dropped(string group, ushort port, int firstData) =>
        ReplayWithHeldConnections(
            group, port, firstData, held => Lose(held, Push, 1),
            // The server is back in the table, and the client's TCP has tried again.
            Talk);

    [Theory]
    [InlineData("weight 0 with persistence: expire_quiescent_template=0 expire_nodest_conn=1", 24501, 342)]
    public void Connections_of_a_deleted_server_end_with_it(string group, ushort port, int firstData) =>
        ReplayWithHeldConnections(group, port, firstData, held => Refuse(held, Push, IpProtocol.Tcp, 1), _ => { });

    private void ReplayWithHeldConnections(string group, ushort port, int firstData, Action<Peer> afterDeletion, Action<Peer> afterReturn)
    {
        Peer onDeleted = new("10.1.128.1", port), onOther = new("10.1.128.2", (ushort)(port + 1));
        Replay(group, new()
        {
            [firstData] = () => Talk(onDeleted),
            [firstData + 1] = () => Talk(onOther),
            [firstData + 10] = () =>
            {
                afterDeletion(onDeleted);
                Wait(1000);
            },
            [firstData + 11] = () => Talk(onOther),
            [firstData + 14] = () => afterReturn(onDeleted),
        });
    }

    private void Talk(Peer peer)
    {
        Send(peer, Push, 1);
        Answer(peer, TcpFlags.Ack);
    }
}
