using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>
/// The IP header in front of a tunnelled packet, as IPVS makes it from the inner one: the same type of service, the same TTL (already
/// decremented), the same DF. A packet whose inner one is IPv6 may be fragmented under IPv4.
/// </summary>
internal static class OuterHeader
{
    private const int Ipv6Length = 40;
    private const byte EcnMask = 0x03;
    private const byte EcnCapable0 = 0x02;
    private const byte CongestionExperienced = 0x03;
    private const byte DontFragmentBit = 0x40;

    /// <summary>Bytes of a header to that address.</summary>
    public static int LengthTo(IpAddress destination) => destination.IsIpv4 ? Ipv4Header.MinimumLength : Ipv6Length;

    public static bool IsIpv4(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 4;

    /// <summary>Writes the header of <paramref name="packet"/>, whose payload ends with the packet <paramref name="inner"/>.</summary>
    public static void Write(Span<byte> packet, byte protocol, ReadOnlySpan<byte> inner, in Wrapping wrapping)
    {
        bool innerIsIpv4 = IsIpv4(inner);
        byte typeOfService = innerIsIpv4 ? inner[1] : (byte)(BinaryPrimitives.ReadUInt16BigEndian(inner) >> 4);
        byte timeToLive = innerIsIpv4 ? inner[8] : inner[7];
        bool dontFragment = innerIsIpv4 && (inner[6] & DontFragmentBit) != 0;
        typeOfService = WithOuterEcn(typeOfService);
        if (!wrapping.Destination.IsIpv4)
        {
            WriteIpv6(packet, protocol, typeOfService, timeToLive, wrapping);
            return;
        }
        Ipv4Header.Write(
            packet, packet.Length, protocol, wrapping.Source.Ipv4, wrapping.Destination.Ipv4,
            timeToLive, typeOfService, dontFragment ? (ushort)0 : wrapping.Identification, dontFragment);
    }

    // RFC 3168 section 9.1.1, full functionality: congestion that the packet met before the tunnel is not the tunnel's.
    private static byte WithOuterEcn(byte inner) =>
        (inner & EcnMask) == CongestionExperienced ? (byte)((inner & ~EcnMask) | EcnCapable0) : inner;

    // RFC 8200 section 3; flow label 0, as IPVS has it.
    private static void WriteIpv6(Span<byte> packet, byte protocol, byte trafficClass, byte hopLimit, in Wrapping wrapping)
    {
        BinaryPrimitives.WriteUInt32BigEndian(packet, 6u << 28 | (uint)trafficClass << 20);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], checked((ushort)(packet.Length - Ipv6Length)));
        packet[6] = protocol;
        packet[7] = hopLimit;
        wrapping.Source.Write(packet[8..]);
        wrapping.Destination.Write(packet[24..]);
    }
}
