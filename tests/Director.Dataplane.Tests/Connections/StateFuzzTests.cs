using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

/// <summary>Random lives under settings that change while they go on. Chance is seeded.</summary>
public sealed class StateFuzzTests
{
    [Theory]
    [InlineData(IpProtocol.Tcp, ForwardingMethod.Masquerade, 61)]
    [InlineData(IpProtocol.Tcp, ForwardingMethod.DirectRoute, 62)]
    [InlineData(IpProtocol.Sctp, ForwardingMethod.Masquerade, 1321)]
    [InlineData(IpProtocol.Sctp, ForwardingMethod.DirectRoute, 1322)]
    public void States_stay_in_the_protocol_with_a_time_and_a_name(byte protocol, ForwardingMethod method, int seed)
    {
        Random random = new(seed);
        using TestTable test = new(64);
        HashSet<ConnectionState> seen = [];
        uint number = 0;
        for (int step = 0; step < 50_000; step++)
        {
            test.Table.SecureTcp = random.Next(2) == 0;
            bool sloppy = random.Next(2) == 0;
            Settings settings = new() { SloppyTcp = sloppy, SloppySctp = sloppy, ConnReuseMode = random.Next(4) };
            PacketEvent packet = AnyOf(protocol, random);
            PacketDirection direction = method == ForwardingMethod.Masquerade ? (PacketDirection)random.Next(2) : PacketDirection.Input;
            if (number != 0 && (random.Next(50) == 0 || OpeningRules.Replaces(packet, test.Table[number], settings)))
            {
                test.Table.Remove(number);
                number = 0;
            }
            if (number == 0)
            {
                if (direction == PacketDirection.Output || !OpeningRules.Opens(packet, settings))
                    continue;
                number = test.Create(1, protocol, method);
            }
            test.Table.Advance(number, packet, direction, test.Now);

            ConnectionState state = test.Table[number].State;
            seen.Add(state);
            Assert.Equal(StateTimeouts.Seconds(state, new Timeouts()), test.Table.RemainingSeconds(number, test.Now));
            Assert.NotEqual("ERR!", ConnectionStates.Name(state));
            if (protocol == IpProtocol.Tcp)
                Assert.InRange(state, ConnectionState.Established, ConnectionState.SynAck);
            else
                Assert.InRange(state, ConnectionState.SctpInit1, ConnectionState.SctpClosed);
        }
        // Where replies are seen every state that there is comes up, but for TCP's LAST_ACK and LISTEN, which IPVS never enters.
        if (method == ForwardingMethod.Masquerade)
            Assert.Equal(protocol == IpProtocol.Tcp ? 8 : 13, seen.Count);
    }

    private static PacketEvent AnyOf(byte protocol, Random random) => protocol == IpProtocol.Tcp
        ? TcpStates.EventOf((TcpFlags)random.Next(256))
        : (PacketEvent)random.Next((int)PacketEvent.SctpData, (int)PacketEvent.SctpAbort + 1);
}
