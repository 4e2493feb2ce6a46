using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding.Tunnels;

/// <summary>
/// The IP header in front of a tunnelled packet, as IPVS makes it from the inner one: the same type of service, the same TTL (already
/// decremented), the same DF. A packet whose inner one is IPv6 may be fragmented under IPv4.
/// </summary>
internal static class OuterHeader
{
    private const byte EcnMask = 0x03;
    private const byte EcnCapable0 = 0x02;
    private const byte CongestionExperienced = 0x03;
    private const byte DontFragmentBit = 0x40;

    /// <summary>Bytes of a header to that address.</summary>
    public static int LengthTo(IpAddress destination) => destination.IsIpv4 ? Ipv4Header.MinimumLength : Ipv6Header.MinimumLength;

    public static bool IsIpv4(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 4;

    /// <summary>Writes the header of <paramref name="packet"/>, whose payload ends with the packet <paramref name="inner"/>.</summary>
    public static void Write(Span<byte> packet, byte protocol, ReadOnlySpan<byte> inner, in Wrapping wrapping)
    {
        bool innerIsIpv4 = IsIpv4(inner);
        byte typeOfService = innerIsIpv4 ? inner[1] : (byte)(BinaryPrimitives.ReadUInt16BigEndian(inner) >> 4);
        byte timeToLive = innerIsIpv4 ? inner[8] : inner[7];
        bool dontFragment = innerIsIpv4 && (inner[6] & DontFragmentBit) != 0 && !wrapping.Fragmentable;
        typeOfService = WithOuterEcn(typeOfService);
        if (!wrapping.Destination.IsIpv4)
        {
            Ipv6Header.Write(packet, packet.Length, protocol, wrapping.Source, wrapping.Destination, timeToLive, typeOfService);
            return;
        }
        Ipv4Header.Write(
            packet, packet.Length, protocol, wrapping.Source.Ipv4, wrapping.Destination.Ipv4,
            timeToLive, typeOfService, dontFragment ? (ushort)0 : wrapping.Identification, dontFragment);
    }

    // RFC 3168 section 9.1.1, full functionality: congestion that the packet met before the tunnel is not the tunnel's.
    private static byte WithOuterEcn(byte inner) =>
        (inner & EcnMask) == CongestionExperienced ? (byte)((inner & ~EcnMask) | EcnCapable0) : inner;
}
