using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>UDP, one-packet scheduling, and ICMP about connections.</summary>
public sealed class DatagramLifeTests : RecordedLife
{
    [Theory]
    [InlineData("UDP")]
    public void Of_udp(string group)
    {
        Peer peer = new("10.1.128.1", 30301, VirtualPort: 53);
        Replay(group, new()
        {
            [94] = () => Send(peer, null, 1),
            [97] = () => Wait(2000),
            [98] = () => Answer(peer, null, 1),
            [101] = () =>
            {
                Wait(2000);
                Send(peer, null, 1);
            },
            [105] = () => Send(peer, null, 1),
            [106] = () => Wait(6000),
            [112] = () => Ask(peer with { VirtualPort = 54 }, server: 1),
        });
    }

    [Theory]
    [InlineData("UDP one-packet scheduling (clean re-run)")]
    public void Of_one_packet(string group)
    {
        Peer peer = new("10.1.128.1", 21101, VirtualPort: 54);
        Replay(group, new()
        {
            [4] = () => Ask(peer, server: 2),
            [5] = () => Ask(peer, server: 1),
            [6] = () => Ask(peer, server: 2),
            [7] = () => Ask(peer, server: 1),
        });
    }

    [Theory]
    [InlineData("ICMP")]
    public void With_an_icmp_error_of_the_server_and_echo_to_the_virtual_address(string group) => Replay(group, new()
    {
        [121] = () =>
        {
            Send(new Peer("10.1.128.1", 30403, VirtualPort: 9999), null, 1);
            byte[] about = Frames.Udp(default, default, Bench.Ip("10.1.128.1"), 30403, Bench.ServerAddress(1), 9999, length: 1);
            Assert.Single(Bench.Receive(Bench.ServerSide, Frames.Icmp(
                Bench.Interfaces[1].AnswerMac, Bench.ServerMac(1), Bench.ServerAddress(1), Bench.Ip("10.1.128.1"), IcmpHeader.DestinationUnreachable, 3, about.AsSpan(14))));
        },
        [126] = () => Assert.Single(Bench.Receive(Bench.Client, Frames.Icmp(
            Bench.Interfaces[0].AnswerMac, Bench.ClientMac, Bench.Ip("10.1.128.1"), Bench.Vip, IcmpHeader.Echo, 0, new byte[56]))),
    });
}
