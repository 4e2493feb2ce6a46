using System.Buffers.Binary;
using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.FullNat;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tests.FullNat;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>A client's way through full NAT and back, in both families.</summary>
public sealed class FullNatTests
{
    private static readonly byte[] Syn = TcpSegment.Make(TcpFlags.Syn, 1000);
    private static readonly byte[] SynAck = TcpSegment.Make(TcpFlags.Syn | TcpFlags.Ack, 5000, 1001);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_client_reaches_the_server_as_the_local_address_and_the_answer_comes_from_the_vip(bool ipv4)
    {
        FullNatBench bench = Started(ipv4);
        SentPacket there = Assert.Single(bench.FromClient(40001, Syn));
        Assert.Equal((1, FullNatBench.ServerMac(1)), (there.Position, there.To));
        Assert.Equal((bench.Local(0), bench.ServerAddress(1), FullNatBench.ServerPort), (there.Source, there.Destination, there.DestinationPort));
        Assert.InRange(there.SourcePort, (ushort)1024, ushort.MaxValue);
        Assert.True(there.ChecksumIsRight);
        Assert.Equal(63, there.TimeToLive);

        SentPacket back = Assert.Single(bench.FromServer(1, bench.Local(0), there.SourcePort, SynAck));
        Assert.Equal((0, FullNatBench.ClientMac), (back.Position, back.To));
        Assert.Equal((bench.Vip, (ushort)80, bench.Client, (ushort)40001), (back.Source, back.SourcePort, back.Destination, back.DestinationPort));
        Assert.True(back.ChecksumIsRight);
        Assert.Equal(63, back.TimeToLive);
        Assert.Equal(there.SourcePort, Assert.Single(bench.FromClient(40001, TcpSegment.Make(TcpFlags.Ack, 1001, 5001))).SourcePort);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_client_in_the_servers_subnet_is_answered_through_the_director(bool ipv4)
    {
        FullNatBench bench = Started(ipv4);
        SentPacket there = Assert.Single(bench.Receive(1, bench.ClientAmongServers, 40001, bench.Vip, 80, Syn, IpProtocol.Tcp));
        Assert.Equal((1, bench.Local(0), bench.ServerAddress(1)), (there.Position, there.Source, there.Destination));
        SentPacket back = Assert.Single(bench.FromServer(1, bench.Local(0), there.SourcePort, SynAck));
        Assert.Equal((1, bench.Vip, bench.ClientAmongServers), (back.Position, back.Source, back.Destination));
        Assert.Equal(FullNatBench.ServerMac(40), back.To);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Datagrams_too(bool ipv4)
    {
        FullNatBench bench = new(ipv4);
        bench.Apply("udp", bench.Server(1));
        byte[] datagram = new byte[12];
        UdpHeader.Write(datagram, 0, 0, 12);
        SentPacket there = Assert.Single(bench.FromClient(40001, datagram, IpProtocol.Udp));
        Assert.Equal((bench.Local(0), bench.ServerAddress(1)), (there.Source, there.Destination));
        Assert.True(there.ChecksumIsRight);
        SentPacket back = Assert.Single(bench.FromServer(1, bench.Local(0), there.SourcePort, datagram, IpProtocol.Udp));
        Assert.Equal((bench.Vip, bench.Client), (back.Source, back.Destination));
        Assert.True(back.ChecksumIsRight);
    }

    // Without a connection nobody would know whose the answer is.
    [Fact]
    public void One_packet_scheduling_keeps_connections_here()
    {
        FullNatBench bench = new(ipv4: true);
        bench.Apply(Bench.Service("udp 10.1.0.100:80", "rr", bench.Server(1), bench.Server(2)) with { Flags = ServiceFlags.OnePacket });
        byte[] datagram = new byte[12];
        UdpHeader.Write(datagram, 0, 0, 12);
        SentPacket there = Assert.Single(bench.FromClient(40001, datagram, IpProtocol.Udp));
        Assert.Equal(1u, bench.Core.Connections.Count);
        Assert.Equal(bench.Client, Assert.Single(bench.FromServer(2, bench.Local(0), there.SourcePort, datagram, IpProtocol.Udp)).Destination);
    }

    [Fact]
    public void What_the_server_sends_elsewhere_on_a_local_address_is_answered_with_a_reset()
    {
        FullNatBench bench = Started(ipv4: true);
        ushort local = Assert.Single(bench.FromClient(40001, Syn)).SourcePort;
        SentPacket reset = Assert.Single(bench.FromServer(1, bench.Local(0), (ushort)(local ^ 1), SynAck));
        Assert.Equal((bench.ServerAddress(1), TcpFlags.Rst), (reset.Destination, reset.Tcp.Flags));
        Assert.Equal(bench.ServerAddress(2), Assert.Single(bench.FromServer(2, bench.Local(0), local, SynAck)).Destination);
    }

    [Fact]
    public void Counts_as_masquerading_does()
    {
        FullNatBench bench = Started(ipv4: true);
        ushort local = Assert.Single(bench.FromClient(40001, Syn)).SourcePort;
        bench.FromServer(1, bench.Local(0), local, SynAck);
        bench.FromClient(40001, TcpSegment.Make(TcpFlags.Ack, 1001, 5001, payload: "GET /"u8));
        ServiceStatistics service = Assert.Single(bench.Core.Statistics().Services);
        Assert.Equal(new Statistics(Connections: 1, InPackets: 2, OutPackets: 1, InBytes: 85, OutBytes: 40), service.Statistics);
        Assert.Equal(1u, Assert.Single(service.Servers).ActiveConnections);
    }

    [Fact]
    public void Super_frames_with_partial_checksums_pass_whole()
    {
        FullNatBench bench = Started(ipv4: true);
        bench.FromClient(40001, Syn);
        byte[] offload = FullNatBench.SuperFrame(segmentSize: 1448);
        byte[] large = TcpSegment.Make(TcpFlags.Ack, 1001, 5001, payload: new byte[50_000]);
        SentPacket sent = Assert.Single(bench.FromClient(40001, large, offload: offload));
        Assert.Equal(offload, sent.Offload);
        Assert.Equal(50_020, sent.Payload.Length);
        uint pseudo = Checksum.PseudoHeader(bench.Local(0), bench.ServerAddress(1), IpProtocol.Tcp, sent.Payload.Length);
        Assert.Equal((ushort)~Checksum.Compute([], pseudo), sent.Tcp.Checksum);
    }

    [Fact]
    public void Without_a_port_left_the_client_is_told_and_nothing_of_it_stays()
    {
        FullNatBench bench = new(ipv4: true, locals: 0);
        bench.Apply("tcp", bench.Server(1));
        SentPacket answer = Assert.Single(bench.FromClient(40001, Syn));
        Assert.Equal((bench.Client, 3, 3), (answer.Destination, answer.Payload[0], answer.Payload[1]));
        Assert.Equal(1ul, bench.Core.Counters.Dropped(DropReason.LocalPortsExhausted));
        Assert.Equal(0u, bench.Core.Connections.Count);
        Assert.Equal(new LocalPortsUsage(0, 0, 1, 0), bench.Core.LocalPorts.Usage());
        Assert.Contains("local-addresses", Assert.Single(bench.Core.LocalPorts.Warnings()), StringComparison.Ordinal);

        bench.Configure(locals: 1);
        Assert.Equal(bench.Local(0), Assert.Single(bench.FromClient(40001, Syn)).Source);
        Assert.Empty(bench.Core.LocalPorts.Warnings());
    }

    [Fact]
    public void A_port_goes_back_with_its_connection()
    {
        FullNatBench bench = Started(ipv4: true);
        ushort first = Assert.Single(bench.FromClient(40001, Syn)).SourcePort;
        Assert.Equal(1ul, bench.Core.LocalPorts.Usage().InUse);
        bench.Tick(61_000);
        Assert.Equal(0u, bench.Core.Connections.Count);
        Assert.Equal(0ul, bench.Core.LocalPorts.Usage().InUse);
        Assert.NotEqual(first, Assert.Single(bench.FromClient(40001, Syn)).SourcePort);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connections_go_on_after_a_restart_and_keep_their_ports(bool ipv4)
    {
        FullNatBench before = Started(ipv4, ClientAddress.ProxyProtocol, locals: 2);
        SentPacket[] there = [.. Enumerable.Range(40001, 20).Select(port => Assert.Single(before.FromClient((ushort)port, Syn)))];
        before.FromServer(1, there[0].Source, there[0].SourcePort, TcpSegment.Make(TcpFlags.Syn | TcpFlags.Ack, 5000, Expected(ipv4)));

        FullNatBench after = new(ipv4, locals: 2, memory: ConnectionMemory.Attach(before.Memory.Memory));
        after.Apply("tcp", after.Server(1) with { ClientAddress = ClientAddress.ProxyProtocol });
        Assert.Equal(20ul, after.Core.LocalPorts.Usage().InUse);
        // In the middle of its handshake the first one still knows where the header belongs.
        SentPacket own = Assert.Single(after.FromClient(40001, TcpSegment.Make(TcpFlags.Ack, 1001, 5001)));
        Assert.Equal((there[0].Source, there[0].SourcePort, Expected(ipv4)), (own.Source, own.SourcePort, own.Tcp.SequenceNumber));
        Assert.Equal(0x0D, own.Tcp.Payload[0]);
        SentPacket back = Assert.Single(after.FromServer(1, there[1].Source, there[1].SourcePort, TcpSegment.Make(TcpFlags.Rst | TcpFlags.Ack, 0, Expected(ipv4))));
        Assert.Equal((after.Client, (ushort)40002, 1001u), (back.Destination, back.DestinationPort, back.Tcp.AcknowledgmentNumber));

        HashSet<(IpAddress, ushort)> taken = [.. there.Select(packet => (packet.Source, packet.SourcePort))];
        for (ushort port = 50_001; port < 50_021; port++)
        {
            SentPacket fresh = Assert.Single(after.FromClient(port, Syn));
            Assert.True(taken.Add((fresh.Source, fresh.SourcePort)));
        }
    }

    [Fact]
    public void Other_addresses_for_new_connections_leave_the_old_ones_their_ports()
    {
        FullNatBench bench = Started(ipv4: true);
        SentPacket old = Assert.Single(bench.FromClient(40001, Syn));
        bench.Configure(locals: 2);
        Assert.Equal(1ul, bench.Core.LocalPorts.Usage().InUse);
        Assert.Equal(old.SourcePort, Assert.Single(bench.FromClient(40001, Syn)).SourcePort);
        Assert.Equal([bench.Local(0), bench.Local(1)], Enumerable.Range(1, 2).Select(i => Assert.Single(bench.FromClient((ushort)i, Syn)).Source).Order());
    }

    // Two services may have the same server, by one port or by all: their connections never get the same ends.
    [Fact]
    public void Services_with_the_same_server_never_share_a_port()
    {
        FullNatBench bench = new(ipv4: true);
        bench.Apply(
            Bench.Service("tcp 10.1.0.100:80", "rr", bench.Server(1)),
            Bench.Service("tcp 10.1.0.100:8080", "rr", bench.Server(1)),
            Bench.Service("tcp 10.1.0.101:8080", "rr", bench.Server(1) with { Port = 0 }));
        HashSet<ushort> ports = [];
        for (ushort client = 1; client <= 200; client++)
        {
            foreach ((string vip, ushort port) in new[] { ("10.1.0.100", (ushort)80), ("10.1.0.100", (ushort)8080), ("10.1.0.101", (ushort)8080) })
            {
                SentPacket sent = Assert.Single(bench.Receive(0, bench.Client, client, IpAddress.Of(IPAddress.Parse(vip)), port, Syn, IpProtocol.Tcp));
                Assert.Equal(FullNatBench.ServerPort, sent.DestinationPort);
                Assert.True(ports.Add(sent.SourcePort));
            }
        }
    }

    [Fact]
    public void A_server_that_is_edited_to_full_nat_and_back_keeps_each_connection_as_it_began()
    {
        FullNatBench bench = Started(ipv4: true);
        SentPacket full = Assert.Single(bench.FromClient(1, Syn));
        bench.Apply("tcp", bench.Server(1) with { Forwarding = ForwardingMethod.Masquerade });
        Assert.Equal(bench.Client, Assert.Single(bench.FromClient(2, Syn)).Source);
        Assert.Equal(full.SourcePort, Assert.Single(bench.FromClient(1, Syn)).SourcePort);
        bench.Apply("tcp", bench.Server(1));
        Assert.Equal(bench.Local(0), Assert.Single(bench.FromClient(3, Syn)).Source);
        Assert.Equal(bench.Client, Assert.Single(bench.FromClient(2, Syn)).Source);
        bench.Apply("tcp");
        bench.Tick(61_000);
        Assert.Equal(new LocalPortsUsage(0, 0, 0, 0), bench.Core.LocalPorts.Usage());
    }

    [Fact]
    public void A_new_connection_allocates_nothing()
    {
        FullNatBench bench = Started(ipv4: true, ClientAddress.ProxyProtocol);
        Discard discard = new();
        bench.SendTo(discard);
        byte[] wire = bench.Wire(0, bench.Client, 1, bench.Vip, 80, Syn, IpProtocol.Tcp);
        byte[] original = [.. wire];
        ushort port = 0;
        void Round()
        {
            port++;
            original.CopyTo(wire, 0);
            BinaryPrimitives.WriteUInt16BigEndian(wire.AsSpan(VirtioNetHeader.Length + 34), port);
            // The sum of both changes is what it was: the sequence number makes up for the port.
            BinaryPrimitives.WriteUInt16BigEndian(wire.AsSpan(VirtioNetHeader.Length + 40), (ushort)(1001 - port));
            bench.Core.Process(new Frame(wire, bench.Interfaces[0]));
        }
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 150; i++)
                Round();
        }));
        Assert.Equal(port, discard.Frames);
    }

    private static uint Expected(bool ipv4) => 1001u - (uint)(ipv4 ? ProxyHeader.Ipv4Length : ProxyHeader.Ipv6Length);

    private static FullNatBench Started(bool ipv4, ClientAddress how = ClientAddress.None, int locals = 1)
    {
        FullNatBench bench = new(ipv4, locals);
        bench.Apply("tcp", bench.Server(1) with { ClientAddress = how });
        return bench;
    }
}
