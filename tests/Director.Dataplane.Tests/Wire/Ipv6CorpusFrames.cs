using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

/// <summary>The part of <see cref="CorpusFrames"/> that is IPv6.</summary>
internal static class Ipv6CorpusFrames
{
    private const string Group = "ff02::1:ff00:100";
    private const string Router = "fe80::1";

    private static readonly byte[] Udp = [0x42, 0x20, 0, 53, 0, 13, 0, 0, 1, 2, 3, 4, 5];
    private static readonly byte[] Target = [0xFD, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    private static readonly byte[] Alert = [58, 0, 5, 2, 0, 0, 1, 0];

    public static IEnumerable<(string Name, byte[] Frame)> All()
    {
        yield return ("valid-ipv6-udp-padded", [.. Frame(17, Udp), .. new byte[7]]);
        yield return ("valid-ipv6-every-extension", Frame(
            0,
            [
                .. Options(60), .. Options(43), .. RoutingHeader(44, 2, 0), .. Fragment(51, 0, false), .. Authentication(60),
                .. Options(17), .. Udp,
            ]));
        yield return ("valid-ipv6-eight-extensions", Frame(60, [.. Chain(7), .. Options(17), .. Udp]));
        yield return ("valid-ipv6-esp", Frame(50, new byte[12]));
        yield return ("valid-ipv6-error-quoting-8-bytes", Error(3, Packet(60, [.. Options(17), .. Udp])[..56]));
        yield return ("valid-ipv6-listener-query-all", Query(27, []));

        yield return ("malformed-Ipv6Truncated", Frame(17, Udp)[..53]);
        yield return ("malformed-Ipv6Truncated-empty", Frame(17, Udp)[..14]);
        yield return ("malformed-Ipv6VersionInvalid", Framed(Packet(17, Udp, firstWord: 0x4500_0000)));
        yield return ("malformed-Ipv6PayloadLengthInvalid", Framed(Packet(17, Udp, lengthField: 14)));
        yield return ("malformed-Ipv6PayloadLengthInvalid-jumbogram-as-big-tcp-is",
            Framed(Packet(0, [6, 0, 0xC2, 4, 0, 1, 0, 0, .. new byte[60]], lengthField: 0)));
        yield return ("malformed-Ipv6AddressInvalid-source", Framed(Packet(17, Udp, source: "::ffff:10.1.0.2")));
        yield return ("malformed-Ipv6AddressInvalid-destination", Framed(Packet(17, Udp, destination: "::ffff:10.1.0.100")));
        yield return ("malformed-Ipv6ExtensionInvalid-beyond-packet", Frame(60, [17, 3, .. new byte[22]]));
        yield return ("malformed-Ipv6ExtensionInvalid-hop-by-hop-second", Frame(60, [.. Options(0), .. Options(17), .. Udp]));
        yield return ("malformed-Ipv6ExtensionInvalid-two-fragment-headers",
            Frame(44, [.. Fragment(44, 0, true), .. Fragment(17, 0, true), .. new byte[16]]));
        yield return ("malformed-Ipv6ExtensionsTooMany", Frame(60, [.. Chain(8), .. Options(17), .. Udp]));
        yield return ("malformed-Ipv6FragmentInvalid-9-bytes-and-more", Frame(44, [.. Fragment(17, 0, true), .. new byte[9]]));
        yield return ("malformed-Ipv6FragmentInvalid-beyond-64k", Frame(44, [.. Fragment(58, 65528, false), .. new byte[8]]));
        yield return ("malformed-IcmpTruncated-ipv6", Frame(58, Icmp(128, 0, new byte[3])));
        yield return ("malformed-IcmpChecksumInvalid-ipv6", Frame(58, Icmp(128, 0, new byte[4], Vip)));
        yield return ("malformed-IcmpQuoteInvalid-ipv6-7-bytes", Error(1, Packet(17, Udp)[..47]));
        yield return ("malformed-UdpTruncated-ipv6", Frame(17, Udp[..7]));
        yield return ("malformed-TcpTruncated-ipv6-tiny-fragment", Frame(44, [.. Fragment(6, 0, true), .. new byte[16]]));
        yield return ("malformed-NeighbourDiscoveryInvalid-option-of-length-0", Neighbor(135, 255, Group, [1, 0, .. new byte[6]]));
        yield return ("malformed-NeighbourDiscoveryInvalid-solicitation-through-router", Neighbor(135, 254, Group, []));
        yield return ("malformed-NeighbourDiscoveryInvalid-advertisement-through-router", Neighbor(136, 64, Vip, []));
        yield return ("malformed-MulticastListenerInvalid-length", Query(27, [2, 125, 0]));
        yield return ("malformed-MulticastListenerInvalid-without-alert", Query(27, [], alert: [58, 0, 1, 4, 0, 0, 0, 0]));
    }

    private static byte[] Neighbor(byte type, byte hopLimit, string destination, byte[] options) =>
        Framed(Packet(58, Icmp(type, 0, [0, 0, 0, 0, .. Target, .. options], Client, destination), hopLimit, Client, destination));

    private static byte[] Query(byte maximumResponse, byte[] rest, byte[]? alert = null) => Framed(Packet(
        0, [.. alert ?? Alert, .. Icmp(130, 0, [maximumResponse, 0, 0, 0, .. new byte[16], .. rest], Router, "ff02::1")],
        hopLimit: 1, Router, "ff02::1"));

    private static byte[] Chain(int headers) => [.. Enumerable.Range(0, headers).SelectMany(_ => Options(60))];

    private static byte[] Error(byte type, byte[] quote) => Frame(58, Icmp(type, 0, [0, 0, 0, 0, .. quote]));

    private static byte[] Frame(byte nextHeader, byte[] payload) => Framed(Packet(nextHeader, payload));

    private static byte[] Framed(byte[] packet) => [2, 0x4C, 0x56, 0x53, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xDD, .. packet];
}
