using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Nothing is allocated for an IPv6 packet, whatever comes of it.</summary>
public sealed class Ipv6AllocationTests
{
    private static readonly MacAddress ClientSide = MacAddress.Virtual(0, 1);
    private static readonly MacAddress ServerSide = MacAddress.Virtual(1, 1);

    public static TheoryData<string, int, byte[][]> Packets => new()
    {
        { "to a server", Bench.Client, [FromClient(54)] },
        { "to the client", Bench.ServerSide, [Ipv6Frames.Udp(ServerSide, Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), 53, Ipv6Bench.Client, 40000)] },
        { "fragments", Bench.Client, Ipv6Frames.Fragments(FromClient(54, length: 3000), 1448) },
        { "nobody's", Bench.Client, [FromClient(99)] },
        { "echo", Bench.Client, [Ipv6Frames.Icmp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.Echo, 0, new byte[56])] },
        { "an error", Bench.Client, [Ipv6Frames.Icmp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.PacketTooBig, 0,
            Ipv6Frames.Udp(default, default, Ipv6Bench.Vip, 54, Ipv6Bench.Client, 40000).AsSpan(14), rest: 1300)] },
        { "routed", Bench.ServerSide, [Ipv6Frames.Udp(ServerSide, Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), 1, Ip("2001:db8::1"), 2)] },
        { "a solicitation", Bench.Client, [Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, Ipv6Bench.Client,
            Ip("ff02::1:ff00:100"), 135, 0, [0xFD, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], hopLimit: 255)] },
        { "a probe", Bench.Client, [Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, Bench.ClientMac, default,
            Ip("ff02::1:ff00:100"), 135, 0, [0xFD, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], hopLimit: 255)] },
        { "a listener query", Bench.Client, [Ipv6Frames.Extended(Ipv6Frames.Icmp(new MacAddress(0x333300000001), Bench.ClientMac, Ip("fe80::2"),
            Ip("ff02::1"), 130, 0, new byte[20], hopLimit: 1), 0, [58, 0, 5, 2, 0, 0, 1, 0])] },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public void Nothing_is_allocated(string name, int position, byte[][] frames)
    {
        Bench bench = Ipv6Bench.Started(Bench.Service("udp [fd00:1::100]:54", "rr", Ipv6Bench.Server(1, port: 53)));
        bench.Receive(Bench.Client, FromClient(54));
        byte[][] originals = [.. frames.Select(frame => (byte[])[.. new byte[VirtioNetHeader.Length], .. frame])];
        byte[][] wires = [.. originals.Select(frame => frame.ToArray())];
        Discard discard = new();
        bench.SendTo(discard);
        long now = bench.Now;
        long allocated = Allocations.Of(() =>
        {
            for (int round = 0; round < 1000; round++)
            {
                // Seconds apart, so that no rate limit keeps any from its answer.
                bench.Core.BeginBatch(now += 1000);
                for (int i = 0; i < wires.Length; i++)
                {
                    originals[i].CopyTo(wires[i], 0);
                    bench.Core.Process(new Frame(wires[i], bench.Interfaces[position]));
                }
            }
        });
        Assert.True(allocated == 0, $"{name}: {allocated} bytes");
        Assert.True(discard.Frames >= 1000, name);
    }

    private static byte[] FromClient(ushort port, int length = 10) =>
        Ipv6Frames.Udp(ClientSide, Bench.ClientMac, Ipv6Bench.Client, 40000, Ipv6Bench.Vip, port, length);
}
