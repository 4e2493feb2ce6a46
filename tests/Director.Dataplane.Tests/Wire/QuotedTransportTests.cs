using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class QuotedTransportTests
{
    // Bytes of the transport header that are quoted, and at which of them its checksum is; -1 for none.
    [Theory]
    [InlineData("TCP, 8 bytes as RFC 792 asks", IpProtocol.Tcp, 8, -1)]
    [InlineData("TCP, cut within the checksum", IpProtocol.Tcp, 17, -1)]
    [InlineData("TCP, up to the checksum", IpProtocol.Tcp, 18, 16)]
    [InlineData("UDP", IpProtocol.Udp, 8, 6)]
    [InlineData("SCTP", IpProtocol.Sctp, 12, -1)]
    public void Ports_are_always_there_and_the_checksum_where_it_reaches(string name, byte protocol, int bytes, int checksumAt)
    {
        byte[] packet = Quote(protocol, bytes, 0x11);
        Assert.True(Ipv4Header.TryParseQuote(packet, out Ipv4Header quoted, out _), name);
        Assert.True(QuotedTransport.TryParse(quoted, out QuotedTransport transport, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((0x1111, 0x1111), (transport.SourcePort, transport.DestinationPort));
        Assert.Equal(checksumAt >= 0, transport.HasChecksum);
        Assert.Equal(checksumAt >= 0 ? 0x1111 : 0, transport.Checksum);

        transport.SourcePort = 0x0102;
        transport.DestinationPort = 0x0304;
        transport.Checksum = 0x0506;
        byte[] expected = new byte[bytes];
        expected.AsSpan().Fill(0x11);
        new byte[] { 1, 2, 3, 4 }.CopyTo(expected, 0);
        if (checksumAt >= 0)
            new byte[] { 5, 6 }.CopyTo(expected, checksumAt);
        Assert.Equal(expected, quoted.Payload.ToArray());
    }

    [Fact]
    public void Udp_without_a_checksum_gets_none()
    {
        Assert.True(Ipv4Header.TryParseQuote(Quote(IpProtocol.Udp, 8, 0), out Ipv4Header quoted, out _));
        Assert.True(QuotedTransport.TryParse(quoted, out QuotedTransport transport, out _));
        transport.Checksum = 0x0506;
        Assert.Equal(new byte[8], quoted.Payload.ToArray());
    }

    [Fact]
    public void Other_protocols_have_no_ports()
    {
        Assert.True(Ipv4Header.TryParseQuote(Quote(IpProtocol.Icmp, 8, 0), out Ipv4Header quoted, out _));
        Assert.False(QuotedTransport.TryParse(quoted, out _, out DropReason reason));
        Assert.Equal(DropReason.ProtocolUnsupported, reason);
    }

    [Fact]
    public void A_later_fragment_has_no_ports()
    {
        byte[] packet = Quote(IpProtocol.Tcp, 20, 0);
        packet[7] = 1;
        Assert.True(Ipv4Header.TryParseQuote(packet, out Ipv4Header quoted, out _));
        Assert.False(QuotedTransport.TryParse(quoted, out _, out DropReason reason));
        Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
    }

    private static byte[] Quote(byte protocol, int bytes, byte fill)
    {
        byte[] packet = new byte[Ipv4Header.MinimumLength + bytes];
        packet.AsSpan(Ipv4Header.MinimumLength).Fill(fill);
        Ipv4Header.Write(packet, totalLength: 1500, protocol, 0x0A010064, 0x0A010002);
        return packet;
    }
}
