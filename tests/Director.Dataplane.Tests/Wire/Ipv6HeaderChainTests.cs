using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class Ipv6HeaderChainTests
{
    private const byte Hop = 0, Route = 43, Frag = 44, Auth = 51, Dest = 60;
    private const byte Tcp = 6, Udp = 17, Esp = 50, Icmp = 58, None = 59, Mobility = 135;

    // What stands behind the IPv6 header, its first next header; protocol, header length and unfragmentable length expected.
    public static TheoryData<string, byte, byte[], byte, int, int> Chains => new()
    {
        { "no extension", Tcp, new byte[20], Tcp, 40, 40 },
        { "nothing follows", None, [], None, 40, 40 },
        { "nothing follows, but bytes do", None, new byte[9], None, 40, 40 },
        { "hop-by-hop", Hop, [.. Options(Icmp), .. new byte[8]], Icmp, 48, 48 },
        { "hop-by-hop of the greatest length", Hop, [.. Options(Udp, 2048), .. new byte[8]], Udp, 2088, 2088 },
        { "destination options", Dest, [.. Options(Udp, 24), .. new byte[8]], Udp, 64, 40 },
        { "segment routing", Route, [.. RoutingHeader(Udp, 4, 0), .. new byte[8]], Udp, 64, 64 },
        { "authentication", Auth, [.. Authentication(Tcp), .. new byte[20]], Tcp, 64, 40 },
        { "authentication of a length that is no multiple of 8", Auth, [.. Authentication(Tcp, 28), .. new byte[20]], Tcp, 68, 40 },
        { "atomic fragment", Frag, [.. Fragment(Udp, 0, false), .. new byte[9]], Udp, 48, 40 },
        {
            "the order that RFC 8200 recommends", Hop,
            [
                .. Options(Dest), .. Options(Route), .. RoutingHeader(Frag, 2, 0), .. Fragment(Auth, 0, false),
                .. Authentication(Dest), .. Options(Tcp), .. new byte[20],
            ],
            Tcp, 40 + 8 + 8 + 24 + 8 + 24 + 8, 80
        },
        {
            "eight headers", Dest,
            [.. Enumerable.Range(0, 7).SelectMany(_ => Options(Dest)), .. Options(Udp), .. new byte[8]], Udp, 104, 40
        },
        { "no next header behind an extension", Dest, Options(None), None, 48, 40 },
        { "the packet ends with its last extension", Dest, Options(Tcp), Tcp, 48, 40 },
        { "ESP hides what follows", Hop, [.. Options(Esp), Tcp, 200, 1, 2], Esp, 48, 48 },
        { "what the walk does not know", Mobility, Options(Tcp), Mobility, 40, 40 },
        { "a later fragment's data is no header", Frag, [.. Fragment(Dest, 8, false), 0xFF, 0xFF, 0xFF], Dest, 48, 40 },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void Walked_to_the_transport_header(string name, byte first, byte[] rest, byte protocol, int headerLength, int unfragmentable)
    {
        byte[] packet = Packet(first, rest);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header header, out DropReason reason), $"{name}: {reason}");
        Assert.Equal((first, protocol), (header.NextHeader, header.Protocol));
        Assert.Equal((headerLength, unfragmentable), (header.HeaderLength, header.UnfragmentableLength));
        Assert.Equal(packet[..headerLength], header.Header.ToArray());
        Assert.Equal(packet[headerLength..], header.Payload.ToArray());
    }

    public static TheoryData<string, byte, byte[], DropReason> Refused => new()
    {
        { "no byte of it", Hop, [], DropReason.Ipv6PayloadLengthInvalid },
        { "no byte of destination options", Dest, [], DropReason.Ipv6ExtensionInvalid },
        { "seven bytes of it", Dest, new byte[7], DropReason.Ipv6ExtensionInvalid },
        { "longer than the packet", Dest, [Udp, 1, .. new byte[13]], DropReason.Ipv6ExtensionInvalid },
        { "much longer than the packet", Dest, [Udp, 255, .. new byte[100]], DropReason.Ipv6ExtensionInvalid },
        { "authentication longer than the packet", Auth, [Udp, 4, .. new byte[21]], DropReason.Ipv6ExtensionInvalid },
        { "seven bytes of a fragment header", Frag, Fragment(Udp, 0, true)[..7], DropReason.Ipv6ExtensionInvalid },
        { "hop-by-hop in second place", Dest, [.. Options(Hop), .. Options(Udp)], DropReason.Ipv6ExtensionInvalid },
        { "hop-by-hop twice", Hop, [.. Options(Hop), .. Options(Udp)], DropReason.Ipv6ExtensionInvalid },
        {
            "fragment of a fragment", Frag,
            [.. Fragment(Frag, 0, true), .. Fragment(Udp, 0, true), .. new byte[16]], DropReason.Ipv6ExtensionInvalid
        },
        { "source route", Route, [.. RoutingHeader(Udp, 0, 1), .. new byte[8]], DropReason.Ipv6RoutingHeader },
        { "source route at its end", Route, [.. RoutingHeader(Udp, 0, 0), .. new byte[8]], DropReason.Ipv6RoutingHeader },
        { "source route behind options", Hop, [.. Options(Route), .. RoutingHeader(Udp, 0, 1)], DropReason.Ipv6RoutingHeader },
        {
            "nine headers", Dest,
            [.. Enumerable.Range(0, 8).SelectMany(_ => Options(Dest)), .. Options(Udp), .. new byte[8]],
            DropReason.Ipv6ExtensionsTooMany
        },
        {
            "thousands", Dest,
            [.. Enumerable.Range(0, 8000).SelectMany(_ => Options(Dest))], DropReason.Ipv6ExtensionsTooMany
        },
        {
            "a first fragment without its last option", Frag,
            [.. Fragment(Dest, 0, true), Udp, 3, .. new byte[6]], DropReason.Ipv6ExtensionInvalid
        },
        { "a middle fragment of 9 bytes", Frag, [.. Fragment(Udp, 8, true), .. new byte[9]], DropReason.Ipv6FragmentInvalid },
        { "a fragment that ends beyond 65535", Frag, [.. Fragment(Udp, 65528, false), .. new byte[8]], DropReason.Ipv6FragmentInvalid },
        {
            "a fragment that ends beyond 65535 with the options in front", Hop,
            [.. Options(Frag), .. Fragment(Udp, 65520, false), .. new byte[8]], DropReason.Ipv6FragmentInvalid
        },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Refused_with_the_reason(string name, byte first, byte[] rest, DropReason expected)
    {
        Assert.False(Ipv6Header.TryParse(Packet(first, rest), out _, out DropReason reason), name);
        Assert.Equal(expected, reason);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(255, true)]
    public void Segments_that_are_left_are_told(byte left, bool expected)
    {
        byte[] packet = Packet(Route, [.. RoutingHeader(Dest, 4, left), .. Options(Udp), .. new byte[8]]);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header header, out _));
        Assert.Equal(expected, header.IsSourceRouted);
    }

    [Theory]
    [InlineData("echo-behind-options", Icmp, 56)]
    [InlineData("fragment-first-58-behind-options", Icmp, 64)]
    [InlineData("fragment-last-58-behind-options", Icmp, 64)]
    [InlineData("segment-routing", Udp, 64)]
    [InlineData("no-next-header", None, 40)]
    [InlineData("protocol-200", 200, 40)]
    [InlineData("listener-report-joins", Icmp, 48)]
    public void Chains_of_the_kernel(string recording, byte protocol, int headerLength)
    {
        Assert.True(Ipv6Header.TryParse(Recorded(recording), out Ipv6Header header, out _));
        Assert.Equal((protocol, headerLength), (header.Protocol, header.HeaderLength));
    }
}
