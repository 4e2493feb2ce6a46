using Director.Dataplane.Connections;
using Director.Dataplane.Tests.FullNat;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Introductions as they leave the pipeline.</summary>
public sealed class IntroducerTests
{
    private static readonly byte[] Syn = TcpSegment.Make(TcpFlags.Syn, 1000);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_proxy_header_is_a_packet_of_the_connection(bool ipv4)
    {
        FullNatBench bench = Start(ipv4, ClientAddress.ProxyProtocol, out ushort local);
        SentPacket[] sent = bench.FromClient(40001, TcpSegment.Make(TcpFlags.Ack | TcpFlags.Psh, 1001, 5001, payload: "GET /"u8));
        Assert.Equal(2, sent.Length);
        Assert.All(sent, packet => Assert.Equal(
            (1, bench.Local(0), local, bench.ServerAddress(1), FullNatBench.ServerPort, (byte)63, FullNatBench.ServerMac(1)),
            (packet.Position, packet.Source, packet.SourcePort, packet.Destination, packet.DestinationPort, packet.TimeToLive, packet.To)));
        Assert.All(sent, packet => Assert.True(packet.ChecksumIsRight));
        byte[] header = new byte[ProxyHeader.Ipv6Length];
        int length = ProxyHeader.Write(header, bench.Client, 40001, bench.Vip, 80);
        Assert.Equal(header.AsSpan(0, length), sent[0].Tcp.Payload);
        Assert.Equal((1001u - (uint)length, 1001u), (sent[0].Tcp.SequenceNumber, sent[1].Tcp.SequenceNumber));
        Assert.Equal(1ul, bench.Core.Counters.Introduced);

        bench.FromServer(1, bench.Local(0), local, TcpSegment.Make(TcpFlags.Ack, 5001, 1006));
        Assert.Single(bench.FromClient(40001, TcpSegment.Make(TcpFlags.Ack | TcpFlags.Psh, 1006, 5001, payload: "more"u8)));
    }

    [Fact]
    public void Before_the_server_has_answered_the_clients_data_is_dropped_and_counted()
    {
        FullNatBench bench = new(ipv4: true);
        bench.Apply("tcp", bench.Server(1) with { ClientAddress = ClientAddress.ProxyProtocol });
        bench.FromClient(40001, Syn);
        Assert.Empty(bench.FromClient(40001, TcpSegment.Make(TcpFlags.Ack, 1001, 5001, payload: "x"u8)));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.HandshakeIncomplete));
    }

    [Fact]
    public void A_super_frame_goes_behind_the_header_as_it_is()
    {
        FullNatBench bench = Start(ipv4: true, ClientAddress.ProxyProtocol, out _);
        byte[] offload = FullNatBench.SuperFrame(segmentSize: 1448);
        SentPacket[] sent = bench.FromClient(40001, TcpSegment.Make(TcpFlags.Ack, 1001, 5001, payload: new byte[20_000]), offload: offload);
        Assert.Equal(2, sent.Length);
        Assert.Equal(new byte[VirtioNetHeader.Length], sent[0].Offload);
        Assert.True(sent[0].ChecksumIsRight);
        Assert.Equal(offload, sent[1].Offload);
        Assert.Equal(20_020, sent[1].Payload.Length);
    }

    // To sum up again what was wrong would make it right.
    [Theory]
    [InlineData(ClientAddress.ProxyProtocol)]
    [InlineData(ClientAddress.Toa)]
    public void Of_a_segment_with_a_wrong_checksum_nothing_is_believed(ClientAddress how)
    {
        FullNatBench bench = Start(ipv4: true, how, out ushort local);
        byte[] segment = TcpSegment.Make(TcpFlags.Ack, 1001, 5001, payload: "GET /"u8);
        byte[] wire = bench.Wire(0, bench.Client, 40001, bench.Vip, 80, segment, IpProtocol.Tcp);
        wire[^1] ^= 0x40;
        SentPacket sent = Assert.Single(bench.ReceiveWire(0, wire));
        Assert.False(sent.ChecksumIsRight);
        Assert.Equal(0ul, bench.Core.Counters.Introduced);

        byte[] answer = bench.Wire(1, bench.ServerAddress(1), FullNatBench.ServerPort, bench.Local(0), local, TcpSegment.Make(TcpFlags.Ack, 5001, 1006, payload: "200"u8), IpProtocol.Tcp);
        answer[^1] ^= 0x40;
        Assert.False(Assert.Single(bench.ReceiveWire(1, answer)).ChecksumIsRight);
        Assert.NotEqual(ConnectionFlags.None, bench.Core.Connections[1].Flags & ConnectionFlags.AddressOwed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_toa_option_goes_with_the_acknowledgment_that_completes_the_handshake(bool ipv4)
    {
        FullNatBench bench = Start(ipv4, ClientAddress.Toa, out _);
        SentPacket sent = Assert.Single(bench.FromClient(40001, TcpSegment.Make(TcpFlags.Ack, 1001, 5001)));
        byte[] option = new byte[ToaOption.Ipv6Length];
        Assert.Equal(option.AsSpan(0, ToaOption.Write(option, bench.Client, 40001)), sent.Tcp.Options);
        Assert.True(sent.ChecksumIsRight);
        Assert.Equal(1001u, sent.Tcp.SequenceNumber);

        byte[] full = TcpSegment.Make(TcpFlags.Ack, 1001, 5001, options: [.. Enumerable.Repeat((byte)1, 40)]);
        Assert.Equal(60, Assert.Single(bench.FromClient(40001, full)).Tcp.DataOffset);
        Assert.Equal(1ul, bench.Core.Counters.IntroducedWithoutRoom);
    }

    [Fact]
    public void Other_protocols_of_a_marked_service_are_let_be()
    {
        FullNatBench bench = new(ipv4: true);
        bench.ApplyAt("udp 10.1.0.100:80", bench.Server(1) with { ClientAddress = ClientAddress.ProxyProtocol });
        byte[] datagram = new byte[28];
        UdpHeader.Write(datagram, 0, 0, 28);
        Assert.Equal(28, Assert.Single(bench.FromClient(40001, datagram, IpProtocol.Udp)).Payload.Length);
        Assert.Equal(ConnectionFlags.None, bench.Core.Connections[1].Flags & (ConnectionFlags.ProxyProtocol | ConnectionFlags.AddressOwed));
    }

    private static FullNatBench Start(bool ipv4, ClientAddress how, out ushort local)
    {
        FullNatBench bench = new(ipv4);
        bench.Apply("tcp", bench.Server(1) with { ClientAddress = how });
        SentPacket syn = Assert.Single(bench.FromClient(40001, Syn));
        local = syn.SourcePort;
        byte[] answer = TcpSegment.Make(TcpFlags.Syn | TcpFlags.Ack, 5000, syn.Tcp.SequenceNumber + 1);
        Assert.Equal(1001u, Assert.Single(bench.FromServer(1, bench.Local(0), local, answer)).Tcp.AcknowledgmentNumber);
        return bench;
    }
}
