using System.Net;
using Director.Dataplane.Control;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// The bench with IPv6 beside IPv4: client fd00:1::2 at c0, which also is the way out (fe80::2), director fd00:1::1 and fd00:2::1,
/// VIP fd00:1::100, servers fd00:2::11.. at r0, gateway fd00:2::254 floating there. Same MACs.
/// </summary>
internal static class Ipv6Bench
{
    public static readonly IpAddress Client = Ip("fd00:1::2");
    public static readonly IpAddress Vip = Ip("fd00:1::100");
    public static readonly IpAddress Gateway = Ip("fd00:2::254");

    /// <summary>Where c0's solicited-node group of the VIP goes.</summary>
    public static readonly MacAddress VipGroupMac = new(0x3333FF000100);

    public static Bench Create(bool virtualMac = true, int clientMtu = 1500, int serverMtu = 1500)
    {
        Bench bench = new(virtualMac);
        bench.Core.Configure(
            new EngineConfiguration
            {
                Interfaces = ["c0", "r0"],
                FloatingAddresses =
                [
                    new FloatingAddress(IPAddress.Parse("10.2.0.254"), 16, "r0"),
                    new FloatingAddress(IPAddress.Parse("fd00:2::254"), 64, "r0"),
                ],
                VirtualMac = virtualMac,
            },
            bench.Interfaces);
        bench.Core.Update(new NetworkView(
            [Interface(2, "c0", clientMtu, "10.1.0.1", "fd00:1::1"), Interface(3, "r0", serverMtu, "10.2.0.1", "fd00:2::1")],
            [],
            [
                new Route(Ip("10.1.0.0"), 16, RouteKind.Unicast, 2),
                new Route(Ip("10.2.0.0"), 16, RouteKind.Unicast, 3),
                new Route(Ip("fd00:1::"), 64, RouteKind.Unicast, 2),
                new Route(Ip("fd00:2::"), 64, RouteKind.Unicast, 3),
                new Route(Ip("fe80::"), 64, RouteKind.Unicast, 2),
                new Route(Ip("::"), 0, RouteKind.Unicast, 2, Gateway: Ip("fe80::2")),
            ],
            [
                new Neighbour(2, Client, Bench.ClientMac, NeighbourState.Reachable),
                new Neighbour(2, Ip("fe80::2"), Bench.ClientMac, NeighbourState.Reachable),
                .. Enumerable.Range(1, 4).Select(i => new Neighbour(3, ServerAddress(i), Bench.ServerMac(i), NeighbourState.Reachable)),
                .. Enumerable.Range(1, 4).Select(i => new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(i)), Bench.ServerMac(i), NeighbourState.Reachable)),
            ]));
        // Everything that owning them has announced, to the last time.
        bench.Tick(5000);
        return bench;
    }

    public static Bench Started(params VirtualService[] services)
    {
        Bench bench = Create();
        bench.Apply(services);
        bench.Tick(5000);
        return bench;
    }

    public static IpAddress ServerAddress(int number) => Ip("fd00:2::10").Plus((uint)number);

    public static RealServer Server(int number, ushort port = 8080, int weight = 1, ForwardingMethod method = ForwardingMethod.Masquerade) =>
        new() { Address = ServerAddress(number).ToIPAddress(), Port = port, Weight = weight, Forwarding = method };

    /// <summary>The packet in a frame that left; whole, and sound.</summary>
    public static Ipv6Header Ipv6(this Sent sent)
    {
        Assert.Equal(EtherType.Ipv6, sent.EthernetHeader.EtherType);
        return Ipv6Header.TryParse(sent.EthernetHeader.Payload, out Ipv6Header header, out DropReason reason)
            ? header
            : throw new InvalidOperationException($"an unsound packet was sent: {reason}");
    }

    public static Icmpv6Header Icmpv6(this Sent sent)
    {
        Ipv6Header packet = sent.Ipv6();
        Assert.Equal(IpProtocol.Icmpv6, packet.Protocol);
        Assert.True(Ipv6Frames.ChecksumIsValid(packet));
        return Icmpv6Header.TryParse(packet.Payload, out Icmpv6Header message, out _) ? message : throw new InvalidOperationException();
    }

    private static NetworkInterface Interface(int index, string name, int mtu, string ipv4, string ipv6) => new(index, name)
    {
        Mtu = mtu,
        Ipv6Mtu = mtu,
        IsUp = true,
        HasCarrier = true,
        Addresses = [new InterfaceAddress(Ip(ipv4), 16), new InterfaceAddress(Ip($"fe80::{index}:1"), 64), new InterfaceAddress(Ip(ipv6), 64)],
    };
}
