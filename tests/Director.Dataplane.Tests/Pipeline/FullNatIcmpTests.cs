using System.Buffers.Binary;
using Director.Dataplane.Tests.FullNat;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>ICMP errors about packets of full NAT connections, in both directions and both families.</summary>
public sealed class FullNatIcmpTests
{
    private static readonly byte[] Syn = TcpSegment.Make(TcpFlags.Syn, 1000);

    public static TheoryData<bool, int> Quotes => new() { { true, 8 }, { true, 20 }, { false, 8 }, { false, 20 } };

    [Theory]
    [MemberData(nameof(Quotes))]
    public void About_what_we_sent_to_the_server_reaches_the_client_in_its_own_words(bool ipv4, int quoted)
    {
        FullNatBench bench = Start(ipv4);
        SentPacket there = Assert.Single(bench.FromClient(40001, Syn));
        IpAddress router = bench.ServerAddress(3);
        SentPacket error = Assert.Single(Send(bench, 1, router, bench.Local(0), Quote(there.Ip.Packet, ipv4, quoted)));
        Assert.Equal((0, bench.Vip, bench.Client), (error.Position, error.Source, error.Destination));
        Assert.True(error.ChecksumIsRight);
        AssertQuote(error, ipv4, quoted, bench.Client, 40001, bench.Vip, 80, sequence: 1000);
        Assert.Equal(1ul, bench.Core.Counters.Related);
    }

    [Theory]
    [MemberData(nameof(Quotes))]
    public void About_what_we_sent_to_the_client_reaches_the_server_in_its_own_words(bool ipv4, int quoted)
    {
        FullNatBench bench = Start(ipv4);
        SentPacket there = Assert.Single(bench.FromClient(40001, Syn));
        byte[] answer = TcpSegment.Make(TcpFlags.Syn | TcpFlags.Ack, 5000, 1001);
        SentPacket back = Assert.Single(bench.FromServer(1, bench.Local(0), there.SourcePort, answer));
        SentPacket error = Assert.Single(Send(bench, 0, bench.Client, bench.Vip, Quote(back.Ip.Packet, ipv4, quoted)));
        Assert.Equal((1, bench.Local(0), bench.ServerAddress(1)), (error.Position, error.Source, error.Destination));
        Assert.True(error.ChecksumIsRight);
        AssertQuote(error, ipv4, quoted, bench.ServerAddress(1), FullNatBench.ServerPort, bench.Local(0), there.SourcePort, sequence: 5000);
    }

    // Linux believes no error about a number that it has not sent.
    [Theory]
    [MemberData(nameof(Quotes))]
    public void The_client_recognises_its_syn_although_it_went_on_lower(bool ipv4, int quoted)
    {
        FullNatBench bench = Start(ipv4, ClientAddress.ProxyProtocol);
        SentPacket there = Assert.Single(bench.FromClient(40001, Syn));
        Assert.NotEqual(1000u, there.Tcp.SequenceNumber);
        SentPacket error = Assert.Single(Send(bench, 1, bench.ServerAddress(3), bench.Local(0), Quote(there.Ip.Packet, ipv4, quoted)));
        AssertQuote(error, ipv4, quoted, bench.Client, 40001, bench.Vip, 80, sequence: 1000);
    }

    private static FullNatBench Start(bool ipv4, ClientAddress how = ClientAddress.None)
    {
        FullNatBench bench = new(ipv4);
        bench.Apply("tcp", bench.Server(1) with { ClientAddress = how });
        return bench;
    }

    private static byte[] Quote(ReadOnlySpan<byte> packet, bool ipv4, int transportBytes) => packet[..((ipv4 ? 20 : 40) + transportBytes)].ToArray();

    private static SentPacket[] Send(FullNatBench bench, int position, IpAddress source, IpAddress destination, byte[] quote)
    {
        byte[] message = [.. new byte[8], .. quote];
        bool ipv4 = source.IsIpv4;
        // Host unreachable, address unreachable.
        IcmpHeader.Write(message, ipv4 ? (byte)3 : (byte)1, ipv4 ? (byte)1 : (byte)3);
        byte protocol = ipv4 ? IpProtocol.Icmp : IpProtocol.Icmpv6;
        uint pseudo = ipv4 ? 0 : Checksum.PseudoHeader(source, destination, protocol, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), 0);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum.Compute(message, pseudo));
        return bench.ReceiveIp(position, source, destination, protocol, message);
    }

    private static void AssertQuote(
        SentPacket error, bool ipv4, int quoted, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort, uint sequence)
    {
        Assert.True(IpHeader.TryParseQuote(ipv4, error.Ip.Payload[8..], out IpHeader ip, out _));
        Assert.Equal((source, destination), (ip.Source, ip.Destination));
        Assert.Equal((sourcePort, destinationPort), (BinaryPrimitives.ReadUInt16BigEndian(ip.Payload), BinaryPrimitives.ReadUInt16BigEndian(ip.Payload[2..])));
        Assert.Equal(sequence, BinaryPrimitives.ReadUInt32BigEndian(ip.Payload[4..]));
        // The whole header is the whole segment here, so its checksum can be checked.
        if (quoted == 20)
            Assert.Equal(0, Checksum.Compute(ip.Payload, Checksum.PseudoHeader(ip.Source, ip.Destination, IpProtocol.Tcp, 20)));
        if (ipv4)
            Assert.Equal(0, Checksum.Compute(ip.V4.Header));
    }
}
