using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>TCP connections from the SYN to the last state, translated and directly routed.</summary>
public sealed class TcpLifeTests : RecordedLife
{
    private const TcpFlags Push = TcpFlags.Ack | TcpFlags.Psh;
    private const TcpFlags Fin = TcpFlags.Fin | TcpFlags.Ack;

    [Theory]
    [InlineData("life of a NAT TCP connection (real sockets)")]
    public void Translated(string group)
    {
        Peer first = At(20001), second = At(20002), third = At(20003), fourth = At(20004), fifth = At(20005);
        Replay(group, new()
        {
            [3] = () => Send(first, TcpFlags.Syn, 12),
            [7] = () =>
            {
                Send(first, TcpFlags.Syn, 12);
                Answer(first, TcpFlags.Syn | TcpFlags.Ack, 12);
                Send(first, TcpFlags.Ack);
                Wait(1500);
            },
            [11] = () => Wait(2000),
            [12] = () =>
            {
                Send(first, Push, 5);
                Answer(first, TcpFlags.Ack);
                Answer(first, Push, 5);
                Send(first, TcpFlags.Ack);
            },
            [14] = () => HalfClose(first),
            [17] = () => HalfCloseBack(first),
            [20] = () => Wait(2000),
            [22] = () => Open(second),
            [24] = () => HalfCloseBack(second),
            [27] = () => HalfClose(second),
            [30] = () =>
            {
                Open(third);
                Send(third, TcpFlags.Rst | TcpFlags.Ack);
            },
            [33] = () =>
            {
                Open(fourth);
                Answer(fourth, TcpFlags.Rst | TcpFlags.Ack);
            },
            [36] = () =>
            {
                Open(fifth);
                Wait(250);
                Bench.Core.SetTimeouts(new Timeouts(30, 7, 11));
            },
            [38] = () =>
            {
                Send(fifth, Push, 1);
                Answer(fifth, TcpFlags.Ack);
            },
            [40] = () => HalfClose(fifth),
            [42] = () => HalfCloseBack(fifth),
            [47] = () => Refuse(At(20006) with { VirtualPort = 81 }, TcpFlags.Syn, IpProtocol.Tcp),
            [48] = () => { },
            [50] = () => Refuse(At(20007), TcpFlags.Syn, IpProtocol.Icmp),
        });
    }

    [Theory]
    [InlineData("life of a DR TCP connection (director sees only client packets)")]
    public void Directly_routed(string group)
    {
        Peer first = At(20101), second = At(20102), third = At(20103);
        Replay(group, new()
        {
            [57] = () => OpenOneWay(first),
            [60] = () => Send(first, Push, 5),
            [62] = () => Send(first, Fin),
            [65] = () => Send(first, TcpFlags.Ack),
            [68] = () =>
            {
                OpenOneWay(second);
                Send(second, TcpFlags.Ack);
            },
            [71] = () => Send(second, Fin),
            [74] = () =>
            {
                OpenOneWay(third);
                Send(third, TcpFlags.Rst | TcpFlags.Ack);
            },
        });
    }

    private static Peer At(ushort port) => new("10.1.128.1", port);

    private void HalfClose(Peer peer)
    {
        Send(peer, Fin);
        Answer(peer, TcpFlags.Ack);
    }

    private void HalfCloseBack(Peer peer)
    {
        Answer(peer, Fin);
        Send(peer, TcpFlags.Ack);
    }

    private void OpenOneWay(Peer peer)
    {
        Send(peer, TcpFlags.Syn, 12);
        Send(peer, TcpFlags.Ack);
    }
}
