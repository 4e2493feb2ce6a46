using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class Ipv4HeaderTests
{
    // The example that textbooks use for the header checksum: 0xB861.
    private static readonly byte[] Textbook =
    [
        0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xB8, 0x61, 0xC0, 0xA8, 0x00, 0x01, 0xC0, 0xA8, 0x00, 0xC7,
    ];

    [Fact]
    public void Reads_every_field()
    {
        byte[] packet = Packet(total: 32, options: 4, fragment: 0x2003, tos: 0xB8);
        Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal(24, header.HeaderLength);
        Assert.Equal(32, header.TotalLength);
        Assert.Equal(0xB8, header.TypeOfService);
        Assert.Equal(0x1234, header.Identification);
        Assert.False(header.DontFragment);
        Assert.True(header.MoreFragments);
        Assert.True(header.IsFragment);
        Assert.Equal(24, header.FragmentOffset);
        Assert.Equal(64, header.TimeToLive);
        Assert.Equal(IpProtocol.Udp, header.Protocol);
        Assert.Equal(0x0A010002u, header.Source);
        Assert.Equal(0x0A010064u, header.Destination);
        Assert.Equal(24, header.Header.Length);
        Assert.Equal(8, header.Payload.Length);
        Assert.Equal(32, header.Packet.Length);
    }

    [Theory]
    [InlineData(0x4000, true, false, false, 0)]
    [InlineData(0x2000, false, true, true, 0)]
    [InlineData(0x0001, false, false, true, 8)]
    [InlineData(0x1F00, false, false, true, 0x1F00 * 8)]
    public void Tells_fragments(int word, bool dont, bool more, bool fragment, int offset)
    {
        Assert.True(Ipv4Header.TryParse(Packet(fragment: word), out Ipv4Header header, out _));
        Assert.Equal((dont, more, fragment, offset),
            (header.DontFragment, header.MoreFragments, header.IsFragment, header.FragmentOffset));
    }

    [Fact]
    public void Ethernet_padding_is_no_payload()
    {
        byte[] padded = [.. Packet(total: 28), 0xA5, 0xA5, 0xA5];
        Assert.True(Ipv4Header.TryParse(padded, out Ipv4Header header, out _));
        Assert.Equal(8, header.Payload.Length);
        Assert.Equal(28, header.Packet.Length);
    }

    public static TheoryData<string, byte[], DropReason> Malformed => new()
    {
        { "empty", [], DropReason.Ipv4Truncated },
        { "one byte short", Packet()[..19], DropReason.Ipv4Truncated },
        { "version 6", Packet(first: 0x65), DropReason.Ipv4VersionInvalid },
        { "version 0", Packet(first: 0x05), DropReason.Ipv4VersionInvalid },
        { "header of 4 words", Packet(first: 0x44), DropReason.Ipv4HeaderLengthInvalid },
        { "header beyond the buffer", Packet(total: 28, first: 0x4F), DropReason.Ipv4HeaderLengthInvalid },
        { "total length 0 (BIG TCP)", Packet(lengthField: 0), DropReason.Ipv4TotalLengthInvalid },
        { "total length within the header", Packet(lengthField: 19), DropReason.Ipv4TotalLengthInvalid },
        { "total length within the options", Packet(options: 8, lengthField: 27), DropReason.Ipv4TotalLengthInvalid },
        { "total length beyond the buffer", Packet(total: 28, lengthField: 29), DropReason.Ipv4TotalLengthInvalid },
        { "fragment ending beyond 65535", Packet(total: 36, fragment: 0x1FFF), DropReason.Ipv4TotalLengthInvalid },
        { "checksum", Packet(checksumError: 1), DropReason.Ipv4ChecksumInvalid },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_packets_are_refused_with_the_reason(string name, byte[] packet, DropReason expected)
    {
        Assert.False(Ipv4Header.TryParse(packet, out _, out DropReason reason), name);
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void Writes_the_textbook_header()
    {
        byte[] buffer = new byte[22];
        buffer.AsSpan().Fill(0xA5);
        Ipv4Header.Write(buffer, totalLength: 0x73, IpProtocol.Udp, source: 0xC0A80001, destination: 0xC0A800C7);
        Assert.Equal([.. Textbook, 0xA5, 0xA5], buffer);
    }

    [Fact]
    public void Setters_keep_the_checksum_as_computing_it_anew_would()
    {
        Random random = new(5);
        for (int round = 0; round < 5000; round++)
        {
            byte[] packet = Packet(options: random.Next(11) * 4, total: 80, tos: (byte)random.Next(256), ttl: (byte)random.Next(256));
            Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header header, out _));
            byte ttl = header.TimeToLive;
            (uint source, uint destination) = ((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32));
            header.ReplaceSource(source);
            header.ReplaceDestination(destination);
            header.DecrementTimeToLive();
            header.SetTotalLength((ushort)random.Next(header.HeaderLength, 81));
            Assert.Equal((source, destination, Math.Max(ttl - 1, 0)), (header.Source, header.Destination, (int)header.TimeToLive));
            Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header again, out _));
            Assert.Equal(header.TotalLength, again.Packet.Length);
            ushort kept = again.Checksum;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), 0);
            Assert.Equal(NaiveChecksum.Of(again.Header), kept);
        }
    }

    [Fact]
    public void A_quote_may_be_cut_off_and_its_checksum_stale()
    {
        byte[] whole = Packet(total: 60, options: 4, checksumError: 1);
        Assert.False(Ipv4Header.TryParseQuote(whole.AsSpan(0, 31), out _, out DropReason reason));
        Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
        for (int length = 32; length <= whole.Length; length++)
        {
            Assert.True(Ipv4Header.TryParseQuote(whole.AsSpan(0, length), out Ipv4Header quoted, out _));
            Assert.Equal(60, quoted.TotalLength);
            Assert.Equal(length - 24, quoted.Payload.Length);
        }
    }

    [Theory]
    [InlineData("version", 0x65, 60)]
    [InlineData("header length", 0x44, 60)]
    [InlineData("total length promises less than 8 bytes of payload", 0x45, 27)]
    public void A_quote_that_contradicts_itself_is_refused(string name, byte first, int lengthField)
    {
        byte[] quote = Packet(total: 60, first: first, lengthField: lengthField);
        Assert.False(Ipv4Header.TryParseQuote(quote, out _, out DropReason reason), name);
        Assert.Equal(DropReason.IcmpQuoteInvalid, reason);
    }

    private static byte[] Packet(
        int total = 28, int options = 0, int fragment = 0x4000, byte tos = 0, byte ttl = 64,
        byte first = 0, int lengthField = -1, ushort checksumError = 0)
    {
        int header = 20 + options;
        byte[] packet = new byte[Math.Max(total, header)];
        packet.AsSpan(20).Fill(1); // options: no operation
        packet[0] = first != 0 ? first : (byte)(0x40 | (header / 4));
        packet[1] = tos;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(lengthField >= 0 ? lengthField : packet.Length));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), 0x1234);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)fragment);
        packet[8] = ttl;
        packet[9] = IpProtocol.Udp;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), 0x0A010002);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), 0x0A010064);
        int summed = Math.Min((packet[0] & 15) * 4, packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)(NaiveChecksum.Of(packet.AsSpan(0, summed)) ^ checksumError));
        return packet;
    }
}
