using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class Icmpv6HeaderTests
{
    [Fact]
    public void An_echo_of_the_kernel_is_turned_into_the_reply_of_the_kernel()
    {
        byte[] packet = Recorded("echo-request");
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header ip, out _));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out Icmpv6Header header, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((Icmpv6Header.Echo, 0, 0x1234, 1), (header.Type, header.Code, header.Identifier, header.Sequence));
        Assert.Equal("abcdefgh"u8.ToArray(), header.Payload.ToArray());
        Assert.True(header.ChecksumIsValid(ip.Source, ip.Destination));
        Assert.False(header.IsError || header.IsNeighborDiscovery || header.IsMulticastListener);

        header.Type = Icmpv6Header.EchoReply;
        Assert.False(header.ChecksumIsValid(ip.Source, ip.Destination));
        (IpAddress source, IpAddress destination) = (ip.Source, ip.Destination);
        ip.ReplaceSource(destination);
        ip.ReplaceDestination(source);
        header.RecomputeChecksum(ip.Source, ip.Destination);
        Assert.Equal(0xE0D2, header.Checksum);
        Assert.Equal(Recorded("echo-reply")[8..], packet[8..]);
    }

    [Theory]
    [InlineData("unreachable-no-route-quoting-17", Icmpv6Header.DestinationUnreachable, Icmpv6Header.NoRoute, 0)]
    [InlineData("unreachable-address-quoting-17", Icmpv6Header.DestinationUnreachable, Icmpv6Header.AddressUnreachable, 0)]
    [InlineData("unreachable-port-quoting-17", Icmpv6Header.DestinationUnreachable, Icmpv6Header.PortUnreachable, 0)]
    [InlineData("too-big-quoting-17", Icmpv6Header.PacketTooBig, 0, 1300)]
    [InlineData("time-exceeded-quoting-17", Icmpv6Header.TimeExceeded, Icmpv6Header.HopLimitExceeded, 0)]
    [InlineData("parameter-problem-next-header-quoting-200", Icmpv6Header.ParameterProblem, Icmpv6Header.NextHeaderUnrecognized, 6)]
    [InlineData("parameter-problem-option-quoting-17", Icmpv6Header.ParameterProblem, Icmpv6Header.OptionUnrecognized, 42)]
    public void Errors_of_the_kernel_are_read_and_written_alike(string recording, byte type, byte code, uint word)
    {
        byte[] packet = Recorded(recording);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header ip, out _));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out Icmpv6Header header, out _));
        Assert.True(header.IsError);
        Assert.True(header.ChecksumIsValid(ip.Source, ip.Destination));
        Assert.Equal((type, code, word, word), (header.Type, header.Code, header.Mtu, header.Pointer));
        Assert.Equal(packet[48..], header.Quote.ToArray());

        byte[] buffer = new byte[packet.Length - 40];
        buffer.AsSpan().Fill(0xA5);
        Icmpv6Header.Write(buffer, type, code);
        header.Quote.CopyTo(buffer.AsSpan(Icmpv6Header.HeaderLength));
        Assert.True(Icmpv6Header.TryParse(buffer, out Icmpv6Header written, out _));
        written.Mtu = word;
        written.RecomputeChecksum(ip.Source, ip.Destination);
        Assert.Equal(packet[40..], buffer);
    }

    [Fact]
    public void An_mtu_has_32_bits()
    {
        byte[] message = new byte[8];
        Assert.True(Icmpv6Header.TryParse(message, out Icmpv6Header header, out _));
        header.Pointer = 0x01020304;
        Assert.Equal(0x01020304u, header.Mtu);
        Assert.Equal([0, 0, 0, 0, 1, 2, 3, 4], message);
        (header.Code, header.Identifier, header.Sequence) = (7, 0x0506, 0x0708);
        Assert.Equal([0, 7, 0, 0, 5, 6, 7, 8], message);
    }

    [Fact]
    public void Types_are_told_apart()
    {
        byte[] message = new byte[8];
        Assert.True(Icmpv6Header.TryParse(message, out Icmpv6Header header, out _));
        (List<int> errors, List<int> neighbours, List<int> listeners) = ([], [], []);
        for (int type = 0; type < 256; type++)
        {
            header.Type = (byte)type;
            if (header.IsError)
                errors.Add(type);
            if (header.IsNeighborDiscovery)
                neighbours.Add(type);
            if (header.IsMulticastListener)
                listeners.Add(type);
        }
        Assert.Equal(Enumerable.Range(0, 128), errors);
        Assert.Equal([133, 134, 135, 136, 137], neighbours);
        Assert.Equal([130, 131, 132, 143], listeners);
    }

    [Fact]
    public void Router_solicitations_are_recognised()
    {
        Assert.True(Ipv6Header.TryParse(Recorded("router-solicitation"), out Ipv6Header ip, out _));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out Icmpv6Header header, out _));
        Assert.Equal(Icmpv6Header.RouterSolicitation, header.Type);
        Assert.True(header.ChecksumIsValid(ip.Source, ip.Destination));
    }

    [Fact]
    public void The_checksum_covers_every_byte_and_both_addresses()
    {
        byte[] message = Icmp(128, 0, [1, 2, 3, 4, 5, 6, 7]);
        Assert.True(Icmpv6Header.TryParse(message, out Icmpv6Header header, out _));
        Assert.True(header.ChecksumIsValid(Address(Client), Address(Vip)));
        Assert.False(header.ChecksumIsValid(Address(Client), Address("fd00:1::101")));
        Assert.False(header.ChecksumIsValid(Address("fd00:1::3"), Address(Vip)));
        for (int at = 0; at < message.Length; at++)
        {
            message[at] ^= 0x40;
            Assert.False(header.ChecksumIsValid(Address(Client), Address(Vip)));
            message[at] ^= 0x40;
        }
    }

    [Fact]
    public void Shorter_ones_are_truncated()
    {
        for (int length = 0; length < Icmpv6Header.HeaderLength; length++)
        {
            Assert.False(Icmpv6Header.TryParse(new byte[length], out _, out DropReason reason));
            Assert.Equal(DropReason.IcmpTruncated, reason);
        }
    }
}
