using System.Net;
using Director.Dataplane.Control;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Neighbour discovery for the owned IPv6 addresses (RFC 4861, RFC 4862): asked, probed, contested, taken.</summary>
public sealed class NeighborDiscoveryTests
{
    private static readonly VirtualService Service = Bench.Service("tcp [fd00:1::100]:80", "rr", Ipv6Bench.Server(1));
    private static readonly MacAddress Rival = new(0x02000000EEEE);
    private static readonly MacAddress AllNodesMac = new(0x333300000001);
    private static readonly IpAddress AllNodes = Ip("ff02::1");

    private readonly Bench _bench = Ipv6Bench.Started(Service);

    private MacAddress ClientSide => _bench.Interfaces[Bench.Client].AnswerMac;

    [Fact]
    public void A_solicitation_is_answered_with_the_virtual_mac()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, WhoHas(Ipv6Bench.Vip)));
        AssertAdvertises(sent, Ipv6Bench.Vip, Ipv6Bench.Client, Bench.ClientMac, solicited: true);
        Assert.Equal((1ul, 1ul), (_bench.Core.Counters.NeighborsAnswered, _bench.Core.Counters.NeighborDiscovery));
    }

    [Fact] // Unreachability detection: to the MAC that is known, and without saying one's own.
    public void A_solicitation_to_the_address_itself_is_answered_to_the_frames_sender()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, Solicitation(
            ClientSide, Bench.ClientMac, Ip("fe80::2"), Ipv6Bench.Vip, Ipv6Bench.Vip, option: null)));
        AssertAdvertises(sent, Ipv6Bench.Vip, Ip("fe80::2"), Bench.ClientMac, solicited: true);
    }

    [Fact]
    public void The_answer_goes_where_the_asker_says_unless_that_is_a_group()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, WhoHas(Ipv6Bench.Vip, option: Rival)));
        AssertAdvertises(sent, Ipv6Bench.Vip, Ipv6Bench.Client, Rival, solicited: true);
        sent = Assert.Single(_bench.Receive(Bench.Client, WhoHas(Ipv6Bench.Vip, option: MacAddress.Broadcast)));
        AssertAdvertises(sent, Ipv6Bench.Vip, Ipv6Bench.Client, Bench.ClientMac, solicited: true);
    }

    [Fact]
    public void The_gateway_answers_as_a_router_on_its_own_segment()
    {
        byte[] asked = Solicitation(
            new MacAddress(0x3333FF000254), Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), Ip("ff02::1:ff00:254"), Ipv6Bench.Gateway, Bench.ServerMac(1));
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, asked));
        Assert.Equal(Bench.ServerSide, sent.Position);
        AssertAdvertises(sent, Ipv6Bench.Gateway, Ipv6Bench.ServerAddress(1), Bench.ServerMac(1), solicited: true, router: true);
    }

    [Theory]
    [InlineData("fd00:1::1")] // the host's own
    [InlineData("fe80::2:1")] // its link-local one
    [InlineData("fd00:1::2")] // the asker's
    [InlineData("fd00:2::254")] // ours, on the other segment
    [InlineData("fd00:9::9")] // nobody's
    public void One_for_another_address_is_left_to_others(string target)
    {
        Assert.Empty(_bench.Receive(Bench.Client, WhoHas(Ip(target))));
        Assert.Equal((1ul, 0ul), (_bench.Core.Counters.NeighborDiscovery, _bench.Core.Counters.NeighborsAnswered));
    }

    [Fact]
    public void A_standby_answers_nothing()
    {
        _bench.Core.Own(false);
        Assert.Empty(_bench.Receive(Bench.Client, WhoHas(Ipv6Bench.Vip)));
        Assert.Empty(_bench.Receive(Bench.Client, Probe(Ipv6Bench.Vip, Rival)));
        Assert.Empty(_bench.Receive(Bench.Client, Claim(Ipv6Bench.Vip)));
        Assert.Equal((3ul, 0ul), (_bench.Core.Counters.NeighborDiscovery, _bench.Core.Counters.NeighborsAnswered));
    }

    [Fact]
    public void Without_a_virtual_mac_the_interfaces_own_answers()
    {
        Bench bench = Ipv6Bench.Create(virtualMac: false);
        bench.Apply(Service);
        Sent sent = Assert.Single(bench.Receive(Bench.Client, WhoHas(Ipv6Bench.Vip)));
        Assert.True(NeighborAdvertisement.TryParse(sent.Ipv6(), out NeighborAdvertisement advertisement, out _));
        Assert.Equal((Bench.ClientSideMac, Bench.ClientSideMac), (sent.EthernetHeader.Source, advertisement.TargetLinkLayerAddress));
    }

    [Fact] // RFC 4862 section 5.4.3; RFC 4861 section 7.2.4
    public void Everybody_who_probes_for_an_address_of_ours_hears_at_once_and_every_time_that_it_is_taken()
    {
        for (int i = 0; i < 3; i++)
        {
            Sent sent = Assert.Single(_bench.Receive(Bench.Client, Probe(Ipv6Bench.Vip, Rival)));
            AssertAdvertises(sent, Ipv6Bench.Vip, AllNodes, AllNodesMac, solicited: false);
        }
        Assert.Equal(Rival, _bench.Core.ForeignClaims[Ipv6Bench.Vip]);
        Assert.Equal((3ul, 3ul), (_bench.Core.Counters.NeighborsAnswered, _bench.Core.Counters.NeighborDiscovery));
    }

    [Fact]
    public void A_flood_of_probes_is_not_answered_with_a_flood()
    {
        int answered = Enumerable.Range(0, 1000).Sum(_ => _bench.Receive(Bench.Client, Probe(Ipv6Bench.Vip, Rival)).Length);
        Assert.InRange(answered, 1, 100);
        Assert.Equal((ulong)(1000 - answered), _bench.Core.Counters.Dropped(DropReason.AnswerRateLimited));
        Assert.Equal((ulong)answered, _bench.Core.Counters.NeighborDiscovery);
        _bench.Now += 1000;
        Assert.Single(_bench.Receive(Bench.Client, Probe(Ipv6Bench.Vip, Rival)));
        // Who asks is answered all the same.
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Single(_bench.Receive(Bench.Client, WhoHas(Ipv6Bench.Vip))));
    }

    [Fact] // RFC 4862 appendix A
    public void Our_own_frames_come_back_without_consequence()
    {
        Assert.Empty(_bench.Receive(Bench.Client, Probe(Ipv6Bench.Vip, ClientSide)));
        Assert.Empty(_bench.Receive(Bench.Client, Claim(Ipv6Bench.Vip, ClientSide)));
        Assert.Empty(_bench.Core.ForeignClaims);
        Assert.Equal(2ul, _bench.Core.Counters.NeighborDiscovery);
    }

    [Fact]
    public void A_foreign_claim_is_answered_once_in_ten_seconds_and_remembered()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, Claim(Ipv6Bench.Vip)));
        AssertAdvertises(sent, Ipv6Bench.Vip, AllNodes, AllNodesMac, solicited: false);
        Assert.Empty(_bench.Receive(Bench.Client, Claim(Ipv6Bench.Vip)));
        _bench.Now += 10_001;
        Assert.Single(_bench.Receive(Bench.Client, Claim(Ipv6Bench.Vip)));
        Assert.Equal(Rival, _bench.Core.ForeignClaims[Ipv6Bench.Vip]);
    }

    [Fact]
    public void Who_asks_others_in_the_name_of_our_address_claims_it()
    {
        byte[] asking = Solicitation(
            new MacAddress(0x3333FF000002), Rival, Ipv6Bench.Vip, Ip("ff02::1:ff00:2"), Ipv6Bench.Client, option: Rival);
        AssertAdvertises(Assert.Single(_bench.Receive(Bench.Client, asking)), Ipv6Bench.Vip, AllNodes, AllNodesMac, solicited: false);
        Assert.Equal(Rival, _bench.Core.ForeignClaims[Ipv6Bench.Vip]);
    }

    [Fact]
    public void A_claim_to_an_address_of_another_segment_or_of_nobody_is_none_of_ours()
    {
        Assert.Empty(_bench.Receive(Bench.ServerSide, Claim(Ipv6Bench.Vip)));
        Assert.Empty(_bench.Receive(Bench.Client, Claim(Ip("fd00:1::77"))));
        Assert.Empty(_bench.Core.ForeignClaims);
    }

    [Fact]
    public void Taking_the_addresses_advertises_each_on_its_segment_several_times()
    {
        _bench.Core.Own(false);
        _bench.Core.Own(true);
        foreach (long wait in (long[])[1, 100, 300, 600])
        {
            Sent[] advertised = [.. _bench.Tick(wait).Where(IsAdvertisement)];
            Assert.Equal([Bench.Client, Bench.ServerSide], advertised.Select(sent => sent.Position).Order());
            foreach (Sent sent in advertised)
            {
                bool gateway = sent.Position == Bench.ServerSide;
                AssertAdvertises(sent, gateway ? Ipv6Bench.Gateway : Ipv6Bench.Vip, AllNodes, AllNodesMac, solicited: false, router: gateway);
            }
        }
        Assert.DoesNotContain(_bench.Tick(60_000), IsAdvertisement);
    }

    [Fact]
    public void A_new_services_address_is_advertised_by_an_owner_at_once()
    {
        Bench bench = Ipv6Bench.Create();
        Sent[] sent = bench.During(() => bench.Apply(Service, Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1))));
        AssertAdvertises(Assert.Single(sent, IsAdvertisement), Ipv6Bench.Vip, AllNodes, AllNodesMac, solicited: false);

        bench = Ipv6Bench.Create();
        bench.Core.Own(false);
        Assert.Empty(bench.During(() => bench.Apply(Service)));
    }

    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("ff05::100")]
    [InlineData("fd00:1::1")] // the host's
    public void A_service_of_an_address_that_we_cannot_have_is_not_advertised(string vip)
    {
        Bench bench = Ipv6Bench.Create();
        Assert.Empty(bench.During(() => bench.Apply(Bench.Service($"tcp [{vip}]:80", "rr", Ipv6Bench.Server(1)))));
        Assert.DoesNotContain(bench.Core.Owned.All, owned => owned.Address == Ip(vip));
    }

    [Fact]
    public void A_probe_asks_all_who_listen_in_the_addresss_group_from_no_address()
    {
        Sent[] sent = _bench.During(() => _bench.Core.BeginProbe([IPAddress.Parse("fd00:2::55")]));
        Sent probe = Assert.Single(sent, each => each.Ipv6().Protocol == IpProtocol.Icmpv6 && each.Icmpv6().Type == Icmpv6Header.NeighborSolicitation);
        Assert.Equal((Bench.ServerSide, new MacAddress(0x3333FF000055)), (probe.Position, probe.EthernetHeader.Destination));
        Assert.True(NeighborSolicitation.TryParse(probe.Ipv6(), out NeighborSolicitation solicitation, out _));
        Assert.Equal((Ip("fd00:2::55"), true, null), (solicitation.Target, solicitation.IsProbe, solicitation.SourceLinkLayerAddress));
    }

    [Fact]
    public void A_probe_finds_who_answers_who_probes_as_well_and_what_the_host_has()
    {
        IPAddress[] wanted = [.. ((string[])["fd00:1::55", "fd00:1::56", "fd00:1::57", "fd00:1::58", "fd00:1::1"]).Select(IPAddress.Parse)];
        _bench.Core.BeginProbe(wanted);
        _bench.Receive(Bench.Client, Claim(Ip("fd00:1::55")));
        _bench.Receive(Bench.Client, Probe(Ip("fd00:1::56"), Rival));
        // Our own probe, come back; and one who merely asks (RFC 4862 section 5.4.3).
        _bench.Receive(Bench.Client, Probe(Ip("fd00:1::57"), ClientSide));
        Assert.Empty(_bench.Receive(Bench.Client, WhoHas(Ip("fd00:1::58"))));
        Assert.Equal(
            [
                new AddressConflict(wanted[0], "c0", Rival.ToString()),
                new AddressConflict(wanted[1], "c0", Rival.ToString()),
                new AddressConflict(wanted[4], "c0", null),
            ],
            _bench.Core.EndProbe(wanted));
        Assert.Empty(_bench.Core.ForeignClaims);
    }

    public static TheoryData<string, byte[]> Unsound => new()
    {
        { "through a router", Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, Ipv6Bench.Client, Group, 135, 0, Target(), hopLimit: 254) },
        { "a code", Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, Ipv6Bench.Client, Group, 135, 1, Target(), hopLimit: 255) },
        { "cut short", Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, Ipv6Bench.Client, Group, 135, 0, Target().AsSpan(0, 15), hopLimit: 255) },
        { "an option of length 0", Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, Ipv6Bench.Client, Group, 135, 0, [.. Target(), 1, 0], hopLimit: 255) },
        { "a probe with an address", Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, default, Group, 135, 0, [.. Target(), 1, 1, 2, 0, 0, 0, 1, 2], hopLimit: 255) },
        { "a probe of one address only", Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, default, Ipv6Bench.Vip, 135, 0, Target(), hopLimit: 255) },
        { "in a fragment header (RFC 6980)", Ipv6Frames.Extended(Ipv6Frames.Icmp(
            Ipv6Bench.VipGroupMac, Bench.ClientMac, Ipv6Bench.Client, Group, 135, 0, Target(), hopLimit: 255), 44, Ipv6Bytes.Fragment(58, 0, more: false)) },
        { "an advertisement asked for by all", Ipv6Frames.Icmp(AllNodesMac, Bench.ClientMac, Ipv6Bench.Client, AllNodes, 136, 0, Target(), rest: 0x4000_0000, hopLimit: 255) },
    };

    private static IpAddress Group => Ip("ff02::1:ff00:100");

    [Theory]
    [MemberData(nameof(Unsound))]
    public void What_the_rfc_has_receivers_ignore_is_dropped_and_counted(string name, byte[] frame)
    {
        Assert.True(_bench.Receive(Bench.Client, frame).Length == 0, name);
        Assert.Equal((1ul, 0ul), (_bench.Core.Counters.Dropped(DropReason.NeighbourDiscoveryInvalid), _bench.Core.Counters.NeighborDiscovery));
        Assert.Empty(_bench.Core.ForeignClaims);
    }

    [Theory]
    [InlineData(Icmpv6Header.RouterSolicitation)]
    [InlineData(Icmpv6Header.RouterAdvertisement)]
    [InlineData(Icmpv6Header.Redirect)]
    public void What_hosts_and_routers_say_to_each_other_is_the_hosts(byte type)
    {
        Assert.Empty(_bench.Receive(Bench.Client, Ipv6Frames.Icmp(
            AllNodesMac, Bench.ClientMac, Ip("fe80::2"), AllNodes, type, 0, new byte[32], hopLimit: 255)));
        Assert.Equal(1ul, _bench.Core.Counters.NeighborDiscovery);
    }

    private static bool IsAdvertisement(Sent sent) => sent.EthernetHeader.EtherType == EtherType.Ipv6
        && sent.Ipv6().Protocol == IpProtocol.Icmpv6 && sent.Icmpv6().Type == Icmpv6Header.NeighborAdvertisement;

    private static byte[] Target() => [0xFD, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];

    private static byte[] WhoHas(IpAddress target, MacAddress? option = null)
    {
        IpAddress group = Ip("ff02::1:ff00:0").Plus((uint)target.Low & 0xFF_FFFF);
        return Solicitation(
            new MacAddress(0x3333_0000_0000ul | (uint)group.Low), Bench.ClientMac, Ipv6Bench.Client, group, target, option ?? Bench.ClientMac);
    }

    private static byte[] Probe(IpAddress target, MacAddress from)
    {
        IpAddress group = Ip("ff02::1:ff00:0").Plus((uint)target.Low & 0xFF_FFFF);
        return Solicitation(new MacAddress(0x3333_0000_0000ul | (uint)group.Low), from, default, group, target, option: null);
    }

    private static byte[] Solicitation(MacAddress to, MacAddress from, IpAddress source, IpAddress destination, IpAddress target, MacAddress? option) =>
        Ipv6Frames.Icmp(to, from, source, destination, Icmpv6Header.NeighborSolicitation, 0, Body(target, 1, option), hopLimit: 255);

    private static byte[] Claim(IpAddress target, MacAddress? by = null) => Ipv6Frames.Icmp(
        AllNodesMac, by ?? Rival, target, AllNodes, Icmpv6Header.NeighborAdvertisement, 0, Body(target, 2, by ?? Rival), rest: 0x2000_0000, hopLimit: 255);

    private static byte[] Body(IpAddress target, byte optionType, MacAddress? option)
    {
        byte[] body = new byte[option is null ? 16 : 24];
        target.Write(body);
        if (option is { } mac)
        {
            (body[16], body[17]) = (optionType, 1);
            mac.Write(body.AsSpan(18));
        }
        return body;
    }

    private void AssertAdvertises(Sent sent, IpAddress target, IpAddress to, MacAddress toMac, bool solicited, bool router = false)
    {
        MacAddress mac = _bench.Interfaces[sent.Position].AnswerMac;
        Assert.Equal((toMac, mac), (sent.EthernetHeader.Destination, sent.EthernetHeader.Source));
        Assert.Equal((target, to, 255), (sent.Ipv6().Source, sent.Ipv6().Destination, sent.Ipv6().TimeToLive));
        Assert.Equal(sent.Ethernet.Length, 14 + sent.Ipv6().TotalLength);
        Assert.True(NeighborAdvertisement.TryParse(sent.Ipv6(), out NeighborAdvertisement advertisement, out DropReason reason), reason.ToString());
        Assert.Equal((target, mac), (advertisement.Target, advertisement.TargetLinkLayerAddress));
        Assert.Equal((solicited, true, router), (advertisement.IsSolicited, advertisement.Overrides, advertisement.IsFromRouter));
    }
}
