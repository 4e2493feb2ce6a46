using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class MulticastListenerQueryTests
{
    private const string Router = "fe80::ff:fe00:e";
    private const string AllNodes = "ff02::1";
    private static readonly byte[] Alert = [58, 0, 5, 2, 0, 0, 1, 0];
    private static readonly byte[] Group = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0, 0, 7];

    [Theory]
    [InlineData("listener-query-version-1", 1, "::", 10_000)]
    [InlineData("listener-query-version-2", 2, "ff02::1:ff00:7", 1000)]
    public void Those_of_the_kernels_bridge_are_read(string recording, int version, string group, int milliseconds)
    {
        Assert.True(Ipv6Header.TryParse(Recorded(recording), out Ipv6Header packet, out _));
        Assert.True(MulticastListenerQuery.TryParse(packet, out MulticastListenerQuery query, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((version, Address(group), milliseconds), (query.Version, query.Group, query.MaximumResponseMilliseconds));
        Assert.True(query.AsksAbout(Address("ff02::1:ff00:7")));
        Assert.Equal(group == "::", query.AsksAbout(Address("ff02::1:ff00:8")));
    }

    [Theory]
    [InlineData(1, 0x0000, 0)]
    [InlineData(1, 0xFFFF, 65_535)]
    [InlineData(2, 0x7FFF, 32_767)]
    [InlineData(2, 0x8000, 32_768)]
    [InlineData(2, 0x8001, 32_776)]
    [InlineData(2, 0x9000, 65_536)]
    [InlineData(2, 0xFFFF, 8_387_584)]
    public void The_time_to_answer_is_a_number_and_in_version_2_from_32768_on_a_floating_one(int version, int code, int milliseconds)
    {
        byte[] rest = version == 1 ? [] : [2, 125, 0, 0];
        Assert.True(Ipv6Header.TryParse(Query([(byte)(code >> 8), (byte)code, 0, 0, .. Group, .. rest]), out Ipv6Header packet, out _));
        Assert.True(MulticastListenerQuery.TryParse(packet, out MulticastListenerQuery query, out _));
        Assert.Equal((version, milliseconds), (query.Version, query.MaximumResponseMilliseconds));
    }

    [Fact]
    public void Sources_that_are_asked_about_change_nothing()
    {
        byte[] bytes = Query([3, 0xE8, 0, 0, .. Group, 2, 125, 0, 1, .. new byte[16]]);
        Assert.True(Ipv6Header.TryParse(bytes, out Ipv6Header packet, out _));
        Assert.True(MulticastListenerQuery.TryParse(packet, out MulticastListenerQuery query, out _));
        Assert.Equal((2, Address("ff02::1:ff00:7")), (query.Version, query.Group));
    }

    // The hop-by-hop options with, and at the end without, the router alert.
    public static TheoryData<string, byte[], bool> Alerts => new()
    {
        { "as we send it", Alert, true },
        { "as the kernel's bridge sends it", [58, 0, 5, 2, 0, 0, 0, 0], true },
        { "behind padding", [58, 0, 1, 0, 5, 2, 0, 0], true },
        { "behind two Pad1", [58, 0, 0, 0, 5, 2, 0, 0], true },
        { "behind another option", [58, 1, 0xC2, 6, 0, 0, 0, 0, 0, 0, 5, 2, 0, 0, 1, 0], true },
        { "of RSVP", [58, 0, 5, 2, 0, 1, 1, 0], false },
        { "of a wrong length", [58, 0, 5, 3, 0, 0, 0, 0], false },
        { "none", [58, 0, 1, 4, 0, 0, 0, 0], false },
        { "cut off by the header's end", [58, 0, 1, 1, 0, 5, 2, 0], false },
        { "an option beyond the header's end in front", [58, 0, 9, 255, 0, 0, 0, 0], false },
    };

    [Theory]
    [MemberData(nameof(Alerts))]
    public void A_router_alert_is_found_wherever_it_stands(string name, byte[] options, bool found)
    {
        Assert.True(Ipv6Header.TryParse(Query([0, 0, 0, 0, .. new byte[16]], options: options), out Ipv6Header packet, out _));
        Assert.True(MulticastListenerQuery.TryParse(packet, out _, out DropReason reason) == found, name);
        Assert.Equal(found ? DropReason.None : DropReason.MulticastListenerInvalid, reason);
    }

    public static TheoryData<string, byte[], DropReason> Refused => new()
    {
        { "through a router", Query([0, 0, 0, 0, .. Group], hopLimit: 2), DropReason.MulticastListenerInvalid },
        { "not from a link-local address", Query([0, 0, 0, 0, .. Group], source: Client), DropReason.MulticastListenerInvalid },
        { "from ::", Query([0, 0, 0, 0, .. Group], source: "::"), DropReason.MulticastListenerInvalid },
        { "about a unicast address", Query([0, 0, 0, 0, 0xFD, .. new byte[15]]), DropReason.MulticastListenerInvalid },
        {
            "about a mapped address",
            Query([0, 0, 0, 0, .. new byte[10], 0xFF, 0xFF, 224, 0, 0, 1]), DropReason.MulticastListenerInvalid
        },
        { "no whole group", Query([0, 0, 0, 0, .. Group[..15]]), DropReason.MulticastListenerInvalid },
        { "between version 1 and version 2", Query([0, 0, 0, 0, .. Group, 2, 125, 0]), DropReason.MulticastListenerInvalid },
        { "no whole header", Query([0, 0, 0]), DropReason.IcmpTruncated },
        { "a report", Query([0, 0, 0, 0, .. Group], type: 131), DropReason.MulticastListenerInvalid },
        {
            "without hop-by-hop options", Packet(58, Icmp(130, 0, [0, 0, 0, 0, .. Group], Router, AllNodes), 1, Router, AllNodes),
            DropReason.MulticastListenerInvalid
        },
        { "checksum", Broken(Query([0, 0, 0, 0, .. Group])), DropReason.IcmpChecksumInvalid },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_rfc_3810_forbids_is_refused(string name, byte[] bytes, DropReason expected)
    {
        Assert.True(Ipv6Header.TryParse(bytes, out Ipv6Header packet, out DropReason reason), $"{name}: {reason}");
        Assert.False(MulticastListenerQuery.TryParse(packet, out _, out reason), name);
        Assert.Equal(expected, reason);
    }

    private static byte[] Query(byte[] body, byte type = 130, byte hopLimit = 1, string source = Router, byte[]? options = null) =>
        Packet(0, [.. options ?? Alert, .. Icmp(type, 0, body, source, AllNodes)], hopLimit, source, AllNodes);

    private static byte[] Broken(byte[] packet)
    {
        packet[50] ^= 1;
        return packet;
    }
}
