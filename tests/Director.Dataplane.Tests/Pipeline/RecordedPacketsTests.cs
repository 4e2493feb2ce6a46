using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// The pipeline against the kernel's IPVS: it gets the frames that the recorded director got and has to send the frames that
/// that one sent, byte for byte, MAC addresses and all. Not compared is the identification of packets of the director's own
/// making (ICMP errors, and tunnels that may be fragmented): every sender counts for itself. Nor is the UDP port that a GUE tunnel comes from,
/// which a kernel draws from a hash of its own.
/// </summary>
public sealed class RecordedPacketsTests
{
    private const ushort GuePort = TunnelBench.GuePort;

    // The ipvsadm commands of the recordings: rr, one server.
    private static readonly VirtualService[] Nat =
    [
        Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 8080)),
        Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 53)),
    ];

    private static readonly VirtualService[] NatQuiesced = [Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 8080, weight: 0))];

    private static readonly VirtualService[] Direct =
    [
        Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port: 80, method: ForwardingMethod.DirectRoute)),
        Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 53, method: ForwardingMethod.DirectRoute)),
        Bench.Service("udp 10.1.0.100:9999", "rr", Bench.Server(1, port: 9999, method: ForwardingMethod.DirectRoute)),
    ];

    public static TheoryData<string> Scenarios => [.. Recording.Names, .. Recording.TunnelNames];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Sends_what_the_kernel_sends(string scenario)
    {
        Bench bench = Director(scenario);
        byte[][][] sides = Recording.Of(scenario);
        int[] at = [0, 0];
        int compared = 0;
        while (Next(sides, at) is var (position, frame))
        {
            foreach (Sent sent in bench.Receive(position, frame))
            {
                SkipTheHosts(sides[sent.Position], ref at[sent.Position]);
                Assert.True(at[sent.Position] < sides[sent.Position].Length, $"one more than recorded: {Convert.ToHexString(sent.Ethernet)}");
                byte[] expected = sides[sent.Position][at[sent.Position]++];
                Assert.Equal(Convert.ToHexString(Comparable(expected)), Convert.ToHexString(Comparable(sent.Ethernet.ToArray())));
                compared++;
            }
        }
        Assert.Equal(sides.Select(side => side.Length), at);
        Assert.NotEqual(0, compared);
    }

    // The next frame that the director gets: its own ones before that have to be sent first.
    private static (int Position, byte[] Frame)? Next(byte[][][] sides, int[] at)
    {
        for (int position = 0; position < sides.Length; position++)
        {
            SkipTheHosts(sides[position], ref at[position]);
            if (at[position] < sides[position].Length && !IsDirectors(sides[position][at[position]]))
                return (position, sides[position][at[position]++]);
        }
        return null;
    }

    // Requests for a server's MAC: the kernel makes them here as there, not the pipeline.
    private static void SkipTheHosts(byte[][] frames, ref int at)
    {
        while (at < frames.Length && IsDirectors(frames[at]) && EthernetHeader.TryParse(frames[at], out EthernetHeader ethernet, out _)
            && ArpPacket.TryParse(ethernet.Payload, out ArpPacket arp, out _) && arp.Operation == ArpPacket.Request)
        {
            at++;
        }
    }

    private static bool IsDirectors(byte[] frame) =>
        EthernetHeader.TryParse(frame, out EthernetHeader ethernet, out _) && (ethernet.Source == Bench.ClientSideMac || ethernet.Source == Bench.ServerSideMac);

    private static byte[] Comparable(byte[] frame)
    {
        const int ip = EthernetHeader.Length;
        if (frame.Length <= ip + 20 || frame[ip] != 0x45)
            return frame;
        bool ownError = frame[ip + 1] == 0xC0 && frame[ip + 9] == IpProtocol.Icmp;
        bool tunnel = frame[ip + 9] is IpProtocol.IpIp or IpProtocol.Gre;
        bool gue = frame[ip + 9] == IpProtocol.Udp && (frame[ip + 22] << 8 | frame[ip + 23]) == GuePort;
        if (ownError || (tunnel && (frame[ip + 6] & 0x40) == 0))
        {
            Assert.Equal(0, Checksum.Compute(frame.AsSpan(ip, Ipv4Header.MinimumLength)));
            Assert.NotEqual(0, frame[ip + 4] << 8 | frame[ip + 5]);
            frame.AsSpan(ip + 4, 2).Clear();
            frame.AsSpan(ip + 10, 2).Clear();
        }
        if (gue)
            ClearSourcePort(frame.AsSpan(ip));
        return frame;
    }

    // With the checksum that covers it, unless there is none.
    private static void ClearSourcePort(Span<byte> packet)
    {
        Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header ip, out _));
        Assert.True(UdpHeader.TryParse(ip.Payload, out UdpHeader udp, out _));
        Assert.InRange(udp.SourcePort, 32768, 60999);
        Assert.True(udp.Checksum == 0 || Frames.TransportChecksumIsValid(ip));
        udp.Checksum = Math.Min(udp.Checksum, (ushort)1);
        udp.SourcePort = 0;
    }

    // tcp_syn_GRE-csum: the method is what follows the protocol.
    private static VirtualService[] Tunnelled(string scenario)
    {
        (TunnelType type, TunnelFlags flags) = scenario.Split('_').First(word => word[0] is 'T' or 'G') switch
        {
            "TUN" => (TunnelType.IpIp, TunnelFlags.None),
            "GRE" => (TunnelType.Gre, TunnelFlags.None),
            "GRE-csum" => (TunnelType.Gre, TunnelFlags.Checksum),
            "GUE" => (TunnelType.Gue, TunnelFlags.None),
            "GUE-csum" => (TunnelType.Gue, TunnelFlags.Checksum),
            "GUE-remcsum" => (TunnelType.Gue, TunnelFlags.RemoteChecksum),
            string method => throw new ArgumentException(method, nameof(scenario)),
        };
        RealServer server = Bench.Server(1, method: ForwardingMethod.Tunnel) with { TunnelType = type, TunnelPort = GuePort, TunnelFlags = flags };
        return
        [
            Bench.Service("tcp 10.1.0.100:80", "rr", server with { Port = 80 }),
            Bench.Service("udp 10.1.0.100:53", "rr", server with { Port = 53 }),
            Bench.Service("udp 10.1.0.100:9999", "rr", server with { Port = 9999 }),
        ];
    }

    private static Bench Director(string scenario)
    {
        Bench bench = new(virtualMac: false, serverMtu: scenario.EndsWith("mtu1400", StringComparison.Ordinal) ? 1400 : 1500, gateway: false);
        bench.Update(new NetworkView(
            bench.Network.Interfaces,
            [],
            [new Route(Bench.Address("10.1.0.0"), 16, RouteKind.Unicast, 2), new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3)],
            [
                new Neighbour(2, IpAddress.FromIpv4(Bench.Ip("10.1.128.5")), Bench.ClientMac, NeighbourState.Reachable),
                new Neighbour(2, IpAddress.FromIpv4(Bench.Ip("10.1.128.6")), Bench.ClientMac, NeighbourState.Reachable),
                new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(1)), Bench.ServerMac(1), NeighbourState.Reachable),
            ]));
        bench.Apply(Recording.TunnelNames.Contains(scenario) ? Tunnelled(scenario) : scenario.Contains("_DR", StringComparison.Ordinal) ? Direct : scenario == "no_rs_available_tcp" ? NatQuiesced : Nat);
        // The recordings of ICMP errors begin after their connection did.
        if (scenario.StartsWith("icmp_", StringComparison.Ordinal))
        {
            byte[] syn = Frames.Tcp(
                Bench.ClientSideMac, Bench.ClientMac, Bench.Ip("10.1.128.5"), 42001, Bench.Vip, 80, TcpFlags.Syn);
            Assert.Single(bench.Receive(Bench.Client, syn));
        }
        return bench;
    }
}
