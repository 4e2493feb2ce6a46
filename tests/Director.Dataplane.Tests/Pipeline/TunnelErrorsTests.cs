using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Pipeline.TunnelBench;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// What routers and servers on the way of a tunnel complain about, told to the client. (That a real server has no tunnel's end is recorded:
/// tcp_syn_GUE and others.)
/// </summary>
public sealed class TunnelErrorsTests
{
    private static readonly uint RouterAddress = Bench.Ip("10.2.0.99");

    /// <summary>How a quoted packet may be changed so that it is not what we sent: the offset of a byte in the outer packet.</summary>
    public static TheoryData<TunnelType, int, string> Foreign => new()
    {
        { TunnelType.IpIp, 19, "another server" },
        { TunnelType.IpIp, 15, "another director" },
        { TunnelType.IpIp, 20 + 15, "another client" },
        { TunnelType.IpIp, 20 + 21, "another port of the client" },
        { TunnelType.IpIp, 20 + 9, "another protocol" },
        { TunnelType.IpIp, 20, "no IPv4 within" },
        { TunnelType.Gre, 9, "another kind of tunnel" },
        { TunnelType.Gre, 20, "a GRE header with fields that we do not use" },
        { TunnelType.Gre, 22, "no IPv4 in GRE" },
        { TunnelType.Gue, 23, "another GUE port" },
        { TunnelType.Gue, 28, "another variant of GUE" },
        { TunnelType.Gue, 29, "no IPv4 in GUE" },
    };

    [Theory]
    [InlineData(TunnelType.IpIp, TunnelFlags.None, 1380)]
    [InlineData(TunnelType.Gre, TunnelFlags.None, 1376)]
    [InlineData(TunnelType.Gre, TunnelFlags.Checksum, 1372)]
    [InlineData(TunnelType.Gue, TunnelFlags.None, 1368)]
    public void Too_big_for_a_link_of_the_tunnel_is_told_with_what_is_left_for_the_client(TunnelType type, TunnelFlags flags, int expected)
    {
        Bench bench = Start(type, flags);
        Sent wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 1400)));
        byte[] error = Error(bench, wrapped.Ip.Packet, IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded, mtu: 1400);
        Sent sent = Assert.Single(bench.Receive(Bench.ServerSide, error));

        Assert.Equal((Bench.Client, Bench.ClientMac), (sent.Position, sent.EthernetHeader.Destination));
        Assert.Equal((Bench.Vip, Bench.ClientAddress, 64, 0xC0), (sent.Ip.Source, sent.Ip.Destination, sent.Ip.TimeToLive, sent.Ip.TypeOfService));
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader told, out _) && told.ChecksumIsValid());
        Assert.Equal((IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded, expected), (told.Type, told.Code, told.Mtu));
        Assert.Equal(wrapped.Ip.Packet[^1428..][..548], told.Quote);
        Assert.Equal(1ul, bench.Core.Counters.Related);
        // The service carried the client's packet and nothing else.
        Assert.Equal(1ul, bench.Core.Statistics().Services[1].Statistics.InPackets);
        Assert.Equal(0ul, bench.Core.Statistics().Services[1].Statistics.OutPackets);
    }

    [Theory]
    [InlineData(0, 1480)] // a router that does not say (RFC 791)
    [InlineData(9000, 1480)] // more than we can send
    [InlineData(60, 68)]
    public void A_strange_mtu_is_brought_into_bounds(ushort mtu, int expected)
    {
        Bench bench = Start();
        Sent wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 1400)));
        byte[] error = Error(bench, wrapped.Ip.Packet, IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded, mtu);
        Sent sent = Assert.Single(bench.Receive(Bench.ServerSide, error));
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader told, out _));
        Assert.Equal(expected, told.Mtu);
    }

    [Theory]
    [InlineData(IcmpHeader.DestinationUnreachable, IcmpHeader.HostUnreachable, true)]
    [InlineData(IcmpHeader.DestinationUnreachable, IcmpHeader.ProtocolUnreachable, true)]
    [InlineData(IcmpHeader.TimeExceeded, 0, true)]
    [InlineData(IcmpHeader.Redirect, 1, false)] // between the router and us
    [InlineData(IcmpHeader.ParameterProblem, 0, false)] // points into a header that the client did not write
    public void Other_errors_keep_their_type_and_code(byte type, byte code, bool isTold)
    {
        Bench bench = Start();
        Sent wrapped = Assert.Single(bench.Receive(Bench.Client, Tcp(bench, TcpFlags.Syn)));
        Sent[] sent = bench.Receive(Bench.ServerSide, Error(bench, wrapped.Ip.Packet, type, code));
        if (!isTold)
        {
            Assert.Empty(sent);
            return;
        }
        Assert.True(IcmpHeader.TryParse(Assert.Single(sent).Ip.Payload, out IcmpHeader told, out _));
        Assert.Equal((type, code, 0, 40), (told.Type, told.Code, told.Mtu, told.Quote.Length));
    }

    [Fact]
    public void Who_may_be_fragmented_is_not_told_that_it_had_to()
    {
        Bench bench = Start();
        Sent wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 1400, dontFragment: false)));
        byte[] error = Error(bench, wrapped.Ip.Packet, IcmpHeader.DestinationUnreachable, IcmpHeader.FragmentationNeeded, mtu: 1400);
        Assert.Empty(bench.Receive(Bench.ServerSide, error));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.TooBig));
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public void What_we_did_not_send_is_not_told(TunnelType type, int at, string what)
    {
        Bench bench = Start(type);
        byte[] wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 100))).Ip.Packet.ToArray();
        byte[] changed = [.. wrapped];
        changed[at] ^= 0x20;
        Assert.True(bench.Receive(Bench.ServerSide, Error(bench, changed, IcmpHeader.TimeExceeded, 0)).Length == 0, what);
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.NoService));
        Assert.Single(bench.Receive(Bench.ServerSide, Error(bench, wrapped, IcmpHeader.TimeExceeded, 0)));
    }

    [Fact]
    public void A_damaged_error_is_dropped()
    {
        Bench bench = Start();
        Sent wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 100)));
        byte[] error = Error(bench, wrapped.Ip.Packet, IcmpHeader.TimeExceeded, 0);
        error[^1] ^= 1;
        Assert.Empty(bench.Receive(Bench.ServerSide, error));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.IcmpChecksumInvalid));
    }

    [Theory]
    [InlineData(TunnelType.IpIp, 20)]
    [InlineData(TunnelType.Gre, 24)]
    [InlineData(TunnelType.Gue, 32)]
    public void A_quote_is_enough_if_it_reaches_the_clients_ports(TunnelType type, int overhead)
    {
        Bench bench = Start(type);
        byte[] wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 40))).Ip.Packet.ToArray();
        for (int length = 0; length <= wrapped.Length; length++)
        {
            bench.Now += 1000;
            Sent[] sent = bench.Receive(Bench.ServerSide, Error(bench, wrapped.AsSpan(0, length), IcmpHeader.TimeExceeded, 0));
            Assert.Equal(length >= overhead + 28 ? 1 : 0, sent.Length);
            if (sent.Length != 0)
                Assert.Equal(wrapped[overhead..length], sent[0].Ip.Payload[IcmpHeader.HeaderLength..].ToArray());
        }
    }

    [Fact]
    public void They_are_as_rare_as_other_errors()
    {
        Bench bench = Start();
        Sent wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 100)));
        byte[] error = Error(bench, wrapped.Ip.Packet, IcmpHeader.TimeExceeded, 0);
        int told = Enumerable.Range(0, 1000).Sum(_ => bench.Receive(Bench.ServerSide, [.. error]).Length);
        Assert.InRange(told, 1, 200);
        Assert.Equal(1000ul - (uint)told, bench.Core.Counters.Dropped(DropReason.AnswerRateLimited));
    }

    [Fact] // without a floating address there, the tunnel begins at the host's, and its errors come to the host's MAC
    public void Errors_that_come_to_the_host_are_heard_too()
    {
        Bench bench = Start(gateway: false);
        uint host = Bench.Ip("10.2.0.1");
        Sent wrapped = Assert.Single(bench.Receive(Bench.Client, Udp(bench, 100)));
        Assert.Equal(host, wrapped.Ip.Source);
        byte[] error = Frames.Icmp(
            Bench.ServerSideMac, Bench.ServerMac(1), Bench.ServerAddress(1), host, IcmpHeader.TimeExceeded, 0, wrapped.Ip.Packet);
        Assert.Single(bench.Receive(Bench.ServerSide, error));

        byte[] other = Frames.Icmp(
            Bench.ServerSideMac, Bench.ServerMac(1), Bench.ServerAddress(1), host, IcmpHeader.Echo, 0, wrapped.Ip.Packet);
        Assert.Empty(bench.Receive(Bench.ServerSide, other));
        Assert.Equal((1ul, 1ul), (bench.Core.Counters.Related, bench.Core.Counters.NotOurs));
    }

    private static byte[] Error(Bench bench, ReadOnlySpan<byte> about, byte type, byte code, ushort mtu = 0)
    {
        ReadOnlySpan<byte> quote = about[..Math.Min(about.Length, 548 + 32)];
        byte[] frame = Frames.Icmp(
            bench.Interfaces[Bench.ServerSide].AnswerMac, Bench.ServerMac(1), RouterAddress, Bench.Gateway, type, code, quote);
        _ = IcmpHeader.TryParse(frame.AsSpan(34), out IcmpHeader message, out _);
        message.Mtu = mtu;
        message.RecomputeChecksum();
        return frame;
    }
}
