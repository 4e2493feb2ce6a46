using Director.Dataplane.Connections;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Connections.ConnectionState;

namespace Director.Dataplane.Tests.Connections;

public sealed class SctpStatesTests
{
    /// <summary>Chunk types in the packet.</summary>
    public static TheoryData<byte[], PacketEvent> Bundles => new()
    {
        { [SctpChunkType.Init], PacketEvent.SctpInit },
        { [SctpChunkType.CookieEcho, SctpChunkType.Data], PacketEvent.SctpCookieEcho },
        { [SctpChunkType.CookieEcho, SctpChunkType.Abort], PacketEvent.SctpAbort },
        { [SctpChunkType.CookieAck, SctpChunkType.Abort], PacketEvent.SctpAbort },
        { [SctpChunkType.CookieAck, SctpChunkType.Sack, SctpChunkType.Abort], PacketEvent.SctpCookieAck },
        { [SctpChunkType.Sack, SctpChunkType.Abort], PacketEvent.SctpData },
        { [SctpChunkType.Sack, SctpChunkType.Shutdown], PacketEvent.SctpData },
        { [SctpChunkType.Shutdown, SctpChunkType.Abort], PacketEvent.SctpShutdown },
        { [SctpChunkType.HeartbeatAck], PacketEvent.SctpData },
        { [12], PacketEvent.SctpData },
        { [13], PacketEvent.SctpData },
        { [0xC1], PacketEvent.SctpData },
    };

    [Theory]
    [MemberData(nameof(Bundles))]
    public void The_first_chunk_counts_but_for_an_abort_behind_a_cookies(byte[] types, PacketEvent expected)
    {
        byte[][] chunks = [.. types.Select(type => SctpPackets.Chunk(type, 5))];
        Assert.True(SctpHeader.TryParse(SctpPackets.Of(1, 2, chunks), out SctpHeader packet, out _));
        Assert.Equal(expected, SctpStates.EventOf(packet));
    }

    // What sloppy_sctp lets in first.
    [Theory]
    [InlineData(PacketEvent.SctpData, SctpEstablished, SctpEstablished)]
    [InlineData(PacketEvent.SctpInit, SctpInit1, SctpInit1)]
    [InlineData(PacketEvent.SctpInitAck, SctpCookieWait, SctpCookieEchoed)]
    [InlineData(PacketEvent.SctpCookieEcho, SctpCookieReplied, SctpEstablished)]
    [InlineData(PacketEvent.SctpCookieAck, SctpEstablished, SctpEstablished)]
    [InlineData(PacketEvent.SctpShutdown, SctpShutdownReceived, SctpShutdownReceived)]
    [InlineData(PacketEvent.SctpShutdownAck, SctpClosed, SctpClosed)]
    [InlineData(PacketEvent.SctpShutdownComplete, SctpClosed, SctpClosed)]
    [InlineData(PacketEvent.SctpError, SctpClosed, SctpClosed)]
    public void A_connection_may_begin_with_whatever_came_first(PacketEvent packet, ConnectionState seesReplies, ConnectionState doesNot)
    {
        Assert.Equal(seesReplies, SctpStates.Next(None, PacketDirection.Input, noOutput: false, packet));
        Assert.Equal(doesNot, SctpStates.Next(None, PacketDirection.Input, noOutput: true, packet));
    }

    [Fact]
    public void Every_state_has_a_successor_for_every_packet_and_only_sctps_packets_move_it()
    {
        for (ConnectionState state = SctpInit1; state <= SctpClosed; state++)
        {
            foreach (PacketEvent packet in Enum.GetValues<PacketEvent>())
            {
                foreach (bool noOutput in new[] { false, true })
                {
                    foreach (PacketDirection direction in Enum.GetValues<PacketDirection>())
                    {
                        ConnectionState next = SctpStates.Next(state, direction, noOutput, packet);
                        Assert.InRange(next, SctpInit1, SctpClosed);
                        Assert.True(next == state || packet > PacketEvent.SctpData);
                    }
                }
            }
        }
    }

    [Fact]
    public void Only_established_counts_as_active_and_set_does_not_change_its_timeout()
    {
        for (ConnectionState state = SctpInit1; state <= SctpClosed; state++)
        {
            Assert.Equal(state == SctpEstablished, ConnectionStates.IsActive(state));
            Assert.Equal(StateTimeouts.Seconds(state, new Timeouts()), StateTimeouts.Seconds(state, new Timeouts(1, 2, 3)));
        }
        Assert.Equal(900u, StateTimeouts.Seconds(SctpEstablished, new Timeouts(1, 2, 3)));
    }

    /// <summary>A server's packet ends the time in which the client's alone have to tell.</summary>
    [Fact]
    public void A_reply_that_comes_through_after_all_brings_the_other_rules()
    {
        using TestTable test = new(64);
        uint number = test.Create(1, IpProtocol.Sctp, ForwardingMethod.DirectRoute);
        test.Table.Advance(number, PacketEvent.SctpInit, PacketDirection.Input, test.Now);
        test.Table.Advance(number, PacketEvent.SctpInitAck, PacketDirection.Output, test.Now);
        test.Table.Advance(number, PacketEvent.SctpCookieEcho, PacketDirection.Input, test.Now);
        Assert.Equal(SctpCookieReplied, test.Table[number].State);
    }
}
