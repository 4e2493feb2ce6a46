using System.Buffers.Binary;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

public sealed class MulticastListenerReportTests
{
    [Theory]
    [InlineData("listener-report-joins", "::", ListenerState.Joins, "ff02::1:ff00:2 ff02::1:ff00:a")]
    [InlineData("listener-report-leaves", "fe80::ff:fe00:a", ListenerState.Leaves, "ff02::1:ff00:2")]
    public void Written_as_the_kernel_writes_it(string recording, string source, ListenerState state, string groups)
    {
        IpAddress[] all = [.. groups.Split(' ').Select(Address)];
        byte[] buffer = Filled(MulticastListenerReport.Length(all.Length) + 2);
        MulticastListenerReport.Write(buffer, Address(source), state, all);
        Assert.Equal([.. Recorded(recording), 0xA5, 0xA5], buffer);
    }

    [Fact]
    public void Version_1_is_written_as_the_kernel_writes_it()
    {
        byte[] buffer = Filled(MulticastListenerReport.Version1Length + 2);
        MulticastListenerReport.WriteVersion1(
            buffer, Address("fe80::ff:fe00:c"), ListenerState.Listens, Address("ff02::1:ff00:c"));
        Assert.Equal([.. Recorded("listener-report-version-1"), 0xA5, 0xA5], buffer);
    }

    [Fact]
    public void Version_1_leaves_with_a_message_to_all_routers()
    {
        byte[] buffer = Filled(MulticastListenerReport.Version1Length);
        MulticastListenerReport.WriteVersion1(buffer, Address("fe80::1"), ListenerState.Leaves, Address("ff02::1:ff00:c"));
        byte[] group = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0, 0, 0x0C];
        byte[] done = Icmp(132, 0, [0, 0, 0, 0, .. group], "fe80::1", "ff02::2");
        Assert.Equal(Packet(0, [58, 0, 5, 2, 0, 0, 1, 0, .. done], 1, "fe80::1", "ff02::2"), buffer);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(MulticastListenerReport.MostGroups)]
    public void One_record_a_group(int count)
    {
        IpAddress[] groups = [.. Enumerable.Range(0, count).Select(i => Ipv6Multicast.SolicitedNode(new IpAddress(0, (ulong)i)))];
        byte[] buffer = Filled(MulticastListenerReport.Length(count));
        MulticastListenerReport.Write(buffer, Address("fe80::1"), ListenerState.Listens, groups);
        Assert.InRange(buffer.Length, 56, 1280);
        Assert.True(Ipv6Header.TryParse(buffer, out Ipv6Header packet, out _));
        Assert.Equal((buffer.Length, 1), (packet.TotalLength, packet.TimeToLive));
        Assert.True(RouterAlert.IsIn(packet));
        Assert.True(Icmpv6Header.TryParse(packet.Payload, out Icmpv6Header message, out _));
        Assert.True(message.IsMulticastListener && message.ChecksumIsValid(packet.Source, packet.Destination));
        Assert.Equal(count, BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[6..]));
        for (int i = 0; i < count; i++)
        {
            Span<byte> record = message.Payload.Slice(i * 20, 20);
            Assert.Equal([2, 0, 0, 0], record[..4].ToArray());
            Assert.Equal(groups[i], IpAddress.Read(record[4..]));
        }
        Assert.Equal(count * 20, message.Payload.Length);
    }

    [Fact]
    public void One_group_more_would_not_fit_the_smallest_mtu() =>
        Assert.InRange(MulticastListenerReport.Length(MulticastListenerReport.MostGroups + 1), 1281, 1300);

    private static byte[] Filled(int length)
    {
        byte[] buffer = new byte[length];
        buffer.AsSpan().Fill(0xA5);
        return buffer;
    }
}
