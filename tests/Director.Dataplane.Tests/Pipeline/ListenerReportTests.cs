using System.Buffers.Binary;
using System.Net;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// Membership of the solicited-node groups (RFC 3810): without its reports a switch that looks at them keeps solicitations from us.
/// </summary>
public sealed class ListenerReportTests
{
    private const int Listens = 2;
    private const int Leaves = 3;
    private const int Joins = 4;

    private static readonly IpAddress VipGroup = Ip("ff02::1:ff00:100");
    private static readonly IpAddress GatewayGroup = Ip("ff02::1:ff00:254");
    private static readonly MacAddress AllNodesMac = new(0x333300000001);
    private static readonly MacAddress RoutersMac = new(0x333300000016);

    // Two of three share a group.
    private readonly Bench _bench = Ipv6Bench.Started(Of("fd00:1::100"), Of("fd00:1::1:0:100"), Of("fd00:1::200"), Of("10.1.0.100"));

    [Fact]
    public void Taking_the_addresses_joins_each_group_once_and_says_so_several_times()
    {
        _bench.Core.Own(false);
        _bench.Core.Own(true);
        foreach (long wait in (long[])[1, 100, 300, 600])
        {
            Sent[] sent = [.. _bench.Tick(wait).Where(each => IsReport(each))];
            Assert.Equal([VipGroup, Ip("ff02::1:ff00:200")], Report(Assert.Single(sent, each => each.Position == Bench.Client), Joins));
            Assert.Equal([GatewayGroup], Report(Assert.Single(sent, each => each.Position == Bench.ServerSide), Joins));
        }
    }

    [Fact]
    public void A_standby_leaves_them()
    {
        Sent[] sent = _bench.During(() => _bench.Core.Own(false));
        Assert.Equal([VipGroup, Ip("ff02::1:ff00:200")], Report(Assert.Single(sent, each => each.Position == Bench.Client), Leaves));
        Assert.Equal([GatewayGroup], Report(Assert.Single(sent, each => each.Position == Bench.ServerSide), Leaves));
        Assert.Empty(_bench.During(() => _bench.Core.Own(false)));
    }

    [Fact] // RFC 3810 section 6.1
    public void A_new_group_is_joined_at_once_and_again_within_a_second_and_left_with_its_last_address()
    {
        Sent[] sent = _bench.During(() => _bench.Apply(Of("fd00:1::100"), Of("fd00:1::300"), Of("fd00:1::1:0:300")));
        Assert.Equal([Ip("ff02::1:ff00:300")], Report(Assert.Single(sent, each => IsReport(each, Joins)), Joins));
        Assert.Equal([Ip("ff02::1:ff00:200")], Report(Assert.Single(sent, each => IsReport(each, Leaves)), Leaves));
        Assert.DoesNotContain(_bench.Tick(100), IsReport);
        sent = [.. _bench.Tick(900).Where(each => IsReport(each))];
        Assert.Equal([VipGroup, Ip("ff02::1:ff00:300")], Report(Assert.Single(sent, each => each.Position == Bench.Client), Joins));
        Assert.DoesNotContain(_bench.Tick(10_000), IsReport);

        Assert.DoesNotContain(_bench.During(() => _bench.Apply(Of("fd00:1::100"), Of("fd00:1::300"))), IsReport);
    }

    [Fact]
    public void Who_probes_for_an_address_listens_first()
    {
        Sent[] sent = _bench.During(() => _bench.Core.BeginProbe([IPAddress.Parse("fd00:1::55")]));
        Assert.Equal(2, sent.Length);
        Assert.Equal([Ip("ff02::1:ff00:55")], Report(sent[0], Joins));
    }

    [Fact]
    public void A_query_for_everything_is_answered_with_each_group_once()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, Query(default)));
        Assert.Equal([VipGroup, Ip("ff02::1:ff00:200")], Report(sent, Listens));
        Assert.Equal(Bench.Client, sent.Position);
        Assert.Equal([GatewayGroup], Report(Assert.Single(_bench.Receive(Bench.ServerSide, Query(default))), Listens));
        Assert.Equal(2ul, _bench.Core.Counters.NeighborDiscovery);
    }

    [Fact]
    public void A_query_for_one_group_is_answered_with_it_or_not_at_all()
    {
        Assert.Equal([VipGroup], Report(Assert.Single(_bench.Receive(Bench.Client, Query(VipGroup))), Listens));
        Assert.Empty(_bench.Receive(Bench.Client, Query(GatewayGroup))); // of the other segment
        Assert.Empty(_bench.Receive(Bench.Client, Query(Ip("ff02::fb"))));
        Assert.Equal(3ul, _bench.Core.Counters.NeighborDiscovery);
    }

    [Fact] // RFC 2710
    public void A_query_of_version_1_is_answered_in_version_1_group_by_group()
    {
        Sent[] sent = _bench.Receive(Bench.Client, Query(default, version: 1));
        Assert.Equal([VipGroup, Ip("ff02::1:ff00:200")], sent.Select(each => each.Ipv6().Destination));
        Assert.All(sent, each =>
        {
            AssertSound(each);
            Assert.Equal((Icmpv6Header.ListenerReport, 24), (each.Icmpv6().Type, each.Ipv6().Payload.Length));
            Assert.Equal(each.Ipv6().Destination, IpAddress.Read(each.Icmpv6().Payload));
            Assert.Equal(new MacAddress(0x3333_0000_0000ul | (uint)each.Ipv6().Destination.Low), each.EthernetHeader.Destination);
        });
    }

    [Fact]
    public void More_groups_than_a_report_holds_go_into_several()
    {
        Bench bench = Ipv6Bench.Started([.. Enumerable.Range(1, 100).Select(i => Of($"fd00:1::a:{i:x}"))]);
        Sent[] sent = bench.Receive(Bench.Client, Query(default));
        Assert.Equal([61, 39], sent.Select(each => Report(each, Listens).Length));
        Assert.Equal(100, sent.SelectMany(each => Report(each, Listens)).Distinct().Count());
        Assert.Equal(100, bench.Receive(Bench.Client, Query(default, version: 1)).Length);
    }

    [Fact]
    public void A_standby_says_nothing_and_a_flood_of_queries_is_not_answered_with_one()
    {
        int answered = Enumerable.Range(0, 1000).Sum(_ => _bench.Receive(Bench.Client, Query(default)).Length);
        Assert.InRange(answered, 1, 50);
        Assert.Equal((ulong)(1000 - answered), _bench.Core.Counters.Dropped(DropReason.AnswerRateLimited));
        _bench.Now += 1000;
        Assert.Single(_bench.Receive(Bench.Client, Query(default)));
        _bench.Core.Own(false);
        Assert.Empty(_bench.Receive(Bench.Client, Query(default)));
    }

    [Fact]
    public void Others_reports_are_the_hosts_and_unsound_queries_are_dropped()
    {
        Assert.Empty(_bench.Receive(Bench.Client, Message(Icmpv6Header.ListenerReportVersion2, new byte[20], "fe80::2")));
        Assert.Equal(1ul, _bench.Core.Counters.NeighborDiscovery);
        Assert.Empty(_bench.Receive(Bench.Client, Message(Icmpv6Header.ListenerQuery, new byte[20], "fd00:1::2")));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.MulticastListenerInvalid));
    }

    private static VirtualService Of(string vip) => vip.Contains(':')
        ? Bench.Service($"tcp [{vip}]:80", "rr", Ipv6Bench.Server(1))
        : Bench.Service($"tcp {vip}:80", "rr", Bench.Server(1));

    private static byte[] Query(IpAddress group, int version = 2)
    {
        byte[] body = new byte[version == 1 ? 16 : 20];
        group.Write(body);
        return Message(Icmpv6Header.ListenerQuery, body, "fe80::2");
    }

    private static byte[] Message(byte type, byte[] body, string source) => Ipv6Frames.Extended(
        Ipv6Frames.Icmp(AllNodesMac, Bench.ClientMac, Ip(source), Ip("ff02::1"), type, 0, body, rest: 10_000u << 16, hopLimit: 1),
        IpProtocol.HopByHopOptions, [58, 0, 5, 2, 0, 0, 1, 0]);

    private static bool IsReport(Sent sent) => IsReport(sent, Joins) || IsReport(sent, Leaves);

    private static bool IsReport(Sent sent, int state) => sent.EthernetHeader.EtherType == EtherType.Ipv6
        && sent.Ipv6().NextHeader == IpProtocol.HopByHopOptions && sent.Icmpv6().Payload[0] == state;

    // The groups of which a report of version 2 says that.
    private IpAddress[] Report(Sent sent, int state)
    {
        AssertSound(sent);
        Icmpv6Header message = sent.Icmpv6();
        Assert.Equal((Icmpv6Header.ListenerReportVersion2, RoutersMac), (message.Type, sent.EthernetHeader.Destination));
        Assert.Equal(Ip("ff02::16"), sent.Ipv6().Destination);
        List<IpAddress> groups = [];
        for (Span<byte> record = message.Payload; record.Length != 0; record = record[20..])
        {
            Assert.Equal((uint)state << 24, BinaryPrimitives.ReadUInt32BigEndian(record));
            groups.Add(IpAddress.Read(record[4..20]));
        }
        Assert.Equal(groups.Count, message.Sequence);
        return [.. groups];
    }

    // From the link-local address of our MAC, for neighbours only, with a router alert.
    private void AssertSound(Sent sent)
    {
        Assert.Equal(_bench.Interfaces[sent.Position].AnswerMac, sent.EthernetHeader.Source);
        Assert.Equal((Ip($"fe80::4c:56ff:fe53:{sent.Position:x}01"), 1), (sent.Ipv6().Source, sent.Ipv6().TimeToLive));
        Assert.Equal([58, 0, 5, 2, 0, 0, 1, 0], sent.Ipv6().Packet[40..48].ToArray());
        Assert.Equal(sent.Ethernet.Length, 14 + sent.Ipv6().TotalLength);
    }
}
