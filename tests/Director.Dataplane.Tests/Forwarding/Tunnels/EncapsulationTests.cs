using System.Buffers.Binary;
using System.Net;
using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Forwarding.Tunnels;

public sealed class EncapsulationTests
{
    private static readonly Wrapping Under4 = new(IpAddress.Of(IPAddress.Parse("10.2.0.1")), IpAddress.Of(IPAddress.Parse("10.2.0.11")))
    {
        Port = 6080,
        SourcePort = 40_000,
        Identification = 0x1234,
    };

    private static readonly Wrapping Under6 = Under4 with
    {
        Source = IpAddress.Of(IPAddress.Parse("fd00:2::1")),
        Destination = IpAddress.Of(IPAddress.Parse("fd00:2::11")),
    };

    [Theory]
    [InlineData(TunnelType.IpIp, TunnelFlags.None, 0)]
    [InlineData(TunnelType.Gre, TunnelFlags.None, 4)]
    [InlineData(TunnelType.Gre, TunnelFlags.Checksum, 8)]
    [InlineData(TunnelType.Gue, TunnelFlags.None, 12)]
    [InlineData(TunnelType.Gue, TunnelFlags.Checksum, 12)]
    [InlineData(TunnelType.Gue, TunnelFlags.RemoteChecksum, 12)]
    public void Either_family_goes_through_either(TunnelType type, TunnelFlags flags, int headers)
    {
        foreach (Wrapping ends in (Wrapping[])[Under4, Under6])
        {
            foreach (byte[] inner in (byte[][])[Inner4(), Inner6()])
            {
                Wrapping wrapping = ends with { Flags = flags };
                byte[] packet = Wrap(type, wrapping, inner);
                Assert.Equal((wrapping.Destination.IsIpv4 ? 20 : 40) + headers + inner.Length, packet.Length);
                byte[] payload = OuterPayload(packet, wrapping, ExpectedProtocol(type, inner));
                CheckHeader(type, flags, packet, payload, inner);
                Assert.Equal(inner, payload[headers..]);
            }
        }
    }

    // IPVS: full functionality of RFC 3168 section 9.1.1. DSCP (here 46) stays.
    [Theory]
    [InlineData(0xB8, 0xB8)]
    [InlineData(0xB9, 0xB9)]
    [InlineData(0xBA, 0xBA)]
    [InlineData(0xBB, 0xBA)]
    public void Congestion_before_the_tunnel_is_not_the_tunnels(byte inside, byte outside)
    {
        Assert.Equal(outside, Wrap(TunnelType.IpIp, Under4, Inner4(inside))[1]);
        Assert.Equal(outside, Wrap(TunnelType.IpIp, Under4, Inner6(inside))[1]);
        byte[] six = Wrap(TunnelType.IpIp, Under6, Inner4(inside));
        Assert.Equal(0x6000_0000u | (uint)outside << 20, BinaryPrimitives.ReadUInt32BigEndian(six));
        Assert.Equal(six[..4], Wrap(TunnelType.IpIp, Under6, Inner6(inside))[..4]);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0x1234)]
    public void What_may_be_fragmented_has_an_identification(bool dontFragment, int identification)
    {
        byte[] packet = Wrap(TunnelType.IpIp, Under4, Inner4(dontFragment: dontFragment));
        Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header outer, out _));
        Assert.Equal((dontFragment, identification), (outer.DontFragment, outer.Identification));
    }

    [Fact]
    public void IPv6_under_IPv4_may_be_fragmented()
    {
        Assert.True(Ipv4Header.TryParse(Wrap(TunnelType.Gre, Under4, Inner6()), out Ipv4Header outer, out _));
        Assert.Equal((false, 0x1234), (outer.DontFragment, outer.Identification));
    }

    [Fact]
    public void The_tunnels_end_completes_a_remote_checksum()
    {
        byte[] complete = Inner4();
        byte[] partial = [.. complete];
        ushort pseudo = NaiveChecksum.Sum([.. complete[12..20], 0, IpProtocol.Udp, 0, (byte)(complete.Length - 20)]);
        BinaryPrimitives.WriteUInt16BigEndian(partial.AsSpan(26), pseudo);

        Wrapping wrapping = Under4 with { Flags = TunnelFlags.RemoteChecksum, RemoteChecksum = new RemoteChecksum(20, 26) };
        byte[] packet = Wrap(TunnelType.Gue, wrapping, partial);
        Assert.Equal(20 + 8 + 12 + partial.Length, packet.Length);
        byte[] datagram = OuterPayload(packet, wrapping, IpProtocol.Udp);
        // The card's or the end's sum over everything is what it derives the inner one from: the outer checksum has to be right.
        AssertUdpChecksum(packet, datagram);

        Assert.True(GueHeader.TryParse(datagram.AsSpan(UdpHeader.HeaderLength), out GueHeader gue, out _));
        Span<byte> inner = gue.Payload;
        RemoteChecksum remote = Assert.NotNull(gue.RemoteChecksum);
        ushort derived = NaiveChecksum.Of(inner[remote.Start..]);
        BinaryPrimitives.WriteUInt16BigEndian(inner[remote.Field..], derived);
        Assert.Equal(complete, inner.ToArray());
    }

    [Fact]
    public void Source_ports_stay_in_Linuxs_range_and_follow_the_flow()
    {
        Assert.Equal(32768, GueEncapsulation.SourcePort(0));
        Assert.Equal(60998, GueEncapsulation.SourcePort(uint.MaxValue));
        Random random = new(5);
        HashSet<ushort> seen = [];
        for (int i = 0; i < 1000; i++)
            seen.Add(GueEncapsulation.SourcePort((uint)random.NextInt64(1L << 32)));
        Assert.InRange(seen.Count, 950, 1000);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        byte[] packet = Wrap(TunnelType.Gue, Under6, Inner4());
        Wrapping wrapping = Under6 with { Flags = TunnelFlags.Checksum };
        Assert.Equal(0, Allocations.Of(() => Encapsulation.For(TunnelType.Gue).Write(packet, wrapping)));
    }

    private static byte[] Wrap(TunnelType type, in Wrapping wrapping, byte[] inner)
    {
        Encapsulation encapsulation = Encapsulation.For(type);
        Assert.Equal(type, encapsulation.Type);
        byte[] packet = [.. Enumerable.Repeat((byte)0xA5, encapsulation.Overhead(wrapping)), .. inner];
        encapsulation.Write(packet, wrapping);
        return packet;
    }

    private static byte ExpectedProtocol(TunnelType type, byte[] inner) => type switch
    {
        TunnelType.Gre => 47,
        TunnelType.Gue => 17,
        _ => inner[0] >> 4 == 4 ? (byte)4 : (byte)41,
    };

    // What an outer header says, read without the code that wrote it; TTL and DF are the inner ones.
    private static byte[] OuterPayload(byte[] packet, in Wrapping wrapping, byte protocol)
    {
        if (wrapping.Destination.IsIpv4)
        {
            Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header outer, out _));
            Assert.Equal((packet.Length, protocol, 63), (outer.TotalLength, outer.Protocol, outer.TimeToLive));
            Assert.Equal((wrapping.Source.Ipv4, wrapping.Destination.Ipv4), (outer.Source, outer.Destination));
            return outer.Payload.ToArray();
        }
        Assert.Equal(0x6000_0000u, BinaryPrimitives.ReadUInt32BigEndian(packet));
        Assert.Equal(packet.Length - 40, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(4)));
        Assert.Equal((protocol, 63), (packet[6], packet[7]));
        Assert.Equal((wrapping.Source, wrapping.Destination), (IpAddress.Read(packet.AsSpan(8, 16)), IpAddress.Read(packet.AsSpan(24, 16))));
        return packet[40..];
    }

    private static void CheckHeader(TunnelType type, TunnelFlags flags, byte[] packet, byte[] payload, byte[] inner)
    {
        bool innerIsIpv4 = inner[0] >> 4 == 4;
        if (type == TunnelType.Gre)
        {
            Assert.True(GreHeader.TryParse(payload, out GreHeader gre, out _));
            Assert.Equal(innerIsIpv4 ? EtherType.Ipv4 : EtherType.Ipv6, gre.ProtocolType);
            Assert.Equal(flags == TunnelFlags.Checksum, gre.HasChecksum);
            Assert.True(!gre.HasChecksum || NaiveChecksum.Sum(payload) == 0xFFFF);
        }
        else if (type == TunnelType.Gue)
        {
            Assert.True(UdpHeader.TryParse(payload, out UdpHeader udp, out _));
            Assert.Equal((40_000, 6080, payload.Length), (udp.SourcePort, udp.DestinationPort, udp.Length));
            Assert.True(GueHeader.TryParse(udp.Payload, out GueHeader gue, out _));
            Assert.Equal((innerIsIpv4 ? (byte)4 : (byte)41, null), (gue.Protocol, gue.RemoteChecksum));
            if (flags == TunnelFlags.None)
                Assert.Equal(0, udp.Checksum);
            else
                AssertUdpChecksum(packet, payload);
        }
    }

    private static void AssertUdpChecksum(byte[] packet, byte[] datagram)
    {
        byte[] addresses = packet[0] >> 4 == 4 ? packet[12..20] : packet[8..40];
        Assert.NotEqual(0, BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(6)));
        byte[] length = [(byte)(datagram.Length >> 8), (byte)datagram.Length];
        Assert.Equal(0xFFFF, NaiveChecksum.Sum([.. addresses, 0, IpProtocol.Udp, .. length, .. datagram]));
    }

    private static byte[] Inner4(byte typeOfService = 0, bool dontFragment = true)
    {
        byte[] packet = [.. new byte[20], .. Datagram()];
        Ipv4Header.Write(
            packet, packet.Length, IpProtocol.Udp, 0x0A010002, 0x0A010064, ttl: 63, tos: typeOfService, id: 77, dontFragment: dontFragment);
        BinaryPrimitives.WriteUInt16BigEndian(
            packet.AsSpan(26), Checksum.UdpWire(Checksum.Transport(0x0A010002, 0x0A010064, IpProtocol.Udp, packet.AsSpan(20))));
        return packet;
    }

    private static byte[] Inner6(byte trafficClass = 0)
    {
        byte[] datagram = Datagram();
        byte[] packet = [0x60, 0, 0, 0, 0, (byte)datagram.Length, IpProtocol.Udp, 63, .. new byte[32], .. datagram];
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x600A_BCDE | (uint)trafficClass << 20);
        _ = IpAddress.Of(IPAddress.Parse("fd00:1::2")).Write(packet.AsSpan(8));
        _ = IpAddress.Of(IPAddress.Parse("fd00:1::100")).Write(packet.AsSpan(24));
        return packet;
    }

    private static byte[] Datagram()
    {
        byte[] datagram = [.. new byte[UdpHeader.HeaderLength], 1, 2, 3, 4, 5];
        UdpHeader.Write(datagram, 41_000, 53, (ushort)datagram.Length);
        return datagram;
    }
}
