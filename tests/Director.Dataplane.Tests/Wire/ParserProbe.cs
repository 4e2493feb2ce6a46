using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

/// <summary>
/// Puts bytes through the parsers, reads everything of what they accept, and judges acceptance by arithmetic of its own: nothing
/// may throw, and nothing accepted may contradict itself. <see cref="Scribble"/> then writes through every setter.
/// </summary>
internal static class ParserProbe
{
    /// <summary>As the pipeline does: layer within layer, to the first reason for a drop.</summary>
    public static DropReason Frame(Span<byte> frame)
    {
        if (!EthernetHeader.TryParse(frame, out EthernetHeader ethernet, out DropReason reason))
            return reason;
        return ethernet.EtherType switch
        {
            EtherType.Arp => Arp(ethernet.Payload),
            EtherType.Ipv4 => Ipv4(ethernet.Payload),
            EtherType.Ipv6 => Ipv6Probe.Packet(ethernet.Payload),
            _ => DropReason.None,
        };
    }

    /// <summary>Every parser on the same bytes, wherever they come from.</summary>
    public static void Every(Span<byte> bytes)
    {
        Frame(bytes);
        Arp(bytes);
        Ipv4(bytes);
        Tcp(bytes);
        Udp(bytes, lengthMayDiffer: false);
        Udp(bytes, lengthMayDiffer: true);
        Sctp(bytes, firstFragment: false);
        Sctp(bytes, firstFragment: true);
        Icmp(bytes, whole: true);
        Quote(bytes);
        Ipv6Probe.Packet(bytes);
        Ipv6Probe.Quote(bytes);
        if (bytes.Length >= VirtioNetHeader.Length)
            VirtioNet(bytes);
    }

    /// <summary>Through every setter of every layer that is accepted. The caller watches the bytes around the frame.</summary>
    public static void Scribble(Span<byte> frame, Random random)
    {
        ushort word = (ushort)random.Next(65536);
        if (!EthernetHeader.TryParse(frame, out EthernetHeader ethernet, out _))
            return;
        if (ArpPacket.TryParse(ethernet.Payload, out ArpPacket arp, out _))
        {
            (arp.Operation, arp.SenderMac, arp.SenderAddress) = (word, new MacAddress(word), word);
            (arp.TargetMac, arp.TargetAddress) = (new MacAddress(word), word);
        }
        if (Ipv4Header.TryParse(ethernet.Payload, out Ipv4Header ip, out _))
        {
            if (UdpHeader.TryParse(ip.Payload, lengthMayDiffer: true, out UdpHeader udp, out _))
                udp.SourcePort = udp.DestinationPort = udp.Checksum = word;
            if (TcpHeader.TryParse(ip.Payload, out TcpHeader tcp, out _))
                tcp.SourcePort = tcp.DestinationPort = tcp.Checksum = word;
            if (SctpHeader.TryParse(ip.Payload, isFirstFragment: true, out SctpHeader sctp, out _))
            {
                bool wasValid = sctp.ChecksumIsValid();
                sctp.ReplaceSourcePort(word);
                sctp.ReplaceDestinationPort(word);
                Assert.Equal(wasValid, sctp.ChecksumIsValid());
                sctp.RecomputeChecksum();
                Assert.True(sctp.ChecksumIsValid());
            }
            if (IcmpHeader.TryParse(ip.Payload, out IcmpHeader icmp, out _))
            {
                (icmp.Identifier, icmp.Sequence) = (word, word);
                icmp.RecomputeChecksum();
                Assert.True(icmp.ChecksumIsValid());
            }
            ip.ReplaceSource((uint)random.Next());
            ip.ReplaceDestination((uint)random.Next());
            ip.DecrementTimeToLive();
            Assert.Equal(0xFFFF, NaiveChecksum.Sum(ip.Header));
        }
        Ipv6Probe.Scribble(ethernet.Payload, random);
        (ethernet.Destination, ethernet.Source) = (ethernet.Source, ethernet.Destination);
    }

    private static DropReason Arp(Span<byte> bytes)
    {
        bool accepted = ArpPacket.TryParse(bytes, out ArpPacket arp, out DropReason reason);
        Agree(accepted, reason, DropReason.ArpTruncated, DropReason.ArpInvalid);
        if (!accepted)
            return reason;
        Assert.True(bytes.StartsWith((ReadOnlySpan<byte>)[0, 1, 8, 0, 6, 4]));
        Assert.Equal(BinaryPrimitives.ReadUInt32BigEndian(bytes[14..]), arp.SenderAddress);
        Assert.Equal(BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]), arp.TargetAddress);
        _ = (arp.Operation, arp.SenderMac, arp.TargetMac);
        return reason;
    }

    private static DropReason Ipv4(Span<byte> bytes)
    {
        bool accepted = Ipv4Header.TryParse(bytes, out Ipv4Header ip, out DropReason reason);
        Agree(accepted, reason, DropReason.Ipv4Truncated, DropReason.Ipv4ChecksumInvalid);
        if (!accepted)
            return reason;
        Assert.Equal(4, bytes[0] >> 4);
        Assert.InRange(ip.HeaderLength, 20, Math.Min(60, (int)ip.TotalLength));
        Assert.Equal(0xFFFF, NaiveChecksum.Sum(ip.Header));
        Assert.Equal(ip.TotalLength, ip.Header.Length + ip.Payload.Length);
        Assert.True(ip.Packet == bytes[..((bytes[2] << 8) | bytes[3])]);
        Assert.InRange(ip.FragmentOffset + ip.TotalLength, 20, 65535);
        Assert.Equal(ip.IsFragment, ip.MoreFragments || ip.FragmentOffset > 0);
        Assert.Equal(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), ip.Source);
        Assert.Equal(BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), ip.Destination);
        _ = (ip.DontFragment, ip.Identification, ip.TimeToLive, ip.TypeOfService, ip.Checksum);
        if (ip.FragmentOffset > 0)
            return reason;
        return ip.Protocol switch
        {
            IpProtocol.Tcp => Tcp(ip.Payload),
            IpProtocol.Udp => Udp(ip.Payload, ip.MoreFragments),
            IpProtocol.Sctp => Sctp(ip.Payload, ip.MoreFragments),
            IpProtocol.Icmp => Icmp(ip.Payload, whole: !ip.MoreFragments),
            _ => reason,
        };
    }

    internal static DropReason Tcp(Span<byte> bytes)
    {
        bool accepted = TcpHeader.TryParse(bytes, out TcpHeader tcp, out DropReason reason);
        Agree(accepted, reason, DropReason.TcpTruncated, DropReason.TcpDataOffsetInvalid);
        if (!accepted)
            return reason;
        Assert.InRange(tcp.DataOffset, 20, Math.Min(60, bytes.Length));
        Assert.Equal(bytes.Length, 20 + tcp.Options.Length + tcp.Payload.Length);
        _ = (tcp.SourcePort, tcp.DestinationPort, tcp.SequenceNumber, tcp.AcknowledgmentNumber, tcp.Flags, tcp.Window, tcp.Checksum);
        return reason;
    }

    internal static DropReason Udp(Span<byte> bytes, bool lengthMayDiffer)
    {
        bool accepted = UdpHeader.TryParse(bytes, lengthMayDiffer, out UdpHeader udp, out DropReason reason);
        Agree(accepted, reason, DropReason.UdpTruncated, DropReason.UdpLengthInvalid);
        if (!accepted)
            return reason;
        Assert.InRange(udp.Length, 8, lengthMayDiffer ? 65535 : bytes.Length);
        Assert.Equal(lengthMayDiffer ? bytes.Length : udp.Length, udp.Datagram.Length);
        Assert.Equal(udp.Datagram.Length, 8 + udp.Payload.Length);
        _ = (udp.SourcePort, udp.DestinationPort, udp.Checksum);
        return reason;
    }

    private static DropReason Sctp(Span<byte> bytes, bool firstFragment)
    {
        bool accepted = SctpHeader.TryParse(bytes, firstFragment, out SctpHeader sctp, out DropReason reason);
        Agree(accepted, reason, DropReason.SctpTruncated, DropReason.SctpChunkLengthInvalid);
        if (!accepted)
            return reason;
        _ = (sctp.SourcePort, sctp.DestinationPort, sctp.VerificationTag, sctp.Checksum, sctp.ChecksumIsValid());
        int end = SctpHeader.HeaderLength;
        foreach (SctpChunk chunk in sctp.Chunks)
        {
            Assert.Equal((bytes[end], bytes[end + 1], (bytes[end + 2] << 8) | bytes[end + 3]), (chunk.Type, chunk.Flags, chunk.Length));
            Assert.Equal(chunk.Length, SctpChunk.HeaderLength + chunk.Value.Length);
            end += (chunk.Length + 3) & ~3;
        }
        Assert.InRange(end - bytes.Length, firstFragment ? -bytes.Length : 0, 3);
        Assert.InRange(SctpStates.EventOf(sctp), firstFragment ? PacketEvent.None : PacketEvent.SctpData, PacketEvent.SctpAbort);
        return reason;
    }

    private static DropReason Icmp(Span<byte> bytes, bool whole)
    {
        bool accepted = IcmpHeader.TryParse(bytes, out IcmpHeader icmp, out DropReason reason);
        Agree(accepted, reason, DropReason.IcmpTruncated, DropReason.IcmpTruncated);
        if (!accepted)
            return reason;
        Assert.Equal(bytes.Length, 8 + icmp.Payload.Length);
        Assert.Equal(NaiveChecksum.Sum(bytes) == 0xFFFF, icmp.ChecksumIsValid());
        _ = (icmp.Code, icmp.Identifier, icmp.Sequence, icmp.Mtu);
        if (!whole)
            return reason;
        if (!icmp.ChecksumIsValid())
            return DropReason.IcmpChecksumInvalid;
        return icmp.IsError ? Quote(icmp.Quote) : reason;
    }

    private static DropReason Quote(Span<byte> bytes)
    {
        bool accepted = Ipv4Header.TryParseQuote(bytes, out Ipv4Header quoted, out DropReason reason);
        Agree(accepted, reason, DropReason.IcmpQuoteInvalid, DropReason.IcmpQuoteInvalid);
        if (!accepted)
            return reason;
        Assert.InRange(quoted.HeaderLength, 20, 60);
        Assert.InRange(quoted.Payload.Length, 8, Math.Min(bytes.Length, quoted.TotalLength) - quoted.HeaderLength);
        bool hasPorts = QuotedTransport.TryParse(quoted, out QuotedTransport transport, out DropReason why);
        Assert.Equal(hasPorts, why == DropReason.None);
        if (hasPorts)
        {
            Assert.Equal(0, quoted.FragmentOffset);
            Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(quoted.Payload), transport.SourcePort);
            Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(quoted.Payload[2..]), transport.DestinationPort);
            Assert.True(transport.HasChecksum || transport.Checksum == 0);
        }
        return reason;
    }

    private static void VirtioNet(Span<byte> bytes)
    {
        VirtioNetHeader offload = new(bytes);
        int frame = bytes.Length - VirtioNetHeader.Length;
        if (!offload.IsConsistent(frame))
            return;
        Assert.True(!offload.NeedsChecksum || offload.ChecksumStart + offload.ChecksumOffset + 2 <= frame);
        Assert.True(!offload.IsGso || offload.GsoSize > 0);
        _ = offload.HeaderLength;
    }

    private static void Agree(bool accepted, DropReason reason, DropReason first, DropReason last)
    {
        if (accepted)
            Assert.Equal(DropReason.None, reason);
        else
            Assert.InRange(reason, first, last);
    }
}
