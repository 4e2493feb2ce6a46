using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class NeighborAdvertisementTests
{
    private static readonly byte[] Target = [0xFD, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    private static readonly byte[] Option = [2, 1, 2, 0, 0, 0, 0, 0x0A];
    private static readonly MacAddress RouterMac = new(0x0200_0000_0001);

    [Theory]
    [InlineData("neighbor-advertisement-answer", "fd00:1::1", "02:00:00:00:00:01", true, true, true)]
    [InlineData("neighbor-advertisement-without-address", "fe80::ff:fe00:2", null, true, true, false)]
    [InlineData("neighbor-advertisement-unsolicited", "fd00:1::2", "02:00:00:00:00:0a", false, false, true)]
    public void Those_of_the_kernel_are_read(string recording, string target, string? mac, bool router, bool solicited, bool overrides)
    {
        Assert.True(Ipv6Header.TryParse(Recorded(recording), out Ipv6Header packet, out _));
        Assert.True(NeighborAdvertisement.TryParse(packet, out NeighborAdvertisement advertisement, out DropReason reason));
        Assert.Equal(DropReason.None, reason);
        Assert.Equal((Address(target), mac), (advertisement.Target, advertisement.TargetLinkLayerAddress?.ToString()));
        Assert.Equal((router, solicited, overrides), (advertisement.IsFromRouter, advertisement.IsSolicited, advertisement.Overrides));
    }

    [Fact]
    public void The_answer_to_the_kernels_solicitation_is_what_the_kernel_answered()
    {
        byte[] buffer = Filled();
        Assert.True(Ipv6Header.TryParse(Recorded("neighbor-solicitation"), out Ipv6Header packet, out _));
        Assert.True(NeighborSolicitation.TryParse(packet, out NeighborSolicitation solicitation, out _));
        NeighborAdvertisement.WriteAnswer(buffer, solicitation, RouterMac, isRouter: true);
        Assert.Equal([.. Recorded("neighbor-advertisement-answer"), 0xA5, 0xA5], buffer);

        NeighborAdvertisement.WriteAnswer(buffer, solicitation, RouterMac);
        Assert.Equal((0x60, 0), (buffer[44], buffer[45]));
        AssertReadable(buffer);
    }

    [Fact]
    public void A_move_is_announced_as_the_kernel_announces_it()
    {
        byte[] buffer = Filled();
        NeighborAdvertisement.WriteUnsolicited(buffer, Address("fd00:1::2"), new MacAddress(0x0200_0000_000A));
        Assert.Equal([.. Recorded("neighbor-advertisement-unsolicited"), 0xA5, 0xA5], buffer);

        NeighborAdvertisement.WriteUnsolicited(buffer, Address("fd00:1::2"), new MacAddress(0x0200_0000_000A), isRouter: true);
        Assert.Equal(0xA0, buffer[44]);
        AssertReadable(buffer);
    }

    [Fact]
    public void A_prober_hears_it_with_all_nodes()
    {
        byte[] buffer = Filled();
        Assert.True(Ipv6Header.TryParse(Recorded("neighbor-solicitation-probe"), out Ipv6Header packet, out _));
        Assert.True(NeighborSolicitation.TryParse(packet, out NeighborSolicitation probe, out _));
        NeighborAdvertisement.WriteAnswer(buffer, probe, new MacAddress(0x0200_0000_000A));
        // The same bytes as if nobody had asked.
        Assert.Equal([.. Recorded("neighbor-advertisement-unsolicited"), 0xA5, 0xA5], buffer);
    }

    public static TheoryData<string, byte[], DropReason> Refused => new()
    {
        { "through a router", Message(Option, hopLimit: 1), DropReason.NeighbourDiscoveryInvalid },
        { "code 255", Message(Option, code: 255), DropReason.NeighbourDiscoveryInvalid },
        { "a solicitation", Message(Option, type: 135), DropReason.NeighbourDiscoveryInvalid },
        { "no whole target", Packet(58, Icmp(136, 0, new byte[19]), 255), DropReason.NeighbourDiscoveryInvalid },
        { "multicast target", Message(Option, target: [0xFF, 2, .. new byte[13], 1]), DropReason.NeighbourDiscoveryInvalid },
        { "solicited, but to all nodes", Message(Option, flags: 0x40, destination: "ff02::1"), DropReason.NeighbourDiscoveryInvalid },
        { "option of length 0", Message([2, 0, 0, 0, 0, 0, 0, 0]), DropReason.NeighbourDiscoveryInvalid },
        { "option beyond the message", Message([.. Option, 1, 2]), DropReason.NeighbourDiscoveryInvalid },
        { "an address that is not Ethernet's", Message([2, 3, .. new byte[22]]), DropReason.NeighbourDiscoveryInvalid },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_rfc_4861_section_7_1_2_forbids_is_refused(string name, byte[] bytes, DropReason expected)
    {
        Assert.True(Ipv6Header.TryParse(bytes, out Ipv6Header packet, out DropReason reason), $"{name}: {reason}");
        Assert.False(NeighborAdvertisement.TryParse(packet, out _, out reason), name);
        Assert.Equal(expected, reason);
    }

    [Theory]
    [InlineData(0x80, true, false, false)]
    [InlineData(0x40, false, true, false)]
    [InlineData(0x20, false, false, true)]
    [InlineData(0x1F, false, false, false)]
    public void Flags_are_three_bits(byte flags, bool router, bool solicited, bool overrides)
    {
        Assert.True(Ipv6Header.TryParse(Message(Option, flags: flags), out Ipv6Header packet, out _));
        Assert.True(NeighborAdvertisement.TryParse(packet, out NeighborAdvertisement advertisement, out _));
        Assert.Equal((router, solicited, overrides), (advertisement.IsFromRouter, advertisement.IsSolicited, advertisement.Overrides));
        Assert.Equal("02:00:00:00:00:0a", advertisement.TargetLinkLayerAddress?.ToString());
    }

    private static void AssertReadable(byte[] buffer)
    {
        Assert.True(Ipv6Header.TryParse(buffer, out Ipv6Header packet, out _));
        Assert.True(NeighborAdvertisement.TryParse(packet, out _, out DropReason reason), reason.ToString());
    }

    private static byte[] Message(
        byte[] options, byte type = 136, byte code = 0, byte hopLimit = 255, byte flags = 0x60, byte[]? target = null,
        string destination = Vip) =>
        Packet(58, Icmp(type, code, [flags, 0, 0, 0, .. target ?? Target, .. options], Client, destination), hopLimit, Client, destination);

    private static byte[] Filled()
    {
        byte[] buffer = new byte[NeighborAdvertisement.PacketLength + 2];
        buffer.AsSpan().Fill(0xA5);
        return buffer;
    }
}
