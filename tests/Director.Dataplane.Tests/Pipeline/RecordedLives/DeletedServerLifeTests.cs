using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>Servers and services that are deleted under living connections.</summary>
public sealed class DeletedServerLifeTests : RecordedLife
{
    private const TcpFlags Push = TcpFlags.Ack | TcpFlags.Psh;

    [Theory]
    [InlineData("not persistent: RS deleted under a live connection, expire_nodest_conn=0")]
    public void Connections_are_dropped_and_stay(string group)
    {
        Peer first = new("10.1.128.1", 25801), second = new("10.1.128.1", 25802);
        Replay(group, new()
        {
            [446] = () => Talk(first),
            [447] = () => Talk(first),
            [448] = () => LoseFor(second, 500),
            [449] = () => LoseFor(second, 500),
            // The service is gone, and both servers with it.
            [455] = () => LoseFor(first, 500),
            [456] = () => LoseFor(second, 500),
        });
    }

    [Theory]
    [InlineData("not persistent: RS deleted under a live connection, expire_nodest_conn=1")]
    public void Connections_end_with_the_server(string group)
    {
        Peer first = new("10.1.128.1", 25901), second = new("10.1.128.1", 25902);
        Replay(group, new()
        {
            [470] = () => Talk(first),
            [471] = () => Talk(first),
            [472] = () => Refuse(second, Push, IpProtocol.Tcp, 1),
            [473] = () => { },
            // With its last service the address is not ours any more, nor anybody's on the bench.
            [479] = () => Lose(first, Push, 1),
            [480] = () => Lose(second, Push, 1),
        });
    }

    [Theory]
    [InlineData("service deleted / -C while connections exist")]
    public void Connections_outlive_the_table(string group) => Replay(group, new()
    {
        [497] = () =>
        {
            Do("ipvsadm -A -t 10.1.0.100:80 -s rr");
            Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m");
            Do("ipvsadm -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m");
            Open(new Peer("10.1.128.1", 26001));
            Open(new Peer("10.1.128.1", 26002));
        },
    });

    private void Talk(Peer peer)
    {
        Send(peer, Push, 1);
        Answer(peer, TcpFlags.Ack);
    }

    private void LoseFor(Peer peer, int milliseconds)
    {
        Lose(peer, Push, 1);
        Wait(milliseconds);
    }
}
