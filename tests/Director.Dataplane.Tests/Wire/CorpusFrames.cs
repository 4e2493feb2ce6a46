using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

/// <summary>
/// Makes the frames of the corpus folder that were not recorded. Names say what the parsers must answer:
/// <c>valid-...</c>, <c>recorded-...</c> (from a real kernel) or <c>malformed-{DropReason}-...</c>.
/// </summary>
internal static class CorpusFrames
{
    private const uint Client = 0x0A010002;
    private const uint Vip = 0x0A010064;

    public static IEnumerable<(string Name, byte[] Frame)> All()
    {
        byte[] udp = Udp(payload: 5);
        byte[] tcp = Tcp(options: 12, payload: 10);
        byte[] echo = Icmp(IcmpHeader.Echo, 0, new byte[7]);

        yield return ("valid-arp-announcement", Arp());
        yield return ("valid-udp", Ip(IpProtocol.Udp, udp));
        yield return ("valid-udp-empty", Ip(IpProtocol.Udp, Udp(payload: 0)));
        yield return ("valid-udp-padded", [.. Ip(IpProtocol.Udp, udp), .. new byte[13]]);
        yield return ("valid-udp-first-fragment", Ip(IpProtocol.Udp, Udp(payload: 8, lengthField: 1480), fragment: 0x2000));
        yield return ("valid-udp-last-fragment", Ip(IpProtocol.Udp, new byte[3], fragment: 0x00B9));
        yield return ("valid-tcp-ip-options", Ip(IpProtocol.Tcp, tcp, options: 40));
        yield return ("valid-icmp-echo", Ip(IpProtocol.Icmp, echo));
        yield return ("valid-icmp-error-quoting-8-bytes",
            Ip(IpProtocol.Icmp, Icmp(IcmpHeader.TimeExceeded, 0, Ip(IpProtocol.Tcp, tcp)[14..42])));
        yield return ("valid-sctp-init", Ip(IpProtocol.Sctp, Sctp(SctpPackets.Chunk(SctpChunkType.Init, 16))));
        yield return ("valid-sctp-cookie-echo-abort",
            Ip(IpProtocol.Sctp, Sctp(SctpPackets.Chunk(SctpChunkType.CookieEcho, 5), SctpPackets.Chunk(SctpChunkType.Abort))));
        yield return ("valid-sctp-bundle-without-last-padding",
            Ip(IpProtocol.Sctp, Sctp(SctpPackets.Chunk(SctpChunkType.Sack, 12), SctpPackets.Chunk(SctpChunkType.Data, 14))[..^2]));
        yield return ("valid-sctp-first-fragment",
            Ip(IpProtocol.Sctp, Sctp(SctpPackets.Chunk(SctpChunkType.Data, 8, lengthField: 1452)), fragment: 0x2000));

        yield return ("malformed-EthernetTruncated", Arp()[..13]);
        yield return ("malformed-ArpTruncated", Arp()[..41]);
        yield return ("malformed-ArpInvalid-hardware", Changed(Arp(), 15, 6));
        yield return ("malformed-ArpInvalid-sizes", Changed(Arp(), 18, 255));
        yield return ("malformed-Ipv4Truncated", Ip(IpProtocol.Udp, udp)[..33]);
        yield return ("malformed-Ipv4Truncated-empty", Ethernet(EtherType.Ipv4));
        yield return ("malformed-Ipv4VersionInvalid", Changed(Ip(IpProtocol.Udp, udp), 14, 0x65));
        yield return ("malformed-Ipv4HeaderLengthInvalid-4-words", Changed(Ip(IpProtocol.Udp, udp), 14, 0x44));
        yield return ("malformed-Ipv4HeaderLengthInvalid-beyond-frame", Changed(Ip(IpProtocol.Udp, udp), 14, 0x4F));
        yield return ("malformed-Ipv4TotalLengthInvalid-0-as-big-tcp-has", Ip(IpProtocol.Tcp, tcp, lengthField: 0));
        yield return ("malformed-Ipv4TotalLengthInvalid-within-header", Ip(IpProtocol.Udp, udp, lengthField: 19));
        yield return ("malformed-Ipv4TotalLengthInvalid-beyond-frame", Ip(IpProtocol.Udp, udp, lengthField: 34));
        yield return ("malformed-Ipv4TotalLengthInvalid-fragment-beyond-64k", Ip(IpProtocol.Icmp, new byte[16], fragment: 0x1FFF));
        yield return ("malformed-Ipv4ChecksumInvalid", Changed(Ip(IpProtocol.Udp, udp), 24, 0x5A));
        yield return ("malformed-TcpTruncated", Ip(IpProtocol.Tcp, tcp[..19]));
        yield return ("malformed-TcpTruncated-tiny-fragment", Ip(IpProtocol.Tcp, tcp[..8], fragment: 0x2000));
        yield return ("malformed-TcpDataOffsetInvalid-4-words", Ip(IpProtocol.Tcp, Changed(tcp, 12, 0x40)));
        yield return ("malformed-TcpDataOffsetInvalid-beyond-segment", Ip(IpProtocol.Tcp, Changed(tcp, 12, 0xF0)));
        yield return ("malformed-UdpTruncated", Ip(IpProtocol.Udp, udp[..7]));
        yield return ("malformed-UdpLengthInvalid-7", Ip(IpProtocol.Udp, Udp(payload: 5, lengthField: 7)));
        yield return ("malformed-UdpLengthInvalid-beyond-packet", Ip(IpProtocol.Udp, Udp(payload: 5, lengthField: 14)));
        yield return ("malformed-SctpTruncated-11", Ip(IpProtocol.Sctp, Sctp()[..11]));
        yield return ("malformed-SctpTruncated-no-chunk", Ip(IpProtocol.Sctp, Sctp()));
        yield return ("malformed-SctpTruncated-3-bytes-behind", Ip(IpProtocol.Sctp, [.. Sctp(SctpPackets.Chunk(SctpChunkType.CookieAck)), 0, 3, 0]));
        yield return ("malformed-SctpTruncated-tiny-fragment", Ip(IpProtocol.Sctp, Sctp()[..8], fragment: 0x2000));
        for (int length = 0; length < SctpChunk.HeaderLength; length++)
            yield return ($"malformed-SctpChunkLengthInvalid-{length}", Ip(IpProtocol.Sctp, Sctp(SctpPackets.Chunk(SctpChunkType.Init, 16, length))));
        yield return ("malformed-SctpChunkLengthInvalid-beyond-packet", Ip(IpProtocol.Sctp, Sctp(SctpPackets.Chunk(SctpChunkType.Init, 16, 21))));
        yield return ("malformed-SctpChunkLengthInvalid-second",
            Ip(IpProtocol.Sctp, Sctp(SctpPackets.Chunk(SctpChunkType.CookieEcho, 8), SctpPackets.Chunk(SctpChunkType.Data, 8, 0))));
        yield return ("malformed-IcmpTruncated", Ip(IpProtocol.Icmp, echo[..7]));
        yield return ("malformed-IcmpChecksumInvalid", Ip(IpProtocol.Icmp, Changed(echo, 2, 0x5A)));
        yield return ("malformed-IcmpQuoteInvalid-empty", Ip(IpProtocol.Icmp, Icmp(IcmpHeader.DestinationUnreachable, 3, [])));
        yield return ("malformed-IcmpQuoteInvalid-7-bytes",
            Ip(IpProtocol.Icmp, Icmp(IcmpHeader.DestinationUnreachable, 3, Ip(IpProtocol.Udp, udp)[14..41])));
        yield return ("malformed-IcmpQuoteInvalid-version",
            Ip(IpProtocol.Icmp, Icmp(IcmpHeader.ParameterProblem, 0, Changed(Ip(IpProtocol.Udp, udp), 14, 0x60)[14..])));
        foreach ((string Name, byte[] Frame) ipv6 in Ipv6CorpusFrames.All())
            yield return ipv6;
    }

    private static byte[] Ethernet(ushort type)
    {
        byte[] frame = new byte[EthernetHeader.Length];
        Assert.True(EthernetHeader.TryParse(frame, out EthernetHeader header, out _));
        header.Destination = MacAddress.Virtual(0, 1);
        header.Source = new MacAddress(0x0200_0000_0002);
        header.EtherType = type;
        return frame;
    }

    private static byte[] Arp()
    {
        byte[] packet = new byte[ArpPacket.Length];
        ArpPacket.Write(packet, ArpPacket.Request, MacAddress.Virtual(0, 1), Vip, default, Vip);
        return [.. Ethernet(EtherType.Arp), .. packet];
    }

    // Whatever its fields say, the header's checksum is right, so that the field under test is what a parser stumbles over.
    private static byte[] Ip(byte protocol, byte[] payload, int options = 0, int fragment = 0x4000, int lengthField = -1)
    {
        byte[] header = new byte[Ipv4Header.MinimumLength + options];
        header.AsSpan(Ipv4Header.MinimumLength).Fill(1);
        Ipv4Header.Write(header, lengthField >= 0 ? lengthField : header.Length + payload.Length, protocol, Client, Vip);
        header[0] = (byte)(0x40 | (header.Length / 4));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)fragment);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), 0);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), NaiveChecksum.Of(header));
        return [.. Ethernet(EtherType.Ipv4), .. header, .. payload];
    }

    private static byte[] Tcp(int options, int payload)
    {
        byte[] segment = new byte[TcpHeader.MinimumLength + options + payload];
        TcpHeader.Write(segment, 16928, 80, 1000, 2000, TcpFlags.Ack | TcpFlags.Psh, window: 500);
        segment[12] = (byte)((TcpHeader.MinimumLength + options) / 4 << 4);
        segment.AsSpan(TcpHeader.MinimumLength).Fill(1);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), Checksum.Transport(Client, Vip, IpProtocol.Tcp, segment));
        return segment;
    }

    private static byte[] Udp(int payload, int lengthField = -1)
    {
        byte[] datagram = new byte[UdpHeader.HeaderLength + payload];
        UdpHeader.Write(datagram, 16928, 53, (ushort)(lengthField >= 0 ? lengthField : datagram.Length));
        if (lengthField < 0)
        {
            ushort checksum = Checksum.UdpWire(Checksum.Transport(Client, Vip, IpProtocol.Udp, datagram));
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), checksum);
        }
        return datagram;
    }

    private static byte[] Sctp(params byte[][] chunks) => SctpPackets.Of(16928, 36412, chunks);

    private static byte[] Icmp(byte type, byte code, byte[] payload)
    {
        byte[] message = new byte[IcmpHeader.HeaderLength + payload.Length];
        IcmpHeader.Write(message, type, code);
        payload.CopyTo(message, IcmpHeader.HeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), NaiveChecksum.Of(message));
        return message;
    }

    private static byte[] Changed(byte[] bytes, int at, byte value)
    {
        byte[] copy = [.. bytes];
        copy[at] = value;
        return copy;
    }
}
