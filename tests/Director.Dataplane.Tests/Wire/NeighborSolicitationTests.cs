using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class NeighborSolicitationTests
{
    private const string Group = "ff02::1:ff00:100";
    private static readonly byte[] Target = [0xFD, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    private static readonly byte[] Option = [1, 1, 2, 0, 0, 0, 0, 0x0A];

    [Theory]
    [InlineData("neighbor-solicitation", "fd00:1::2", "fd00:1::1", "02:00:00:00:00:0a")]
    [InlineData("neighbor-solicitation-unicast", "fe80::ff:fe00:b", "fe80::ff:fe00:2", "02:00:00:00:00:0b")]
    [InlineData("neighbor-solicitation-probe", "::", "fd00:1::2", null)]
    [InlineData("neighbor-solicitation-probe-with-nonce", "::", "fd00:1::2", null)]
    public void Those_of_the_kernel_are_read(string recording, string source, string target, string? mac)
    {
        Assert.True(Ipv6Header.TryParse(Recorded(recording), out Ipv6Header packet, out _));
        Assert.True(NeighborSolicitation.TryParse(packet, out NeighborSolicitation solicitation, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((Address(source), Address(target)), (solicitation.Source, solicitation.Target));
        Assert.Equal(mac, solicitation.SourceLinkLayerAddress?.ToString());
        Assert.Equal(source == "::", solicitation.IsProbe);
    }

    [Fact]
    public void Written_as_the_kernel_writes_it()
    {
        byte[] buffer = new byte[NeighborSolicitation.PacketLength + 2];
        buffer.AsSpan().Fill(0xA5);
        NeighborSolicitation.Write(buffer, Address("fd00:1::2"), new MacAddress(0x0200_0000_000A), Address("fd00:1::1"));
        Assert.Equal([.. Recorded("neighbor-solicitation"), 0xA5, 0xA5], buffer);
    }

    [Fact]
    public void A_probe_is_written_as_the_kernel_writes_it()
    {
        byte[] buffer = new byte[NeighborSolicitation.ProbeLength + 2];
        buffer.AsSpan().Fill(0xA5);
        NeighborSolicitation.WriteProbe(buffer, Address("fd00:1::2"));
        Assert.Equal([.. Recorded("neighbor-solicitation-probe"), 0xA5, 0xA5], buffer);
    }

    public static TheoryData<string, byte[], string?> Options => new()
    {
        { "none", [], null },
        { "the address", Option, "02:00:00:00:00:0a" },
        { "others around it", [14, 1, 0, 0, 0, 0, 0, 0, .. Option, 200, 2, .. new byte[14]], "02:00:00:00:00:0a" },
        { "twice: the first counts", [.. Option, 1, 1, 9, 9, 9, 9, 9, 9], "02:00:00:00:00:0a" },
        { "the target's, which is not asked for", [2, 1, 9, 9, 9, 9, 9, 9], null },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_are_walked(string name, byte[] options, string? mac)
    {
        Assert.True(Ipv6Header.TryParse(Message(options), out Ipv6Header packet, out _));
        Assert.True(NeighborSolicitation.TryParse(packet, out NeighborSolicitation solicitation, out _), name);
        Assert.Equal(mac, solicitation.SourceLinkLayerAddress?.ToString());
    }

    public static TheoryData<string, byte[], DropReason> Refused => new()
    {
        { "through a router", Message(Option, hopLimit: 254), DropReason.NeighbourDiscoveryInvalid },
        { "code 1", Message(Option, code: 1), DropReason.NeighbourDiscoveryInvalid },
        { "an advertisement", Message(Option, type: 136), DropReason.NeighbourDiscoveryInvalid },
        {
            "no whole target", Packet(58, Icmp(135, 0, new byte[19], Client, Group), 255, Client, Group),
            DropReason.NeighbourDiscoveryInvalid
        },
        { "no whole header", Packet(58, Icmp(135, 0, new byte[3], Client, Group), 255, Client, Group), DropReason.IcmpTruncated },
        { "multicast target", Message(Option, target: [0xFF, 2, .. new byte[13], 1]), DropReason.NeighbourDiscoveryInvalid },
        {
            "mapped target", Message(Option, target: [.. new byte[10], 0xFF, 0xFF, 10, 1, 0, 100]),
            DropReason.NeighbourDiscoveryInvalid
        },
        { "checksum", Broken(Message(Option)), DropReason.IcmpChecksumInvalid },
        { "option of length 0", Message([1, 0, 0, 0, 0, 0, 0, 0]), DropReason.NeighbourDiscoveryInvalid },
        { "option of length 0 behind the address", Message([.. Option, 0, 0, 0, 0, 0, 0, 0, 0]), DropReason.NeighbourDiscoveryInvalid },
        { "option beyond the message", Message([14, 2, 0, 0, 0, 0, 0, 0]), DropReason.NeighbourDiscoveryInvalid },
        { "one byte of an option", Message([.. Option, 14]), DropReason.NeighbourDiscoveryInvalid },
        { "an address that is not Ethernet's", Message([1, 2, .. new byte[14]]), DropReason.NeighbourDiscoveryInvalid },
        { "a probe with an address", Message(Option, source: "::"), DropReason.NeighbourDiscoveryInvalid },
        { "a probe to the target itself", Message([], source: "::", destination: Vip), DropReason.NeighbourDiscoveryInvalid },
        { "a probe to another's group", Message([], source: "::", destination: "ff02::1:ff00:101"), DropReason.NeighbourDiscoveryInvalid },
        {
            "in a fragment header", Packet(44, [.. Ipv6Bytes.Fragment(58, 0, false), .. Message(Option)[40..]], 255, Client, Group),
            DropReason.NeighbourDiscoveryInvalid
        },
        { "from a group", Message(Option, source: "ff02::1"), DropReason.NeighbourDiscoveryInvalid },
        { "not ICMPv6", Packet(17, Message(Option)[40..], 255, Client, Group), DropReason.NeighbourDiscoveryInvalid },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_rfc_4861_section_7_1_1_forbids_is_refused(string name, byte[] bytes, DropReason expected)
    {
        Assert.True(Ipv6Header.TryParse(bytes, out Ipv6Header packet, out DropReason reason), $"{name}: {reason}");
        Assert.False(NeighborSolicitation.TryParse(packet, out _, out reason), name);
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] message = Message([.. Option, 14, 2, .. new byte[14]])[40..];
        for (int length = 0; length < message.Length; length++)
        {
            // The whole options fit up to there; the checksum is mended, so that it is not what tells.
            byte[] cut = length < 4 ? message[..length] : Icmp(135, 0, message[4..length], Client, Group);
            Assert.True(Ipv6Header.TryParse(Packet(58, cut, 255, Client, Group), out Ipv6Header packet, out _));
            bool whole = length is 24 or 32;
            Assert.Equal(whole, NeighborSolicitation.TryParse(packet, out _, out DropReason reason));
            DropReason refused = length < 8 ? DropReason.IcmpTruncated : DropReason.NeighbourDiscoveryInvalid;
            Assert.Equal(whole ? DropReason.None : refused, reason);
        }
    }

    private static byte[] Message(
        byte[] options, byte type = 135, byte code = 0, byte hopLimit = 255, byte[]? target = null,
        string source = Client, string destination = Group) =>
        Packet(58, Icmp(type, code, [0, 0, 0, 0, .. target ?? Target, .. options], source, destination), hopLimit, source, destination);

    private static byte[] Broken(byte[] packet)
    {
        packet[42] ^= 1;
        return packet;
    }
}
