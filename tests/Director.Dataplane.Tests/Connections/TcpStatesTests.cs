using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Connections;

public sealed class TcpStatesTests
{
    [Theory]
    [InlineData(TcpFlags.None, PacketEvent.TcpNoFlag)]
    [InlineData(TcpFlags.Psh | TcpFlags.Urg | TcpFlags.Ece | TcpFlags.Cwr, PacketEvent.TcpNoFlag)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack | TcpFlags.Rst, PacketEvent.TcpRst)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack, PacketEvent.TcpSyn)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack | TcpFlags.Psh, PacketEvent.TcpFin)]
    [InlineData(TcpFlags.Ack | TcpFlags.Ece | TcpFlags.Cwr, PacketEvent.TcpAck)]
    public void Flags_count_in_the_order_RST_SYN_FIN_ACK(TcpFlags flags, PacketEvent expected) => Assert.Equal(expected, TcpStates.EventOf(flags));

    [Theory]
    [InlineData(PacketEvent.TcpNoFlag)]
    [InlineData(PacketEvent.None)]
    [InlineData(PacketEvent.Datagram)]
    [InlineData(PacketEvent.SctpInit)]
    public void What_has_none_of_the_flags_closes(PacketEvent packet) =>
        Assert.Equal(ConnectionState.Close, TcpStates.Next(ConnectionState.Established, PacketDirection.Input, noOutput: false, packet));

    [Fact]
    public void Every_state_has_a_successor_for_every_packet()
    {
        foreach (ConnectionState state in Enum.GetValues<ConnectionState>())
        {
            foreach (PacketEvent packet in Enum.GetValues<PacketEvent>())
            {
                foreach ((bool noOutput, bool secure) in new[] { (false, false), (true, false), (false, true), (true, true) })
                {
                    foreach (PacketDirection direction in Enum.GetValues<PacketDirection>())
                        Assert.InRange(TcpStates.Next(state, direction, noOutput, packet, secure), ConnectionState.Established, ConnectionState.SynAck);
                }
            }
        }
    }

    // What a connection may be in when secure_tcp is switched.
    [Theory]
    [InlineData(false, ConnectionState.SynAck, PacketDirection.Input, false, PacketEvent.TcpAck, ConnectionState.Established)]
    [InlineData(false, ConnectionState.SynAck, PacketDirection.Input, false, PacketEvent.TcpSyn, ConnectionState.SynReceived)]
    [InlineData(false, ConnectionState.SynAck, PacketDirection.Input, false, PacketEvent.TcpRst, ConnectionState.SynReceived)]
    [InlineData(false, ConnectionState.SynAck, PacketDirection.Output, false, PacketEvent.TcpAck, ConnectionState.Established)]
    [InlineData(false, ConnectionState.SynAck, PacketDirection.Input, true, PacketEvent.TcpRst, ConnectionState.Close)]
    [InlineData(true, ConnectionState.SynReceived, PacketDirection.Input, true, PacketEvent.TcpAck, ConnectionState.Established)]
    [InlineData(true, ConnectionState.SynReceived, PacketDirection.Input, true, PacketEvent.TcpSyn, ConnectionState.SynReceived)]
    public void A_state_of_the_other_tables_is_left_as_in_these(
        bool secure, ConnectionState from, PacketDirection direction, bool noOutput, PacketEvent packet, ConnectionState to) =>
        Assert.Equal(to, TcpStates.Next(from, direction, noOutput, packet, secure));
}
