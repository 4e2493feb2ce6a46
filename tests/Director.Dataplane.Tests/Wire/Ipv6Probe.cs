using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

/// <summary>The part of <see cref="ParserProbe"/> that is IPv6.</summary>
internal static class Ipv6Probe
{
    /// <summary>As a pipeline does: layer within layer, to the first reason for a drop.</summary>
    public static DropReason Packet(Span<byte> bytes)
    {
        bool accepted = Ipv6Header.TryParse(bytes, out Ipv6Header ip, out DropReason reason);
        Ipv6Reading? expected = Ipv6Reading.Of(bytes, quoted: false);
        Assert.Equal(expected is not null, accepted);
        if (expected is null)
        {
            Assert.InRange(reason, DropReason.Ipv6Truncated, DropReason.Ipv6FragmentInvalid);
            return reason;
        }
        Assert.Equal(DropReason.None, reason);
        Agree(ip, expected, bytes);
        Messages(ip);
        if (ip.FragmentOffset > 0)
            return reason;
        return ip.Protocol switch
        {
            IpProtocol.Tcp => ParserProbe.Tcp(ip.Payload),
            IpProtocol.Udp => ParserProbe.Udp(ip.Payload, ip.MoreFragments),
            IpProtocol.Icmpv6 => Icmp(ip),
            _ => reason,
        };
    }

    public static DropReason Quote(Span<byte> bytes)
    {
        bool accepted = Ipv6Header.TryParseQuote(bytes, out Ipv6Header quoted, out DropReason reason);
        Ipv6Reading? expected = Ipv6Reading.Of(bytes, quoted: true);
        Assert.Equal((expected is not null, expected is null), (accepted, reason == DropReason.IcmpQuoteInvalid));
        if (expected is null)
            return reason;
        Agree(quoted, expected, bytes);
        bool hasPorts = QuotedTransport.TryParse(quoted, out QuotedTransport transport, out DropReason why);
        Assert.Equal(hasPorts, why == DropReason.None);
        if (hasPorts)
        {
            Assert.Equal(0, quoted.FragmentOffset);
            Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(bytes[expected.HeaderLength..]), transport.SourcePort);
        }
        return reason;
    }

    /// <summary>Through everything that writes. The caller watches the bytes around the packet.</summary>
    public static void Scribble(Span<byte> bytes, Random random)
    {
        if (!Ipv6Header.TryParse(bytes, out Ipv6Header ip, out _))
            return;
        IpAddress address = new((ulong)random.NextInt64(), (ulong)random.NextInt64());
        ip.ReplaceSource(address);
        ip.ReplaceDestination(address);
        ip.DecrementTimeToLive();
        Assert.Equal((address, address), (ip.Source, ip.Destination));
        if (Icmpv6Header.TryParse(ip.Payload, out Icmpv6Header icmp, out _))
        {
            (icmp.Type, icmp.Code, icmp.Pointer) = ((byte)random.Next(256), (byte)random.Next(256), (uint)random.Next());
            icmp.RecomputeChecksum(address, address);
            Assert.True(icmp.ChecksumIsValid(address, address));
        }
        byte[] fragment = new byte[ip.Packet.Length + FragmentHeader.Length];
        int length = ip.Fragmentable.Length / 16 * 8;
        Assert.Equal(ip.UnfragmentableLength, ip.CopyUnfragmentable(fragment));
        Assert.Equal(ip.UnfragmentableLength + 8 + length, ip.WriteFragment(fragment, 0, length, 1));
        ip.SetTotalLength(40);
        ip.ReplaceTimeToLive(3);
        Assert.Equal((40, 3), (ip.TotalLength, ip.TimeToLive));
    }

    private static void Agree(Ipv6Header ip, Ipv6Reading expected, Span<byte> bytes)
    {
        Assert.Equal((expected.Protocol, expected.HeaderLength, expected.TotalLength), (ip.Protocol, ip.HeaderLength, ip.TotalLength));
        Assert.True(ip.Packet == bytes[..Math.Min(expected.TotalLength, bytes.Length)]);
        Assert.True(ip.Header == bytes[..expected.HeaderLength]);
        Assert.True(ip.Payload == ip.Packet[expected.HeaderLength..]);
        Assert.Equal(IpAddress.Read(bytes[8..24]), ip.Source);
        Assert.Equal(IpAddress.Read(bytes[24..40]), ip.Destination);
        Assert.Equal(expected.FragmentAt >= 0, ip.HasFragmentHeader);
        Assert.InRange(ip.UnfragmentableLength, 40, ip.HeaderLength);
        if (ip.HasFragmentHeader)
        {
            Assert.Equal(expected.FragmentAt, ip.UnfragmentableLength);
            Assert.Equal(BinaryPrimitives.ReadUInt32BigEndian(bytes[(expected.FragmentAt + 4)..]), ip.Identification);
            Assert.True(ip.Fragmentable == ip.Packet[(expected.FragmentAt + 8)..]);
        }
        Assert.Equal(ip.IsFragment, ip.MoreFragments || ip.FragmentOffset > 0);
        Assert.Equal(
            BinaryPrimitives.ReadUInt32BigEndian(bytes), (6u << 28) | ((uint)ip.TrafficClass << 20) | ip.FlowLabel);
        _ = (ip.NextHeader, ip.TimeToLive, ip.IsSourceRouted);
    }

    private static DropReason Icmp(Ipv6Header ip)
    {
        bool accepted = Icmpv6Header.TryParse(ip.Payload, out Icmpv6Header icmp, out DropReason reason);
        Assert.Equal((ip.Payload.Length >= 8, ip.Payload.Length >= 8), (accepted, reason == DropReason.None));
        if (!accepted || ip.IsFragment)
            return reason;
        _ = (icmp.Code, icmp.Checksum, icmp.Identifier, icmp.Sequence, icmp.Mtu, icmp.Pointer);
        if (!icmp.ChecksumIsValid(ip.Source, ip.Destination))
            return DropReason.IcmpChecksumInvalid;
        if (icmp.IsError)
            return Quote(icmp.Quote);
        _ = icmp.Type switch
        {
            Icmpv6Header.NeighborSolicitation => NeighborSolicitation.TryParse(ip, out _, out reason),
            Icmpv6Header.NeighborAdvertisement => NeighborAdvertisement.TryParse(ip, out _, out reason),
            Icmpv6Header.ListenerQuery => MulticastListenerQuery.TryParse(ip, out _, out reason),
            _ => true,
        };
        return reason;
    }

    // Whatever the packet is: what is accepted meets the RFCs' conditions.
    private static void Messages(Ipv6Header ip)
    {
        ReadOnlySpan<byte> message = ip.Payload;
        if (NeighborSolicitation.TryParse(ip, out NeighborSolicitation solicitation, out _))
        {
            Assert.Equal((58, 255, 135, 0), (ip.Protocol, ip.TimeToLive, message[0], message[1]));
            Assert.Equal((ip.Source, IpAddress.Read(message[8..24])), (solicitation.Source, solicitation.Target));
            Assert.False(solicitation.IsProbe && solicitation.SourceLinkLayerAddress is not null);
        }
        if (NeighborAdvertisement.TryParse(ip, out NeighborAdvertisement advertisement, out _))
        {
            Assert.Equal((58, 255, 136, 0), (ip.Protocol, ip.TimeToLive, message[0], message[1]));
            Assert.Equal((message[4] >> 7 != 0, IpAddress.Read(message[8..24])), (advertisement.IsFromRouter, advertisement.Target));
            Assert.False(advertisement.IsSolicited && ip.Destination.IsMulticast);
        }
        if (MulticastListenerQuery.TryParse(ip, out MulticastListenerQuery query, out _))
        {
            Assert.Equal((58, 1, 130), (ip.Protocol, ip.TimeToLive, message[0]));
            Assert.Equal((message.Length == 24 ? 1 : 2, IpAddress.Read(message[8..24])), (query.Version, query.Group));
            Assert.InRange(query.MaximumResponseMilliseconds, 0, 8_387_584);
        }
    }
}
