using System.Buffers.Binary;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class Ipv6HeaderTests
{
    private static readonly byte[] Udp = [0x82, 0x8A, 0x00, 0x35, 0x00, 0x0D, 0x7C, 0xF9, 0, 1, 2, 3, 4];

    // A datagram of 5 bytes as Linux sent it, read byte by byte.
    private static readonly byte[] Datagram =
    [
        0x60, 0x0F, 0xD6, 0x72, 0x00, 0x0D, 0x11, 0x40,
        0xFD, 0x00, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02,
        0xFD, 0x00, 0x00, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11,
        .. Udp,
    ];

    [Fact]
    public void Reads_every_field()
    {
        byte[] packet = [.. Datagram];
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x6B8F_D672);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal(0xB8, header.TrafficClass);
        Assert.Equal(0xFD672u, header.FlowLabel);
        Assert.Equal(53, header.TotalLength);
        Assert.Equal(40, header.HeaderLength);
        Assert.Equal((IpProtocol.Udp, IpProtocol.Udp), (header.NextHeader, header.Protocol));
        Assert.Equal(64, header.TimeToLive);
        Assert.Equal(Address("fd00:1::2"), header.Source);
        Assert.Equal(Address("fd00:2::11"), header.Destination);
        Assert.Equal(packet[..40], header.Header.ToArray());
        Assert.Equal(Udp, header.Payload.ToArray());
        Assert.Equal(packet, header.Packet.ToArray());
        Assert.False(header.HasFragmentHeader || header.IsFragment || header.MoreFragments || header.IsSourceRouted);
        Assert.Equal((0, 0u), (header.FragmentOffset, header.Identification));
    }

    [Fact]
    public void Ethernet_padding_is_no_payload()
    {
        byte[] padded = [.. Packet(IpProtocol.NoNextHeader, []), 0xA5, 0xA5, 0xA5];
        Assert.True(Ipv6Header.TryParse(padded, out Ipv6Header header, out _));
        Assert.True(header.Payload.IsEmpty);
        Assert.Equal((40, 40), (header.TotalLength, header.Packet.Length));
    }

    [Fact]
    public void The_longest_is_65575_bytes()
    {
        byte[] packet = Packet(IpProtocol.Udp, new byte[65535]);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header header, out _));
        Assert.Equal((65575, 65535), (header.TotalLength, header.Payload.Length));
        Assert.False(Ipv6Header.TryParse(packet.AsSpan(0, 65574), out _, out DropReason reason));
        Assert.Equal(DropReason.Ipv6PayloadLengthInvalid, reason);
    }

    public static TheoryData<string, byte[], DropReason> Malformed => new()
    {
        { "empty", [], DropReason.Ipv6Truncated },
        { "one byte short", Datagram[..39], DropReason.Ipv6Truncated },
        { "version 4", Packet(17, Udp, firstWord: 0x4500_0000), DropReason.Ipv6VersionInvalid },
        { "version 0", Packet(17, Udp, firstWord: 0), DropReason.Ipv6VersionInvalid },
        { "version 7", Packet(17, Udp, firstWord: 0x7000_0000), DropReason.Ipv6VersionInvalid },
        { "payload length beyond the buffer", Packet(17, Udp, lengthField: 14), DropReason.Ipv6PayloadLengthInvalid },
        {
            "jumbogram", Packet(0, [17, 0, 0xC2, 4, 0, 1, 0, 0, .. Udp], lengthField: 0),
            DropReason.Ipv6PayloadLengthInvalid
        },
        { "mapped source", Packet(17, Udp, source: "::ffff:10.1.0.2"), DropReason.Ipv6AddressInvalid },
        { "mapped destination", Packet(17, Udp, destination: "::ffff:10.1.0.100"), DropReason.Ipv6AddressInvalid },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_packets_are_refused_with_the_reason(string name, byte[] packet, DropReason expected)
    {
        Assert.False(Ipv6Header.TryParse(packet, out _, out DropReason reason), name);
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < Datagram.Length; length++)
        {
            Assert.False(Ipv6Header.TryParse(Datagram.AsSpan(0, length).ToArray(), out _, out DropReason reason));
            Assert.Equal(length < 40 ? DropReason.Ipv6Truncated : DropReason.Ipv6PayloadLengthInvalid, reason);
        }
    }

    [Fact]
    public void Writes_the_header_that_linux_wrote()
    {
        byte[] buffer = new byte[42];
        buffer.AsSpan().Fill(0xA5);
        Ipv6Header.Write(buffer, totalLength: 53, IpProtocol.Udp, Address("fd00:1::2"), Address("fd00:2::11"), flowLabel: 0xFD672);
        Assert.Equal([.. Datagram[..40], 0xA5, 0xA5], buffer);

        Ipv6Header.Write(
            buffer, 40, IpProtocol.NoNextHeader, default, Address("ff02::1"), ttl: 255, trafficClass: 0xC0, flowLabel: 0xFFF0_0001);
        Assert.Equal([0x6C, 0x00, 0x00, 0x01, 0, 0, 59, 255, .. new byte[16], 0xFF, 0x02, .. new byte[13], 1, 0xA5, 0xA5], buffer);
    }

    [Fact]
    public void Setters_change_their_bytes_and_no_others()
    {
        byte[] packet = [.. Datagram];
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header header, out _));
        header.ReplaceSource(Address("fd00:3::1"));
        header.ReplaceDestination(Address("fd00:4::1"));
        header.DecrementTimeToLive();
        header.SetTotalLength(48);
        Assert.Equal(
            Packet(17, Udp, hopLimit: 63, "fd00:3::1", "fd00:4::1", lengthField: 8, firstWord: 0x600F_D672), packet);
        Assert.Equal(Udp, header.Payload.ToArray());

        header.ReplaceTimeToLive(1);
        header.DecrementTimeToLive();
        header.DecrementTimeToLive();
        Assert.Equal(0, header.TimeToLive);
        header.ReplaceTimeToLive(255);
        Assert.Equal(255, packet[7]);
    }

    [Fact]
    public void A_quote_may_be_cut_off()
    {
        byte[] whole = Packet(0, [.. Options(60), .. Options(17, 16), .. new byte[1000]]);
        for (int length = 0; length < 40 + 24 + 8; length++)
        {
            Assert.False(Ipv6Header.TryParseQuote(whole.AsSpan(0, length), out _, out DropReason reason));
            Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
        }
        for (int length = 72; length < whole.Length + 5; length++)
        {
            byte[] quote = [.. whole.AsSpan(0, Math.Min(length, whole.Length)), .. new byte[Math.Max(0, length - whole.Length)]];
            Assert.True(Ipv6Header.TryParseQuote(quote, out Ipv6Header quoted, out DropReason reason));
            Assert.Equal(DropReason.None, reason);
            Assert.Equal((1064, 64, IpProtocol.Udp), (quoted.TotalLength, quoted.HeaderLength, quoted.Protocol));
            Assert.Equal(Math.Min(length, 1064) - 64, quoted.Payload.Length);
        }
    }

    public static TheoryData<string, byte[]> BadQuotes => new()
    {
        { "version", Packet(17, Udp, firstWord: 0x4000_0000) },
        { "less than 8 bytes promised", Packet(17, Udp, lengthField: 7) },
        { "mapped address", Packet(17, Udp, source: "::ffff:10.1.0.2") },
        { "source route", Packet(43, [.. RoutingHeader(17, 0, 1), .. Udp]) },
        { "extension header beyond what is promised", Packet(60, [.. Options(17, 24), .. Udp], lengthField: 16) },
    };

    [Theory]
    [MemberData(nameof(BadQuotes))]
    public void A_quote_that_cannot_be_read_is_refused(string name, byte[] quote)
    {
        Assert.False(Ipv6Header.TryParseQuote(quote, out _, out DropReason reason), name);
        Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
    }

    [Theory]
    [InlineData("unreachable-no-route-quoting-17", "fd00:9::1", 53)]
    [InlineData("unreachable-address-quoting-17", "fd00:2::99", 53)]
    [InlineData("unreachable-port-quoting-17", "fd00:2::11", 54)]
    [InlineData("too-big-quoting-17", "fd00:2::11", 53)]
    [InlineData("time-exceeded-quoting-17", "fd00:2::11", 53)]
    [InlineData("parameter-problem-option-quoting-17", "fd00:2::11", 53)]
    public void Quotes_of_the_kernel_have_ports(string recording, string destination, ushort port)
    {
        Assert.True(Ipv6Header.TryParse(Recorded(recording), out Ipv6Header packet, out _));
        Assert.True(Icmpv6Header.TryParse(packet.Payload, out Icmpv6Header message, out _));
        Assert.True(Ipv6Header.TryParseQuote(message.Quote, out Ipv6Header quoted, out _));
        Assert.Equal((Address(destination), packet.Destination), (quoted.Destination, quoted.Source));
        Assert.True(QuotedTransport.TryParse(quoted, out QuotedTransport transport, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal(port, transport.DestinationPort);
        Assert.Equal(recording != "parameter-problem-option-quoting-17", transport.HasChecksum);
    }

    [Fact]
    public void A_later_fragment_in_a_quote_has_no_ports()
    {
        byte[] quote = Packet(44, [.. Fragment(17, 8, more: false), .. Udp]);
        Assert.True(Ipv6Header.TryParseQuote(quote, out Ipv6Header quoted, out _));
        Assert.False(QuotedTransport.TryParse(quoted, out _, out DropReason reason));
        Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
    }
}
