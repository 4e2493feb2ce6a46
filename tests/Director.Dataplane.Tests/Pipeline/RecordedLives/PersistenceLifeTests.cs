using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>Persistence templates: whom they hold together, how long they live, how they are listed.</summary>
public sealed class PersistenceLifeTests : RecordedLife
{
    [Theory]
    [InlineData("persistence: TCP service -p 30")]
    public void By_client(string group) => Replay(group, new() { [169] = () => Wait(2000) });

    [Theory]
    [InlineData("persistence template lifetime (-p 4), connection aborted with RST (CLOSE 10 s)")]
    public void Template_that_outlives_its_time_for_a_connection(string group)
    {
        Dictionary<int, Action> steps = new() { [183] = () => Send(new Peer("10.1.128.1", 21701), TcpFlags.Rst | TcpFlags.Ack) };
        for (int listing = 185; listing <= 190; listing++)
            steps[listing] = () => Wait(2000);
        Replay(group, steps);
    }

    [Theory]
    [InlineData("persistence: sh-like different ports of one VIP, port 0 service", 21904, 217, 220)]
    [InlineData("persistence: sh-like different ports of one VIP, port 0 service (clean re-run)", 21204, 45, 48)]
    public void All_ports_of_an_address(string group, ushort port, int refused, int datagram)
    {
        Peer discard = new("10.1.128.1", port, VirtualPort: 9);
        Replay(group, new()
        {
            [refused] = () =>
            {
                Send(discard, TcpFlags.Syn, 12);
                Assert.Equal(4, ServerOf(discard));
                Answer(discard, TcpFlags.Rst | TcpFlags.Ack);
            },
            [datagram] = () => Refuse(discard, null, IpProtocol.Icmp),
        });
    }

    [Theory]
    [InlineData("persistence: two single-port services are separate")]
    public void Each_port_for_itself(string group) => Replay(group);

    [Theory]
    [InlineData("UDP persistence (clean re-run)")]
    public void Of_udp(string group) => Replay(group, new()
    {
        [95] = () => Ask(new Peer("10.1.128.1", 22500, VirtualPort: 53), server: 4),
        [96] = () => Ask(new Peer("10.1.128.2", 22501, VirtualPort: 53), server: 3),
        [97] = () => Ask(new Peer("10.1.128.1", 22502, VirtualPort: 53), server: 4),
        [98] = () => Ask(new Peer("10.1.128.2", 22503, VirtualPort: 53), server: 3),
    });

    [Theory]
    [InlineData("many connections listing, ipv6 + sorting")]
    public void Beside_a_service_of_ipv6(string group) => Replay(
        group,
        new() { [504] = () => Open(new Peer("fd00:1::2", 25001, "fd00:1::100")) },
        otherwise: new() { [521] = "how the estimator's turns lay to the connections was not recorded" });
}
