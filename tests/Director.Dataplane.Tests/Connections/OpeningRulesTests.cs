using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Connections.ConnectionState;

namespace Director.Dataplane.Tests.Connections;

public sealed class OpeningRulesTests
{
    private static readonly PacketEvent[] Always = [PacketEvent.Datagram, PacketEvent.TcpSyn, PacketEvent.SctpInit];
    private static readonly PacketEvent[] Never = [PacketEvent.None, PacketEvent.TcpRst, PacketEvent.SctpAbort];

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Each_sloppy_setting_is_for_its_own_protocol(bool sloppyTcp, bool sloppySctp)
    {
        Settings settings = new() { SloppyTcp = sloppyTcp, SloppySctp = sloppySctp };
        foreach (PacketEvent packet in Enum.GetValues<PacketEvent>())
        {
            bool sloppy = packet.ToString().StartsWith("Tcp", StringComparison.Ordinal) ? sloppyTcp : sloppySctp;
            Assert.Equal(Always.Contains(packet) || (sloppy && !Never.Contains(packet)), OpeningRules.Opens(packet, settings));
        }
    }

    /// <summary>For modes 0 to 3.</summary>
    [Theory]
    [InlineData(TimeWait, false, "0111")]
    [InlineData(Close, false, "0111")]
    [InlineData(Close, true, "0111")]
    [InlineData(FinWait, false, "0000")]
    [InlineData(FinWait, true, "0011")]
    [InlineData(Established, true, "0000")]
    [InlineData(SynReceived, false, "0000")]
    [InlineData(CloseWait, false, "0000")]
    [InlineData(SctpClosed, false, "0111")]
    [InlineData(SctpClosed, true, "0111")]
    [InlineData(SctpShutdownAckSent, false, "0000")]
    [InlineData(ConnectionState.Udp, false, "0000")]
    public void A_connection_that_is_over_is_replaced(ConnectionState state, bool noOutput, string byMode)
    {
        bool sctp = state >= SctpInit1;
        using TestTable test = new(64);
        uint number = test.Create(
            1, sctp ? IpProtocol.Sctp : IpProtocol.Tcp, noOutput ? ForwardingMethod.DirectRoute : ForwardingMethod.Masquerade);
        test.Table[number].StateByte = (byte)state;
        foreach (PacketEvent packet in Enum.GetValues<PacketEvent>())
        {
            for (int mode = 0; mode <= 3; mode++)
            {
                bool expected = OpeningRules.Begins(packet) && byMode[mode] == '1';
                Assert.Equal(expected, OpeningRules.Replaces(packet, test.Table[number], new Settings { ConnReuseMode = mode }));
            }
        }
    }

    [Fact]
    public void A_connection_under_a_template_is_not()
    {
        using TestTable test = new(64);
        uint number = test.Create(1);
        test.Table[number].StateByte = (byte)TimeWait;
        Assert.True(OpeningRules.Replaces(PacketEvent.TcpSyn, test.Table[number], Settings.Default));
        test.Table[number].FlagBits |= (ushort)ConnectionFlags.Controlled;
        Assert.False(OpeningRules.Replaces(PacketEvent.TcpSyn, test.Table[number], Settings.Default));
    }
}
